"""What a view selects: the right runs, the right phase, and what is missing, with its reason."""

import pytest

from lablib import boundary, cells, frame, grid, record, scales, testing
from lablib.errors import BadInput


def load(folder, **shape):
    return record.load(testing.write(folder, **shape), warn=lambda text: None)


def view(**changes):
    return {**testing.FIRST_TOUCH["table"], **changes}


def select(result, fix_free=True, **changes):
    return frame.select(result, result.experiments["first_touch"], view(**changes), fix_free)


def medians(picture):
    table = cells.summarise(picture)
    return {(row["series"], row["x"]): row["median"] for row in table.to_dict("records")}


def test_a_gauge_since_start_is_the_difference_from_the_first_mark(tmp_path):
    picture = select(load(tmp_path))
    assert medians(picture)[("glibc", "23")] == 23 * 4096
    assert set(picture.frame["ideal"]) == {0, 4096, 23 * 4096}


def test_an_absolute_gauge_lifts_its_ideal_by_the_start(tmp_path):
    picture = select(load(tmp_path), since_start=False)
    assert medians(picture)[("glibc", "23")] == 200000 + 23 * 4096
    assert set(picture.frame["ideal"]) == {200000, 204096, 200000 + 23 * 4096}


def test_a_counter_is_not_lifted(tmp_path):
    picture = select(load(tmp_path), metric="minor_faults_count", since_start=False)
    assert medians(picture)[("jemalloc", "23")] == 23
    assert set(picture.frame["ideal"]) == {0, 1, 23}


def test_without_a_phase_every_phase_is_a_position(tmp_path):
    picture = select(load(tmp_path), phase="", x="phase", where="touched_pages=23")
    assert picture.order["x"] == ["allocate", "touch", "free"]
    assert medians(picture)[("glibc", "touch")] == 23 * 4096


def test_where_compares_numbers_as_numbers(tmp_path):
    picture = select(load(tmp_path), where="block_bytes=1048576 touch=write")
    assert len(picture.frame) == 18


def test_where_that_matches_nothing_is_told(tmp_path):
    with pytest.raises(BadInput, match="no run matches touch=read"):
        select(load(tmp_path), where="touch=read")


def test_an_axis_that_is_no_parameter_is_told(tmp_path):
    with pytest.raises(BadInput, match="colour: a view names it"):
        select(load(tmp_path), x="colour")


POINTS = [{"block_bytes": size, "touched_pages": pages, "touch": "write"}
          for size in ("64KiB", "1MiB") for pages in ("0", "1", "all")]
PAGES = {"0": 0, "1": 1, "all": 16}


def by_size(at):
    return PAGES[at.params["touched_pages"]] * (2 if at.params["block_bytes"] == "1MiB" else 1)


def test_a_parameter_the_view_leaves_open_is_fixed_and_named(tmp_path):
    result = load(tmp_path, points=POINTS, value=by_size, ideal=lambda at: {})
    picture = select(result, metric="minor_faults_count", since_start=False)
    assert picture.fixed == {"touch": "write", "block_bytes": "1MiB"}
    assert medians(picture)[("glibc", "1")] == 2


def test_in_a_table_it_stays_apart(tmp_path):
    result = load(tmp_path, points=POINTS, value=by_size, ideal=lambda at: {})
    picture = select(result, False, metric="minor_faults_count", since_start=False)
    table = cells.summarise(picture)
    assert picture.free == ["block_bytes"] and len(table) == 12
    assert (table["low"] == table["high"]).all()


def test_numbers_come_by_size_and_words_after_them(tmp_path):
    points = [{"block_bytes": "64KiB", "touched_pages": pages, "touch": "write"}
              for pages in ("1", "all", "230", "23")]
    result = load(tmp_path, points=points, value=lambda at: 1, ideal=lambda at: {})
    assert select(result).order["x"] == ["1", "23", "230", "all"]


def test_words_keep_the_plan_order(tmp_path):
    points = [{"block_bytes": "1MiB", "touched_pages": "1", "touch": touch}
              for touch in ("write", "read", "neither")]
    result = load(tmp_path, points=points)
    assert select(result, x="touch", where="").order["x"] == ["write", "read", "neither"]


