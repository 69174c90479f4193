"""Loading a result: what is kept, what is dropped, and what is refused with which words."""

import json

import pytest

from lablib import record, testing
from lablib.errors import BadInput


def load(folder):
    return record.load(folder, warn=lambda text: None)


def rewrite(folder, edit):
    lines = (folder / "runs.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "runs.jsonl").write_bytes(b"".join(edit(lines)))
    return folder


def test_every_run_is_a_row_with_its_point_and_knobs(tmp_path):
    result = load(testing.write(tmp_path, blocks=2))
    assert len(result.runs) == 12
    row = result.runs.iloc[0]
    assert row["run"] == "r000000" and row["block"] == 1
    assert row["param.block_bytes"] == "1MiB" and row["knob.mmap_threshold_bytes"] == "absent"


def test_values_are_found_by_run_and_phase(tmp_path):
    result = load(testing.write(tmp_path))
    touch = result.values[result.values["phase"] == "touch"]
    pages = result.runs["param.touched_pages"].iloc[touch["row"]].astype(int)
    assert list(touch["minor_faults_count"]) == list(pages)
    assert list(result.ideals.loc[touch.index, "rss_anon_bytes"]) == list(4096 * pages)
    assert (result.starts["rss_anon_bytes"] == 200000).all()


def test_null_is_missing_and_keeps_its_reason(tmp_path):
    result = load(testing.write(tmp_path))
    assert result.values["mmap_calls_count"].isna().all()
    assert "tracefs" in result.runs["nulls"].iloc[0]["mmap_calls_count"]


def test_a_run_without_nulls_or_warnings_keeps_their_kinds(tmp_path):
    result = load(testing.write(tmp_path, change=lambda row: {**row, "nulls": {}}))
    row = result.runs.iloc[0]
    assert (row["nulls"], row["warnings"], row["variables"]) == ({}, [], {})


def test_a_phase_gone_through_twice_keeps_both_occurrences(tmp_path):
    def twice(row):
        row["phases"] += [row["phases"][1]]
        return row

    values = load(testing.write(tmp_path, blocks=1, change=twice)).values
    first = values[values["row"] == 0]
    assert list(first["phase"]) == ["allocate", "touch", "free", "touch"]
    assert list(first["occurrence"]) == [0, 0, 0, 1]


def test_rows_with_other_metrics_share_the_frame(tmp_path):
    def sparse(row):
        if row["allocator"] == "jemalloc":
            for phase in row["phases"]:
                phase["metrics"] = {"allocator_live_bytes": 7}
        return row

    result = load(testing.write(tmp_path, change=sparse))
    jemalloc = result.runs["allocator"].iloc[result.values["row"]].eq("jemalloc").to_numpy()
    assert (result.values.loc[jemalloc, "allocator_live_bytes"] == 7).all()
    assert result.values.loc[~jemalloc, "allocator_live_bytes"].isna().all()
    assert result.values.loc[jemalloc, "wall_ns"].isna().all()


def test_a_superseded_run_and_its_mark_are_dropped(tmp_path):
    folder = testing.write(tmp_path, blocks=1)
    mark = json.dumps({"run": "r000000", "status": "superseded", "by": "resume"}).encode() + b"\n"
    result = load(rewrite(folder, lambda lines: lines + [mark]))
    assert "r000000" not in set(result.runs["run"]) and len(result.runs) == 5
    assert len(result.values) == 15 and result.values["row"].max() == 4
    assert len(result.starts) == 5


def test_a_torn_last_line_is_dropped_with_a_warning(tmp_path):
    folder = testing.write(tmp_path, blocks=1)
    result = load(rewrite(folder, lambda lines: lines[:-1] + [lines[-1][:40]]))
    assert len(result.runs) == 5
    assert "torn" in result.warnings[0] and ":6:" in result.warnings[0]


@pytest.mark.parametrize("line, cause", [
    (b'{"run": "r1", \n', "corrupt line"),
    (b'[1]\n', "expected an object"),
    (b'{"run": NaN}\n', "NaN is not JSON"),
    (b'{"run": -Infinity}\n', "-Infinity is not JSON"),
    (b'{"run": 1e999}\n', "too large"),
    (b'{"run": "\xff"}\n', "utf-8"),
    (b'{"run": "r1"}\n', "the row has no case"),
])
def test_a_bad_line_is_refused_by_number_and_cause(tmp_path, line, cause):
    folder = testing.write(tmp_path, blocks=1)
    with pytest.raises(BadInput, match=cause) as caught:
        load(rewrite(folder, lambda lines: lines[:2] + [line] + lines[2:]))
    assert "runs.jsonl:3" in str(caught.value)


def test_text_where_a_number_belongs_is_refused(tmp_path):
    def text(row):
        row["phases"][0]["metrics"]["wall_ns"] = "12"
        return row

    with pytest.raises(BadInput, match=r"runs.jsonl:1: wall_ns is '12'"):
        load(testing.write(tmp_path, change=text))


def test_the_same_run_twice_is_refused(tmp_path):
    folder = testing.write(tmp_path, blocks=1)
    with pytest.raises(BadInput, match="r000000 is already in line 1"):
        load(rewrite(folder, lambda lines: lines + lines[:1]))


@pytest.mark.parametrize("version", [2, "1", None, True])
def test_another_schema_version_is_refused(tmp_path, version):
    with pytest.raises(BadInput, match="schema_version"):
        load(testing.write(tmp_path, manifest={"schema_version": version}))


def test_what_is_not_a_result_says_so(tmp_path):
    with pytest.raises(BadInput, match="no such folder"):
        load(tmp_path / "absent")
    with pytest.raises(BadInput, match="not a result"):
        load(tmp_path)


def test_a_result_without_runs_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no run in this result"):
        load(testing.write(tmp_path, change=lambda row: None))


def test_an_unknown_metric_is_refused_with_the_nearest_name(tmp_path):
    with pytest.raises(BadInput, match="did you mean rss_anon_bytes"):
        load(testing.write(tmp_path)).metric("rss_anon_byte")


def test_a_checksum_of_64_bits_keeps_its_last_digit(tmp_path):
    checksum = {"unit": "token", "kind": "observed", "better": "none", "deterministic": True,
                "blocking": "counts", "source": "child", "meaning": "checksum"}
    exact = 3698735280227490861
    folder = testing.write(tmp_path, metrics={**testing.METRICS, "request_checksum": checksum},
                           value=lambda at: exact if at.metric == "request_checksum" else testing.plain_value(at))
    assert set(record.load(folder).values["request_checksum"]) == {exact}
