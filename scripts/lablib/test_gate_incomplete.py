"""What is missing, failed or no measurement is never green: exit 3."""

import pytest

from lablib import testing
from lablib.gate_testing import RESIDENT, FAULTS, MMAPS, WALL, LEVELS, SPREAD, values, on, write, run, rows_of, spoil


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
