"""The verdicts and exit codes of the gate on synthetic results, and its summary."""

import pytest

from lablib import testing
from lablib.gate_testing import POINT, RESIDENT, FAULTS, MMAPS, WALL, LEVELS, values, on, write, run, rows_of


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
