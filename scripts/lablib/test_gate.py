"""Every verdict and every exit code of the gate, on synthetic results."""

import json
import math
import random
import types

import pytest

import gate
from lablib import gate_confirm, gate_run, gate_thresholds, testing
from lablib.errors import BadInput

ARMS = {"base": "glibc", "candidate": "glibc"}
POINT = [{"block_bytes": "1MiB", "touched_pages": "23", "touch": "write"}]
RESIDENT, FAULTS, MMAPS, WALL = ("rss_anon_bytes", "minor_faults_count", "mmap_calls_count",
                                 "wall_ns")
LEVELS = {RESIDENT: 40 << 20, FAULTS: 5000, MMAPS: 1000, WALL: 50_000_000}
SPREAD = {WALL: 0.02}


def values(change=lambda at, value: value):
    """Plausible numbers; `change` may alter the candidate's."""
    def value(at):
        level = LEVELS[at.metric]
        level = int(level * math.exp(at.rng.gauss(0, SPREAD.get(at.metric, 0))))
        return change(at, level) if at.arm == "candidate" else level
    return value


def on(metric, change):
    """A change of one metric only."""
    return values(lambda at, value: change(value) if at.metric == metric else value)


def write(folder, value=values(), measure="counts", blocks=20, **more):
    return testing.write(folder, allocators=("glibc",), **{
        "arms": ARMS, "points": POINT, "blocks": blocks, "measure": measure, "value": value, **more})


def run(*arguments, runner=None):
    """Returns the exit code, as a shell would see it."""
    try:
        options = gate.parse([str(each) for each in arguments] + ["--noise", "/nowhere"])
        return gate_run.gate(options, runner) if runner else gate_run.gate(options)
    except BadInput as error:
        run.message = str(error)
        return 2


def rows_of(*arguments, tmp_path, runner=None):
    code = run(*arguments, "--json", tmp_path / "rows.json", runner=runner)
    return code, json.loads((tmp_path / "rows.json").read_text())["rows"]


# Exit 0 and 1 --------------------------------------------------------------------------------------

@pytest.mark.parametrize("measure", ["counts", "time"])
def test_the_same_on_both_sides_passes(tmp_path, measure):
    assert run(write(tmp_path / "r", measure=measure)) == 0


@pytest.mark.parametrize("metric, change, measure", [
    (WALL, lambda value: int(value * 1.08), "time"),
    (RESIDENT, lambda value: value + (2 << 20), "counts"),
    (FAULTS, lambda value: value + 64, "counts"),
    (MMAPS, lambda value: value + 10, "counts")])
def test_an_injected_change_is_found_on_its_own_metric_and_on_no_other(tmp_path, metric, change, measure):
    result = write(tmp_path / "r", on(metric, change), measure)
    code, rows = rows_of(result, "--no-confirm", tmp_path=tmp_path)
    assert code == 1
    assert {row["metric"] for row in rows if row["verdict"] == "worse"} == {metric}


