"""plot.py and table.py end to end: files appear, text says what was run, bad input is exit 2."""

import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

import pytest

from lablib import caption, figure, frame, record, style, testing

FOLDER = pathlib.Path(__file__).parent


def script(name, *arguments):
    return subprocess.run([sys.executable, FOLDER / name, *arguments], capture_output=True,
                          text=True)


def texts(path):
    """All text of an SVG."""
    root = xml.etree.ElementTree.parse(path).getroot()
    return " ".join("".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text"))


def test_every_view_becomes_a_picture_in_two_formats(tmp_path):
    done = script("plot.py", testing.write(tmp_path))
    names = {path.name for path in (tmp_path / "plots").iterdir()}
    assert done.returncode == 0
    assert names == {f"first_touch-{n}.{kind}" for n in (1, 2) for kind in ("svg", "png")}
    shown = texts(tmp_path / "plots" / "first_touch-1.svg")
    for word in ("RSS grows with touched pages", "glibc", "jemalloc", "ideal", "92 KiB"[-3:],
                 "When does requested memory become resident?", "6.1.0-13-amd64", "3 runs a point"):
        assert word in shown


def test_pictures_of_one_result_are_equal_bytes(tmp_path):
    testing.write(tmp_path)
    pictures = []
    for out in ("a", "b"):
        script("plot.py", tmp_path, "--out", tmp_path / out)
        svg = (tmp_path / out / "first_touch-1.svg").read_text()
        pictures.append(svg)
    assert pictures[0] == pictures[1]


def draw(folder, change=None, **shape):
    result = record.load(testing.write(folder, change=change, **shape), warn=lambda text: None)
    experiment = result.experiments["first_touch"]
    pictures = frame.select_all(result, experiment, experiment["plots"][0])
    return figure.draw(pictures, caption.sentences(pictures))


def drawn_points(panel):
    return [(line.get_color(), [y for y in line.get_ydata() if y == y])
            for line in panel.lines if line.get_marker() not in ("None", "x")]


def test_a_failed_run_is_marked_and_never_a_number(tmp_path):
    def fail(row):
        if row["allocator"] == "jemalloc":
            row.update(status="oom_killed", reason="limit", phases=[])
        return row

    panel = draw(tmp_path, fail).axes[0]
    points = dict(drawn_points(panel))
    assert points == {style.looks(["glibc"])["glibc"][0]: [0, 4096, 23 * 4096]}
    assert sum(line.get_marker() == "x" for line in panel.lines) == 3


TIMED = {**testing.FIRST_TOUCH, "plots": [
    {**testing.FIRST_TOUCH["plots"][0], "metric": "wall_ns minor_faults_count", "since_start": False}]}


def wall(level):
    return lambda at: {"wall_ns": level, "minor_faults_count": 5}.get(at.metric, 0)


def medians(panel):
    return {y for _, points in drawn_points(panel) for y in points}


def test_times_are_drawn_from_time_runs_beside_the_counts(tmp_path):
    testing.write(tmp_path / "r", experiments=(TIMED,), value=wall(111), ideal=lambda at: {})
    testing.write(tmp_path / "r-times", experiments=(TIMED,), value=wall(222), ideal=lambda at: {}, measure="time")
    result = record.load_with_times(tmp_path / "r")
    pictures = frame.select_all(result, TIMED, TIMED["plots"][0])
    panels = figure.draw(pictures, []).axes
    assert [medians(panel) for panel in panels] == [{222}, {5}]
    assert [word for line in caption.sentences(pictures) for word in line.split(" · ") if "measure" in word] == [
        "measure time", "measure counts"]


def test_without_time_runs_times_are_missing_and_never_taken_from_counts(tmp_path):
    done = script("plot.py", testing.write(tmp_path, experiments=(TIMED,), value=wall(111)))
    shown = texts(tmp_path / "plots" / "first_touch-1.svg")
    assert done.returncode == 0 and "minor faults" in shown
    assert "Missing: first_touch: wall_ns: times come from runs with measure=time" in shown
    alone = {**TIMED, "plots": [{**TIMED["plots"][0], "metric": "wall_ns"}], "table": TIMED["plots"][0] | {"metric": "wall_ns"}}
    testing.write(tmp_path / "alone", experiments=(alone,))
    done = script("plot.py", tmp_path / "alone")
    assert done.returncode == 2 and "make experiment NAME=first_touch measures both" in done.stderr
    assert "make experiment NAME=first_touch measures both" in script("table.py", tmp_path / "alone").stderr


def test_what_lies_beside_a_result_must_be_time_runs(tmp_path):
    testing.write(tmp_path / "r")
    testing.write(tmp_path / "r-times")
    done = script("plot.py", tmp_path / "r")
    assert done.returncode == 2 and "no result of time runs" in done.stderr


@pytest.mark.parametrize("metric, shown", [("wall_ns", "first_touch"), ("rss_anon_bytes", "")])
def test_experiments_that_show_times_are_named(tmp_path, metric, shown):
    described = {**testing.FIRST_TOUCH, "table": {**testing.FIRST_TOUCH["table"], "metric": metric}}
    testing.write(tmp_path, experiments=(described,))
    assert script("timed_experiments.py", tmp_path).stdout == shown + "\n"


def test_a_panel_without_numbers_says_so(tmp_path):
    def null(row):
        for phase in row["phases"]:
            phase["metrics"]["rss_anon_bytes"] = None
        return row

    panel = draw(tmp_path, null).axes[0]
    assert [text.get_text() for text in panel.texts] == ["not measured"]
    assert drawn_points(panel) == []


def test_equal_series_stay_apart_or_get_thinner(tmp_path):
    few = draw(tmp_path / "few").axes[0]
    places = [tuple(line.get_xdata()) for line in few.lines if line.get_marker() not in ("None", "x")]
    assert len(set(places)) == len(places)
    pages = [{"block_bytes": "1MiB", "touched_pages": str(n), "touch": "write"}
             for n in (1, 4, 16, 64, 256)]
    many = draw(tmp_path / "many", points=pages).axes[0]
    sizes = [line.get_markersize() for line in many.lines if line.get_marker() not in ("None", "x")]
    assert sizes == sorted(sizes, reverse=True) and len(set(sizes)) == len(sizes)


def test_panels_by_phase_that_differ_much_have_their_own_scale(tmp_path):
    def value(at):
        return 1000 * int(at.params["touched_pages"]) ** 2

    view = {**testing.FIRST_TOUCH["plots"][1], "facet": "touched_pages"}
    described = {**testing.FIRST_TOUCH, "plots": [view]}
    panels = draw(tmp_path, experiments=(described,), value=value, ideal=lambda at: {}).axes
    tops = [panel.get_ylim()[1] for panel in panels]
    assert tops[2] > 100 * tops[1]
    assert "each panel its own scale" in panels[0].get_ylabel()


def test_allocators_look_different_and_always_the_same():
    names = ["glibc", "tcmalloc", "jemalloc", "mimalloc", "scudo", "tbbmalloc", "reference", "bump"]
    looks = style.looks(names)
    assert len({colour for colour, _ in looks.values()}) == len(names)
    assert len({marker for _, marker in looks.values()}) == len(names)
    assert style.looks(["mimalloc", "new_one"])["mimalloc"] == looks["mimalloc"]


def test_names_from_outside_are_text_and_nothing_else(tmp_path):
    name = "<script>$x_{y}$\x1b\x00"
    figure.save(draw(tmp_path, allocators=("glibc", name)), tmp_path / "p")
    assert "<script>$x_{y}$\ufffd\ufffd" in texts(tmp_path / "p.svg")
    assert "<script" not in (tmp_path / "p.svg").read_text()


def test_the_table_answers_the_question(tmp_path):
    done = script("table.py", testing.write(tmp_path))
    assert done.returncode == 0
    assert done.stdout.startswith("first_touch: When does requested memory become resident?\n")
    assert re.search(r"ideal +0 B +4 KiB +92 KiB", done.stdout)


def test_the_table_as_json_is_strict_and_in_base_units(tmp_path):
    done = script("table.py", testing.write(tmp_path), "--json")
    table = json.loads(done.stdout, parse_constant=pytest.fail)[0]
    cell = next(each for each in table["cells"] if (each["series"], each["x"]) == ("glibc", "23"))
    assert table["unit"] == "byte" and cell["median"] == 23 * 4096 and cell["runs"] == 3


@pytest.mark.parametrize("name", ["plot.py", "table.py"])
def test_bad_input_is_exit_2_with_a_message(tmp_path, name):
    done = script(name, tmp_path)
    assert done.returncode == 2 and "not a result" in done.stderr and "Traceback" not in done.stderr
    testing.write(tmp_path)
    done = script(name, tmp_path, "--experiment", "first_tuch")
    assert done.returncode == 2 and "did you mean first_touch?" in done.stderr


def test_a_yardstick_leaves_the_axis_rather_than_flatten_the_others(tmp_path):
    def value(at):
        return 200000 + (10 if at.arm == "bump" else 1) * 4096 * int(at.params["touched_pages"])

    panel = draw(tmp_path, allocators=("glibc", testing.allocator("bump", role="yardstick")), value=value, ideal=lambda at: {}).axes[0]
    assert panel.get_ylim()[1] < 2 * 23 * 4096
    assert [text.get_text() for text in panel.texts] == ["\N{UPWARDS ARROW} up to 920 KiB"]
    bump = style.looks(["bump"])["bump"][0]
    shown = [points for colour, points in drawn_points(panel) if colour == bump]
    assert [0, 40960] in shown
