"""Whatever a killed writer leaves of a journal: whole rows stay, a torn last line goes, no number changes."""

import json

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

import compare
from lablib import compare_run, journal, record, testing
from lablib.errors import BadInput

SETTINGS = settings(deadline=None, max_examples=60,
                    suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = testing.write(tmp_path_factory.mktemp("journal") / "r", blocks=3)
    return folder, (folder / "runs.jsonl").read_bytes()


def rows_of(text):
    return [json.loads(line) for line in text.splitlines()]


def read(folder, text):
    """Returns (rows, warnings) of a journal with these bytes."""
    warnings = []
    path = folder / "runs.jsonl"
    path.write_bytes(text)
    return [row for _, row in journal.read_rows(path, warnings.append)], warnings


@given(data=st.data())
@SETTINGS
def test_a_journal_cut_anywhere_keeps_exactly_its_whole_rows(whole, data):
    folder, text = whole
    cut = data.draw(st.integers(0, len(text)))
    rows, warnings = read(folder, text[:cut])
    complete = text[:cut].count(b"\n")
    at_row_end = cut > 0 and text[cut: cut + 1] == b"\n"  # only the newline is missing
    assert rows == rows_of(text)[: complete + at_row_end]
    torn = cut > 0 and text[cut - 1: cut] != b"\n" and not at_row_end
    assert len(warnings) == torn


@given(data=st.data())
@SETTINGS
def test_garbage_in_the_middle_is_named_by_its_line_and_never_skipped(whole, data):
    folder, text = whole
    lines = text.splitlines(keepends=True)
    number = data.draw(st.integers(0, len(lines) - 1))
    garbage = data.draw(st.binary(min_size=1, max_size=40).filter(
        lambda each: b"\n" not in each and not each.strip().startswith(b"{")))
    lines[number] = garbage + b"\n"
    with pytest.raises(BadInput, match=rf"runs\.jsonl:{number + 1}"):
        read(folder, b"".join(lines))


@given(data=st.data(), name=st.sampled_from(["NaN", "Infinity", "-Infinity"]))
@SETTINGS
def test_a_number_that_json_does_not_know_is_refused_wherever_it_stands(whole, data, name):
    folder, text = whole
    lines = text.splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    row = json.loads(lines[number])
    phase = data.draw(st.sampled_from(row["phases"]))
    phase["metrics"]["minor_faults_count"] = "SMUGGLED"
    lines[number] = json.dumps(row).replace('"SMUGGLED"', name).encode()
    with pytest.raises(BadInput, match=name):
        read(folder, b"\n".join(lines) + b"\n")


@given(superseded=st.sets(st.integers(0, 17), max_size=6))
@SETTINGS
def test_a_repeated_block_counts_once(whole, superseded):
    """A resume marks rows superseded and runs them again under new ids."""
    folder, text = whole
    rows = rows_of(text)
    marks = [{"run": rows[i]["run"], "status": "superseded", "by": "resume"} for i in sorted(superseded)]
    again = [{**rows[i], "run": rows[i]["run"] + "-2"} for i in sorted(superseded)]
    (folder / "runs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows + marks + again))
    result = record.load(folder, warn=pytest.fail)
    assert len(result.runs) == len(rows)
    assert not set(result.runs["run"]) & {mark["run"] for mark in marks}
    options = compare.parse([str(folder)])
    assert (compare_run.compare([result], options).rows["pairs"] == 3).any()