def test_absent_is_what_an_open_knob_is_fixed_to(tmp_path):
    knobs = [{"mmap_threshold_bytes": value} for value in ("64KiB", "absent", "1MiB")]
    assert select(load(tmp_path, knobs=knobs)).fixed["mmap_threshold_bytes"] == "absent"


def test_a_null_metric_is_a_note_with_its_reason_not_a_number(tmp_path):
    picture = select(load(tmp_path), metric="mmap_calls_count", since_start=False)
    assert picture.frame.empty
    assert picture.notes[0] == ("mmap_calls_count was not measured in 9 runs of glibc and 9 of "
                                "jemalloc: tracefs not readable (EACCES)")


def failing(row):
    if row["allocator"] == "jemalloc" and row["params"]["touched_pages"] == "23":
        row.update(status="oom_killed", reason="limit reached", phases=row["phases"][:1])
    return row


def test_a_failed_run_is_a_failure_and_no_value(tmp_path):
    picture = select(load(tmp_path, change=failing))
    assert ("jemalloc", "23") not in set(zip(picture.frame["series"], picture.frame["x"]))
    assert set(zip(picture.failures["series"], picture.failures["x"])) == {("jemalloc", "23")}
    assert "oom_killed: 3 runs of jemalloc (limit reached)" in picture.notes
    cell = cells.summarise(picture).set_index(["series", "x"]).loc[("jemalloc", "23")]
    assert cell["status"] == "oom_killed" and cell["median"] != cell["median"]


def test_a_killed_run_keeps_the_phases_that_it_had_finished(tmp_path):
    picture = select(load(tmp_path, change=failing), phase="allocate")
    assert picture.failures.empty
    assert len(picture.frame[picture.frame["x"] == "23"]) == 6
    assert "oom_killed: 3 runs of jemalloc (limit reached)" in picture.notes


def test_a_failure_by_phase_is_at_the_phase_it_did_not_finish(tmp_path):
    picture = select(load(tmp_path, change=failing), phase="", x="phase", where="touched_pages=23")
    assert set(picture.failures["x"]) == {"touch"}


def test_a_skipped_allocator_is_only_a_note(tmp_path):
    def skip(row):
        if row["allocator"] == "jemalloc":
            row.update(status="skipped", reason="not installed", phases=[], environment=None)
        return row

    picture = select(load(tmp_path, change=skip))
    assert picture.failures.empty and picture.order["series"] == ["glibc"]
    assert picture.notes == ["skipped: 9 runs of jemalloc (not installed)"]


def test_a_repeated_phase_gives_a_counters_sum_and_a_gauges_last(tmp_path):
    def twice(row):
        again = {**row["phases"][1], "metrics": {**row["phases"][1]["metrics"],
                                                 "rss_anon_bytes": 999}}
        row["phases"].append(again)
        return row

    result = load(tmp_path, change=twice)
    faults = select(result, metric="minor_faults_count", since_start=False)
    assert medians(faults)[("glibc", "23")] == 46 and set(faults.frame["ideal"]) == {0, 2, 46}
    assert medians(select(result, since_start=False))[("glibc", "23")] == 999


def test_arms_of_one_allocator_are_series_of_their_own(tmp_path):
    result = load(tmp_path, arms={"base": "glibc", "candidate": "glibc"})
    assert select(result).order["series"] == ["base", "candidate"]


SEARCH = {"experiment": "first_touch", "name": "boundary", "param": "touched_pages", "low": 1,
          "high": 64, "step": 1}


def probing(threshold, except_at=None):
    """Turns every run into a probe that holds from `threshold` pages on, but not at `except_at`."""
    def change(row):
        pages = int(row["params"]["touched_pages"])
        holds = pages >= threshold[row["allocator"]] and pages != except_at
        row["search"] = {"name": "boundary", "step": 1, "holds": holds}
        return row
    return change


