"""A regression counts when one rerun in fresh processes finds it again."""

from lablib import gate_confirm
from lablib.gate_testing import values, write, run, rows_of, fresh, SLOWER


def test_a_regression_that_a_rerun_confirms_is_one(tmp_path):
    runner = fresh(SLOWER)
    assert run(write(tmp_path / "r", SLOWER, "time"), runner=runner) == 1
    assert len(runner.commands) == 1


def test_a_regression_that_a_rerun_does_not_find_is_inconclusive(tmp_path):
    result, runner = write(tmp_path / "r", SLOWER, "time"), fresh(values())
    code, rows = rows_of(result, tmp_path=tmp_path, runner=runner)
    assert code == 0 and len(runner.commands) == 1
    assert {row["reason"] for row in rows} == {"not_confirmed"}
    assert run(result, "--fail-on", "inconclusive", runner=fresh(values())) == 4


def test_a_rerun_that_fails_never_turns_green(tmp_path):
    result = write(tmp_path / "r", SLOWER, "time")
    assert run(result, runner=fresh(SLOWER, code=1)) == 3
    assert run(result, "--lab", "/no/such/lab") == 3


def test_nothing_is_run_again_when_nothing_looks_worse(tmp_path):
    runner = fresh(SLOWER)
    assert run(write(tmp_path / "r", measure="time"), runner=runner) == 0
    assert runner.commands == []


def test_the_rerun_is_the_same_plan_in_a_new_folder_with_a_new_seed(tmp_path):
    manifest = {"command_line": ["alloclab", "run", "churn", "--arm", "base=glibc", "--seed", "4",
                                 "--out=old", "--runs", "6", "--quiet"], "seed": 4}
    result = write(tmp_path / "r", blocks=20, manifest=manifest)
    from lablib import record
    command = gate_confirm.command_of(record.load(result), "new", "lab")
    assert command == ["lab", "run", "churn", "--arm", "base=glibc", "--runs", "20", "--out", "new",
                       "--seed", "5", "--quiet"]


def test_instructions_are_counted_again_by_their_own_script(tmp_path):
    manifest = {"command_line": ["/elsewhere/instructions.py", "--arm", "base=glibc", "--out", "x"]}
    from lablib import record
    command = gate_confirm.command_of(record.load(write(tmp_path / "r", manifest=manifest)), "new", "lab")
    assert command[1:] == [str(gate_confirm._INSTRUCTIONS), "--arm", "base=glibc", "--runs", "20",
                           "--out", "new"]
