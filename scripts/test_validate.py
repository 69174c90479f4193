"""Every way in which a result can be wrong is named by file, line, JSON path and cause."""

import json
import pathlib
import subprocess
import sys

import pytest

from lablib import testing
from lablib.schema import SCHEMA_FOLDER

SCRIPT = pathlib.Path(__file__).parent / "validate.py"


def validate(*folders):
    done = subprocess.run([sys.executable, SCRIPT, *folders], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_schemas_are_valid_schemas():
    import jsonschema
    for path in SCHEMA_FOLDER.glob("*.json"):
        jsonschema.Draft202012Validator.check_schema(json.loads(path.read_text()))


def test_a_whole_result_is_valid(tmp_path):
    assert validate(testing.write(tmp_path)) == (0, f"{tmp_path}: valid\n")


def broken(tmp_path, edit):
    def change(row):
        if row["run"] == "r000001":
            edit(row)
        return row

    return validate(testing.write(tmp_path, change=change))


@pytest.mark.parametrize("edit, path, cause", [
    (lambda row: row.pop("seed"), "$", "'seed' is a required property"),
    (lambda row: row.update(colour="red"), "$", "'colour' was unexpected"),
    (lambda row: row.update(status="fine"), "$.status", "'fine' is not one of"),
    (lambda row: row.update(block="1"), "$.block", "'1' is not of type 'integer'"),
    (lambda row: row.update(status="failed"), "$.reason", "None is not of type 'string'"),
    (lambda row: row["params"].update(touched_pages=23), "$.params.touched_pages", "23 is not of"),
    (lambda row: row["phases"][1]["metrics"].update(wall_ns="7"), "$.phases[1].metrics.wall_ns",
     "'7' is not of type"),
    (lambda row: row["phases"][1]["metrics"].update(wall_ns=None), "$.phases[1].metrics.wall_ns",
     "null without a reason"),
    (lambda row: row["phases"][0]["metrics"].update(x_count=1), "$.phases[0].metrics.x_count",
     "not in the metric registry"),
    (lambda row: row["phases"][0].update(name="boil"), "$.phases[0].name", "boil is not a phase"),
    (lambda row: row.update(case="c99"), "$.case", "c99 is not in the plan"),
    (lambda row: row.update(arm="other"), "$.arm", "'other', but the plan's case"),
    (lambda row: row.update(allocator="nope"), "$.allocator", "nope is not in the manifest"),
    (lambda row: row.update(environment="e7"), "$.environment", "e7 is not in the manifest"),
    (lambda row: row.update(run="r000000"), "$.run", "r000000 is already in line 1"),
])
def test_a_bad_row_is_named_by_line_path_and_cause(tmp_path, edit, path, cause):
    code, output = broken(tmp_path, edit)
    assert code == 2
    assert f"{tmp_path}/runs.jsonl:2: {path}: " in output and cause in output


def test_a_bad_manifest_is_named_by_path(tmp_path):
    code, output = validate(testing.write(tmp_path, manifest={"outcome": "done"}))
    assert code == 2 and f"{tmp_path}/manifest.json: $.outcome: 'done' is not one of" in output


def test_a_bad_environment_is_named_by_path(tmp_path):
    code, output = validate(testing.write(tmp_path, manifest={"environments": {"e0": {}}}))
    assert code == 2 and "$.environments.e0: 'kernel' is a required property" in output


def test_a_complete_result_misses_no_arm(tmp_path):
    def lose(row):
        return None if row["arm"] == "jemalloc" and row["block"] == 2 else row

    code, output = validate(testing.write(tmp_path, change=lose))
    assert code == 2 and "(arm jemalloc) has no run in block 2" in output


def test_an_interrupted_result_may_miss_an_arm(tmp_path):
    folder = testing.write(tmp_path, manifest={"outcome": "interrupted"},
                           change=lambda row: None if row["arm"] == "jemalloc" else row)
    assert validate(folder)[0] == 0


def test_a_mark_must_supersede_a_known_run(tmp_path):
    folder = testing.write(tmp_path)
    with open(folder / "runs.jsonl", "a") as journal:
        journal.write(json.dumps({"run": "r9", "status": "superseded", "by": "resume"}) + "\n")
    code, output = validate(folder)
    assert code == 2 and "supersedes r9, which is not in the journal" in output


def test_one_bad_result_among_good_ones_is_told_apart(tmp_path):
    good = testing.write(tmp_path / "good")
    code, output = validate(good, tmp_path / "absent")
    assert code == 2 and f"{good}: valid" in output and "absent: no such folder" in output
