"""The committed fixtures are what the generator writes, and validate as their names say."""

import filecmp

import pytest

from lablib import fixtures
from lablib.errors import BadInput
from lablib.record import load
from validate import problems_of

GOOD = ["whole", "failed_runs", "skipped_allocator", "interrupted", "torn_last_line", "superseded"]
BAD = {"torn_in_the_middle": "runs.jsonl:3: corrupt line", "nan": "NaN is not JSON",
       "other_version": "schema_version is 2", "missing_arm": "(arm jemalloc) has no run",
       "no_runs": "has no run in any block", "text_for_a_number": "'1200' is not of type",
       "null_without_reason": "null without a reason"}


def test_the_committed_fixtures_are_up_to_date(tmp_path):
    fixtures.write_all(tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == sorted([*GOOD, *BAD])
    for name in names:
        same, different, errors = filecmp.cmpfiles(
            tmp_path / name, fixtures.FOLDER / name, ["manifest.json", "runs.jsonl"], shallow=False)
        assert not different and not errors, f"{name}: run python3 -m lablib.fixtures in scripts/"


@pytest.mark.parametrize("name", GOOD)
def test_a_good_fixture_is_valid_and_loads(name):
    assert problems_of(fixtures.FOLDER / name) == []
    assert len(load(fixtures.FOLDER / name).runs)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_fixture_is_refused_with_its_cause(name):
    try:
        found = "\n".join(problems_of(fixtures.FOLDER / name))
    except BadInput as error:
        found = str(error)
    assert BAD[name] in found