def found(tmp_path, threshold, except_at=None, **shape):
    pages = [{"block_bytes": "1MiB", "touched_pages": str(each), "touch": "write"}
             for each in (1, 8, 9, 64)]
    result = load(tmp_path, points=pages, blocks=1, change=probing(threshold, except_at), **shape)
    return boundary.select(result, result.experiments["first_touch"], SEARCH)


def test_the_boundary_is_the_lowest_value_that_holds(tmp_path):
    picture = found(tmp_path, {"glibc": 9, "jemalloc": 30})
    assert medians(picture) == {("glibc", "glibc"): 9, ("jemalloc", "jemalloc"): 64}
    assert picture.searched and picture.notes == []


def test_a_boundary_is_called_what_its_experiment_calls_it(tmp_path):
    picture = found(tmp_path / "named", {"glibc": 9, "jemalloc": 9}, experiments=({
        **testing.FIRST_TOUCH, "searches": [{"name": "boundary", "title": "Fewest pages"}]},))
    assert picture.title == "Fewest pages"
    assert "touched_pages" in found(tmp_path / "unnamed", {"glibc": 9, "jemalloc": 9}).title


def test_no_boundary_is_said_and_is_no_number(tmp_path):
    picture = found(tmp_path, {"glibc": 9, "jemalloc": 1000})
    assert picture.notes == ["holds nowhere up to 64: jemalloc"]
    assert list(picture.failures["series"]) == ["jemalloc"]


def test_skipped_probes_are_a_note_and_no_mark(tmp_path):
    probe = probing({"glibc": 9, "jemalloc": 9})

    def skip(row):
        if row["allocator"] == "jemalloc":
            row.update(status="skipped", reason="knob not supported", phases=[])
        return probe(row)

    pages = [{"block_bytes": "1MiB", "touched_pages": "9", "touch": "write"}]
    result = load(tmp_path, points=pages, blocks=1, change=skip)
    picture = boundary.select(result, result.experiments["first_touch"], SEARCH)
    assert picture.failures.empty and picture.order["series"] == ["glibc"]
    assert picture.notes == ["skipped: 1 run of jemalloc (knob not supported)"]


def test_a_boundary_at_the_lowest_value_is_qualified(tmp_path):
    picture = found(tmp_path, {"glibc": 1, "jemalloc": 9})
    assert picture.notes == ["holds at 1 already, the lowest value tried: glibc"]
    assert picture.frame.set_index("series")["open"].to_dict() == {"glibc": True, "jemalloc": False}
    assert grid.lay_out(picture).rows == [["glibc", "≤ 1"], ["jemalloc", "9"]]


def test_the_lowest_of_several_boundaries_is_qualified(tmp_path):
    picture = found(tmp_path, {"glibc": 8, "jemalloc": 9}, except_at=9)
    assert picture.notes == ["the lowest of several: holds at 8, but not at 9: glibc"]


def test_probes_are_no_points_of_a_view(tmp_path):
    result = load(tmp_path, change=probing({"glibc": 1, "jemalloc": 1}))
    with pytest.raises(BadInput, match="no run matches"):
        select(result)


def test_who_lacks_which_knob_is_one_note(tmp_path):
    def skip(row):
        if row["allocator"] != "glibc":
            row.update(status="skipped", phases=[],
                       reason=f"purge_delay_ms=5 is not supported by {row['allocator']}")
        return row

    picture = select(load(tmp_path, blocks=1, allocators=("glibc", "tcmalloc", "jemalloc"), change=skip))
    assert picture.notes == ["6 runs, setting not supported: purge_delay_ms by jemalloc, tcmalloc"]


def test_a_run_that_ended_early_lies_at_the_phase_it_was_in_even_when_phases_have_numbers(tmp_path):
    def age(row):
        phase = row["phases"][1]
        row["phases"] = [dict(phase) for _ in range(20)]
        if row["arm"] == "jemalloc":
            row.update(status="timeout", reason="slow", phases=row["phases"][:17])
        return row

    picture = select(load(tmp_path, change=age), phase="", x="phase", where="touched_pages=23")
    assert picture.order["x"] == [str(number) for number in range(20)]
    assert set(picture.failures["x"]) == {"17"}
    assert scales.names_x(picture)[:4] == ["0", "", "2", ""]
