"""What the gate refuses to judge: exit 2."""

import pytest

from lablib import gate_thresholds
from lablib.gate_testing import FAULTS, LEVELS, write, run


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