def test_an_improvement_passes(tmp_path):
    code, rows = rows_of(write(tmp_path / "r", on(MMAPS, lambda value: value // 2)), tmp_path=tmp_path)
    assert code == 0
    assert "better" in {row["verdict"] for row in rows if row["metric"] == MMAPS}


def test_less_than_the_floor_passes_however_certain(tmp_path):
    assert run(write(tmp_path / "r", on(FAULTS, lambda value: value + 12)), "--machine", "quiet") == 0


# The confirming rerun ------------------------------------------------------------------------------

def fresh(value, measure="time", code=0):
    """A runner that writes a result where the command says, and counts its calls."""
    def runner(command, **_):
        runner.commands.append(command)
        if code == 0:
            write(command[command.index("--out") + 1], value, measure)
        return types.SimpleNamespace(returncode=code)
    runner.commands = []
    return runner


SLOWER = on(WALL, lambda value: int(value * 1.1))


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


# Exit 2 --------------------------------------------------------------------------------------------

def test_no_folder_or_three_are_a_usage_error(tmp_path):
    assert run() == 2
    assert run(tmp_path, tmp_path, tmp_path) == 2
    assert run("--baseline", tmp_path) == 2


def test_an_empty_folder_is_bad_input(tmp_path):
    assert run(tmp_path) == 2 and "manifest.json" in run.message


def test_another_schema_is_bad_input(tmp_path):
    result = write(tmp_path / "r", manifest={"schema_version": 2})
    assert run(result) == 2 and "schema_version" in run.message


def test_a_result_without_the_arms_is_bad_input(tmp_path):
    result = write(tmp_path / "r", arms={"base": "glibc", "other": "glibc"})
    assert run(result) == 2 and "candidate" in run.message
    assert run(result, "--arms", "base", "other") == 0


def test_nan_smuggled_into_the_journal_is_bad_input(tmp_path):
    result = write(tmp_path / "r")
    journal = result / "runs.jsonl"
    journal.write_text(journal.read_text().replace(str(LEVELS[FAULTS]), "NaN", 1))
    assert run(result) == 2 and "NaN" in run.message


def test_a_gate_that_could_never_fail_is_refused(tmp_path):
    assert run(write(tmp_path / "r", measure="time", blocks=5)) == 2
    assert "could never fail" in run.message and "--blocks" in run.message


def test_one_sample_is_refused(tmp_path):
    assert run(write(tmp_path / "t", measure="time", blocks=1)) == 2
    assert run(write(tmp_path / "c", blocks=1), "--deterministic") == 2


@pytest.mark.parametrize("text, message", [
    ("schema = 9", "schema"), ("schema = [", "not TOML"),
    ('schema = 1\nalpha = 2\nruns_max = 1\n[machines]\n[groups]', "alpha")])
def test_bad_thresholds_are_named(tmp_path, text, message):
    (tmp_path / "t.toml").write_text(text)
    assert run(write(tmp_path / "r"), "--thresholds", tmp_path / "t.toml") == 2
    assert message in run.message


def test_a_mistyped_entry_of_the_thresholds_is_named_with_the_nearest_one(tmp_path):
    text = gate_thresholds.DEFAULT_PATH.read_text().replace("margin = 0.03", "margn = 0.03", 1)
    (tmp_path / "t.toml").write_text(text)
    assert run(write(tmp_path / "r"), "--thresholds", tmp_path / "t.toml") == 2
    assert "margn" in run.message and "did you mean margin" in run.message


# Exit 3 --------------------------------------------------------------------------------------------

def spoil(status="failed", arm="candidate", block=7):
    def change(row):
        if row["arm"] == arm and row["block"] == block:
            row |= {"status": status, "reason": "killed", "signal": "SIGSEGV", "phases": []}
        return row
    return change


@pytest.mark.parametrize("status", ["failed", "timeout", "oom_killed", "invalid"])
@pytest.mark.parametrize("arm", ["base", "candidate"])
def test_one_run_that_did_not_end_well_is_never_green(tmp_path, status, arm):
    code, rows = rows_of(write(tmp_path / "r", change=spoil(status, arm)), tmp_path=tmp_path)
    assert code == 3
    assert {row["reason"] for row in rows} == {"failed_runs:1/20"}


def test_a_side_of_which_every_run_failed_is_named(tmp_path):
    def change(row):
        return spoil(block=row["block"])(row)
    code, rows = rows_of(write(tmp_path / "r", change=change), tmp_path=tmp_path)
    assert code == 3 and {row["verdict"] for row in rows} == {"failed"}


def test_a_skipped_side_is_missing(tmp_path):
    def change(row):
        if row["arm"] == "candidate":
            row |= {"status": "skipped", "reason": "not installed", "phases": []}
        return row
    code, rows = rows_of(write(tmp_path / "r", change=change), tmp_path=tmp_path)
    assert code == 3 and {row["verdict"] for row in rows} == {"missing"}


def test_runs_that_are_not_there_are_missing(tmp_path):
    def change(row):
        return None if row["arm"] == "candidate" and row["block"] > 15 else row
    code, rows = rows_of(write(tmp_path / "r", change=change), tmp_path=tmp_path)
    assert code == 3 and {row["reason"] for row in rows} == {"fewer_runs"}


def test_a_torn_journal_is_incomplete(tmp_path):
    result = write(tmp_path / "r")
    text = (result / "runs.jsonl").read_bytes()
    (result / "runs.jsonl").write_bytes(text[: -len(text) // 50])
    assert run(result) == 3


def test_a_metric_that_is_null_everywhere_is_missing_unless_declared(tmp_path):
    result = write(tmp_path / "r", values(lambda at, value: value))
    result = write(tmp_path / "n", lambda at: None if at.metric == MMAPS else LEVELS[at.metric])
    code, rows = rows_of(result, tmp_path=tmp_path)
    assert code == 3 and {row["metric"] for row in rows if row["verdict"] == "missing"} == {MMAPS}
    assert run(result, "--without", MMAPS) == 0
    assert run(result, "--without", "nonsense") == 2


def test_a_metric_that_is_null_on_one_side_is_missing(tmp_path):
    code, rows = rows_of(write(tmp_path / "r", on(FAULTS, lambda value: None)), tmp_path=tmp_path)
    assert code == 3
    assert {row["verdict"] for row in rows if row["metric"] == FAULTS} == {"missing"}


@pytest.mark.parametrize("metric, measure", [(RESIDENT, "counts"), (FAULTS, "counts"), (WALL, "time")])
def test_a_counter_that_collapsed_to_zero_is_not_an_improvement(tmp_path, metric, measure):
    def drop(row):
        if row["arm"] == "candidate":
            row["at_start"] = {name: 0 for name in row["at_start"]}
        return row
    result = write(tmp_path / "r", on(metric, lambda value: 0), measure, change=drop)
    code, rows = rows_of(result, tmp_path=tmp_path)
    assert code == 3
    assert {row["reason"] for row in rows if row["metric"] == metric} == {"collapsed"}


def test_a_call_that_is_made_no_more_is_an_improvement_while_other_calls_are_counted(tmp_path):
    munmaps = {"munmap_calls_count": testing.METRICS[MMAPS]}
    level = values()
    result = write(tmp_path / "r", lambda at: level(at) if at.metric in LEVELS else 7 * (at.arm == "base"),
                   metrics={**testing.METRICS, **munmaps})
    code, rows = rows_of(result, "--deterministic", tmp_path=tmp_path)
    assert code == 0
    assert {row["verdict"] for row in rows if row["metric"] == "munmap_calls_count"} == {"better"}


def test_a_counter_that_is_zero_in_one_phase_and_alive_in_another_is_an_improvement(tmp_path):
    def change(at, value):
        return 0 if at.metric == MMAPS and at.phase == "free" else value
    code, rows = rows_of(write(tmp_path / "r", values(change)), tmp_path=tmp_path)
    assert code == 0
    assert {row["verdict"] for row in rows if row["metric"] == MMAPS and row["phase"] == "free"} == {"better"}


def test_a_time_that_never_varies_is_no_measurement(tmp_path):
    code, rows = rows_of(write(tmp_path / "r", on(WALL, lambda value: 50_000_000), "time"), tmp_path=tmp_path)
    assert code == 3 and {row["reason"] for row in rows} == {"constant"}


def test_a_machine_that_is_too_noisy_does_not_gate(tmp_path, monkeypatch):
    monkeypatch.setitem(SPREAD, WALL, 0.3)
    assert run(write(tmp_path / "r", measure="time")) == 3


def test_arms_that_did_different_work_are_not_compared(tmp_path):
    checksum = {"unit": "token", "kind": "observed", "better": "none", "deterministic": True,
                "blocking": "counts", "source": "child requested()", "meaning": "checksum"}
    def value(at):
        if at.metric == "request_checksum":
            return 7 if at.arm == "base" else 8
        return LEVELS[at.metric]
    result = write(tmp_path / "r", value, metrics={**testing.METRICS, "request_checksum": checksum})
    code, rows = rows_of(result, tmp_path=tmp_path)
    assert code == 3 and "different_work" in {row["reason"] for row in rows}


# Exit 4 and 5, and what wins -----------------------------------------------------------------------

def test_inconclusive_fails_only_when_asked_to(tmp_path, monkeypatch):
    monkeypatch.setitem(SPREAD, WALL, 0.045)
    result = write(tmp_path / "r", measure="time")
    code, rows = rows_of(result, "--machine", "quiet", tmp_path=tmp_path)
    assert code == 0 and "inconclusive" in {row["verdict"] for row in rows}
    assert run(result, "--machine", "quiet", "--fail-on", "inconclusive") == 4


def two(tmp_path, key, fact, **more):
    base = write(tmp_path / "base", arms={"glibc": "glibc"}, **more)
    other = {"environments": {"e0": {**testing.ENVIRONMENT, key: fact}}}
    return base, write(tmp_path / "new", arms={"glibc": "glibc"}, manifest=other, **more)


def test_another_libc_is_an_environment_mismatch_named_by_its_key(tmp_path):
    code, rows = rows_of(*two(tmp_path, "libc", "glibc 2.41"), tmp_path=tmp_path)
    assert code == 5 and {row["reason"] for row in rows} == {"environment:libc"}
    assert "glibc 2.36 against glibc 2.41" in rows[0]["detail"]
    assert run(*two(tmp_path, "libc", "glibc 2.41"), "--exempt", "libc") == 0


def test_all_rows_of_one_mismatch_are_told_in_one_line(tmp_path, capsys):
    run(*two(tmp_path, "libc", "glibc 2.41"), "--markdown", tmp_path / "summary.md")
    shown, summary = capsys.readouterr().out, (tmp_path / "summary.md").read_text()
    for text in (shown, summary):
        assert text.count("libc: glibc 2.36 against glibc 2.41") == 1
    assert "not comparable in" in shown


def test_a_key_that_is_required_to_agree_is_a_mismatch_too(tmp_path):
    results = two(tmp_path, "compiler", "GNU 14.2.0")
    assert run(*results) == 0
    code, rows = rows_of(*results, "--require", "compiler", tmp_path=tmp_path)
    assert code == 5 and all("compiler" in row["detail"] for row in rows)


def test_another_cpu_forbids_comparing_times_but_not_counts(tmp_path):
    assert run(*two(tmp_path, "cpu_model", "another")) == 0
    assert run(*two(tmp_path, "cpu_model", "another", measure="time")) == 5


def test_a_regression_wins_over_a_failure_and_a_mismatch(tmp_path):
    points = [{**POINT[0], "touched_pages": pages} for pages in ("1", "23")]
    def worse_and_failing(row):
        return spoil()(row) if row["params"]["touched_pages"] == "1" else row
    result = write(tmp_path / "r", on(MMAPS, lambda value: value + 10), points=points,
                   change=worse_and_failing)
    assert run(result, "--no-confirm") == 1


# Baselines -----------------------------------------------------------------------------------------

def test_a_stored_baseline_is_labelled_and_compared_without_pairs(tmp_path, capsys):
    assert run(*two(tmp_path, "note", "x", value=values(), measure="time")) == 0
    assert "not the same session" in capsys.readouterr().out


def test_what_the_baseline_does_not_have_yet_is_told_and_what_the_candidate_lost_is_missing(tmp_path):
    more = [{**POINT[0], "touched_pages": pages} for pages in ("1", "23")]
    small = write(tmp_path / "small", arms={"glibc": "glibc"})
    large = write(tmp_path / "large", arms={"glibc": "glibc"}, points=more)
    code, rows = rows_of(small, large, tmp_path=tmp_path)
    assert code == 0 and "new" in {row["reason"] for row in rows}
    code, rows = rows_of(large, small, tmp_path=tmp_path)
    assert code == 3 and "no_run" in {row["reason"] for row in rows}


# Deterministic -------------------------------------------------------------------------------------

def test_three_equal_runs_are_enough_for_the_deterministic_gate(tmp_path):
    assert run(write(tmp_path / "r", blocks=3), "--deterministic") == 0


@pytest.mark.parametrize("change, code", [(lambda value: value + 1, 1), (lambda value: value - 1, 0)])
def test_one_more_mmap_in_a_thousand_is_a_regression(tmp_path, change, code):
    result = write(tmp_path / "r", on(MMAPS, change), blocks=3)
    assert run(result, "--deterministic", "--no-confirm") == code


def test_one_percent_more_instructions_are_a_regression_and_a_jitter_is_none(tmp_path):
    metric = {**testing.METRICS, "callgrind_instructions_count": {
        **testing.METRICS[FAULTS], "source": "callgrind"}}
    def instructions(factor):
        return lambda at: (int(28_527_682 * (factor if at.arm == "candidate" else 1)) + at.block % 2 * 14
                           if at.metric.startswith("callgrind") else LEVELS[at.metric])
    for factor, code in ((1.01, 1), (1.004, 0), (1.0, 0), (0.98, 0)):
        result = write(tmp_path / f"r{factor}", instructions(factor), blocks=3, metrics=metric)
        assert run(result, "--deterministic", "--no-confirm") == code


def test_a_counter_that_varies_gives_no_false_alarm_in_100_comparisons_with_itself(tmp_path):
    rng, reasons = random.Random(1), set()

    def jitter(at):
        extra = at.metric == FAULTS and at.phase == "touch" and rng.randrange(8) == 0
        return LEVELS[at.metric] + extra

    for number in range(100):
        result = write(tmp_path / f"r{number}", jitter, blocks=3)
        code, rows = rows_of(result, "--deterministic", tmp_path=tmp_path,
                             runner=fresh(jitter, "counts"))
        assert code == 0
        reasons |= {row["reason"] for row in rows}
    assert "not_deterministic" in reasons


def test_equal_seeds_are_compared_block_by_block_across_results(tmp_path):
    def by_block(more):
        return lambda at: LEVELS[at.metric] + 100 * at.block + (more if at.metric == MMAPS else 0)
    base = write(tmp_path / "a", by_block(0), blocks=3, arms={"glibc": "glibc"})
    same = write(tmp_path / "b", by_block(0), blocks=3, arms={"glibc": "glibc"})
    more = write(tmp_path / "c", by_block(1), blocks=3, arms={"glibc": "glibc"})
    assert run(base, same, "--deterministic", "--no-confirm") == 0
    assert run(base, more, "--deterministic", "--no-confirm") == 1


# The summary ---------------------------------------------------------------------------------------

def test_the_markdown_summary_fits_a_pull_request_comment(tmp_path):
    points = [{**POINT[0], "touched_pages": str(pages)} for pages in range(300)]
    more = values(lambda at, value: value + int(at.params["touched_pages"]) * (at.metric == MMAPS))
    result = write(tmp_path / "r", more, blocks=3, points=points)
    assert run(result, "--deterministic", "--no-confirm", "--markdown", tmp_path / "s.md") == 1
    text = (tmp_path / "s.md").read_text()
    assert 20_000 < len(text.encode()) < 60_000
    assert "more rows" in text and text.count("<details>") == text.count("</details>") >= 1
    assert text.splitlines()[0] == "## ❌ Allocator gate: regression"


def test_names_from_outside_cannot_break_the_table(tmp_path):
    point = [{**POINT[0], "touch": "a|b<script>@user`x"}]
    result = write(tmp_path / "r", on(MMAPS, lambda value: value + 9), blocks=3, points=point)
    run(result, "--deterministic", "--no-confirm", "--markdown", tmp_path / "s.md")
    text = (tmp_path / "s.md").read_text()
    assert "<script>" not in text and "@user" not in text
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in table} == {9}


@pytest.mark.parametrize("threads, code", [(1, 1), (4, 0)])
def test_counts_of_several_threads_need_not_be_exact(tmp_path, threads, code):
    alive = {"unit": "count", "kind": "gauge", "better": "none", "deterministic": True,
             "blocking": "counts", "source": "status Threads", "meaning": "threads alive"}

    def value(at):
        if at.metric == "threads_count":
            return threads
        return LEVELS[at.metric] + 5 * (at.metric == MMAPS and at.arm == "candidate")

    result = write(tmp_path / "r", value, blocks=3, metrics={**testing.METRICS, "threads_count": alive})
    assert run(result, "--deterministic", "--no-confirm") == code
