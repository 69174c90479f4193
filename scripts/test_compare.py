import csv
import io
import json
import math
import subprocess
import sys
import types

import pytest

import compare
from lablib import compare_extend, compare_output, testing
from lablib.errors import BadInput

LEVEL = {"rss_anon_bytes": 1 << 20, "minor_faults_count": 100, "mmap_calls_count": 3, "wall_ns": 10**7}


def value(factor=lambda at: 1.0, spread=0.01):
    def number(at):
        noise = math.exp(at.rng.gauss(0, spread)) if at.metric == "wall_ns" else 1
        return int(LEVEL[at.metric] * factor(at) * noise)
    return number


JEMALLOC_WORSE = value(lambda at: 1.5 if at.allocator == "jemalloc" else 1.0)


def compared(capsys, *arguments):
    """Returns what compare.py prints."""
    assert compare.main([str(each) for each in arguments]) == 0
    return capsys.readouterr().out


def rows(capsys, *arguments):
    return json.loads(compared(capsys, *arguments, "--json"))["rows"]


def test_allocators_are_compared_with_glibc_by_default(tmp_path, capsys):
    result = testing.write(tmp_path / "r", value=JEMALLOC_WORSE)
    out = compared(capsys, result)
    assert "jemalloc against glibc (by allocator, paired by block)" in out
    found = {row["metric"]: row for row in rows(capsys, result) if row["phase"] == "touch"}
    assert found["minor_faults_count"]["verdict"] == "worse"
    assert found["minor_faults_count"]["ratio"] == 1.5
    assert found["minor_faults_count"]["shift"] == 50


def test_another_base_turns_the_ratio_round(tmp_path, capsys):
    result = testing.write(tmp_path / "r", value=JEMALLOC_WORSE)
    found = rows(capsys, result, "--base", "jemalloc", "--metric", "minor_faults_count")
    assert {(row["base_arm"], row["candidate_arm"], row["verdict"]) for row in found} == {
        ("jemalloc", "glibc", "better")}
    assert found[0]["ratio"] == pytest.approx(2 / 3)


def test_memory_is_told_as_difference_from_the_first_mark_unless_absolute(tmp_path, capsys):
    result = testing.write(tmp_path / "r", value=value())
    arguments = (result, "--metric", "rss_anon_bytes", "--phase", "touch")
    assert rows(capsys, *arguments)[0]["base"] == (1 << 20) - 200000
    assert rows(capsys, *arguments, "--absolute")[0]["base"] == 1 << 20
    assert rows(capsys, result, "--phase", "start")[0]["base"] == 200000


def test_times_come_from_time_runs_only(tmp_path, capsys):
    counts = testing.write(tmp_path / "c", value=value())
    assert "wall_ns was not measured: times come from runs with --measure time" in compared(capsys, counts)
    time = testing.write(tmp_path / "t", value=value(), measure="time", blocks=20)
    assert {row["metric"] for row in rows(capsys, time, "--metric", "wall_ns")} == {"wall_ns"}


def test_counts_and_times_of_one_session_are_read_together_and_never_mixed(tmp_path, capsys):
    both = [testing.write(tmp_path / each, value=JEMALLOC_WORSE, measure=each, blocks=8)
            for each in ("counts", "time")]
    found = rows(capsys, *both, "--by", "allocator", "--metric", "wall_ns,mmap_calls_count")
    assert {row["pairs"] for row in found} == {8}
    assert {row["metric"] for row in found} == {"wall_ns", "mmap_calls_count"}


@pytest.mark.parametrize("by, base, candidates", [
    ("param:touched_pages", "0", ["1", "23"]), ("touched_pages", "0", ["1", "23"]),
    ("knob:mmap_threshold_bytes", "absent", ["64KiB"]), ("knob", "absent", ["64KiB"])])
def test_parameters_and_knobs_are_factors(tmp_path, capsys, by, base, candidates):
    knobs = [{"mmap_threshold_bytes": each} for each in ("64KiB", "absent")]
    result = testing.write(tmp_path / "r", knobs=knobs)
    out = json.loads(compared(capsys, result, "--by", by, "--json"))
    assert (out["base"], out["candidates"]) == (base, candidates)


def environment(**facts):
    return {"environments": {"e0": {**testing.ENVIRONMENT, **facts}}}


def test_two_results_are_unpaired_and_labelled_so(tmp_path, capsys):
    base = testing.write(tmp_path / "a", value=value(), blocks=20, measure="time")
    new = testing.write(tmp_path / "b", value=value(lambda at: 1.2), blocks=20, measure="time")
    out = compared(capsys, base, new, "--metric", "wall_ns")
    assert "b against a (by result, unpaired: not the same session)" in out
    assert {row["verdict"] for row in rows(capsys, base, new, "--metric", "wall_ns")} == {"worse"}


def test_commits_name_the_sides_when_they_differ(tmp_path, capsys):
    results = [testing.write(tmp_path / each, manifest=environment(git_commit=each)) for each in ("aa", "bb")]
    out = json.loads(compared(capsys, *results, "--json"))
    assert (out["by"], out["base"], out["candidates"]) == ("commit", "aa", ["bb"])


def test_a_commit_is_shown_short_and_known_by_its_first_digits(tmp_path, capsys):
    results = [testing.write(tmp_path / each, manifest=environment(git_commit=each * 20)) for each in ("aa", "bb")]
    out = json.loads(compared(capsys, *results, "--by", "commit", "--base", "bbbb", "--json"))
    assert (out["base"], out["candidates"]) == ("b" * 12, ["a" * 12])


def test_images_of_one_result_are_paired_and_their_libc_is_exempt(tmp_path, capsys):
    facts = {f"e{i}": {**testing.ENVIRONMENT, "image": image, "libc": image}
             for i, image in enumerate(("bookworm", "trixie"))}

    def by_image(row):
        image = row["block"] % 2
        return row | {"environment": f"e{image}", "block": (row["block"] + 1) // 2}

    result = testing.write(tmp_path / "r", blocks=12, change=by_image, manifest={"environments": facts})
    out = json.loads(compared(capsys, result, "--by", "image", "--json"))
    assert out["paired"] and "env_mismatch" not in {row["verdict"] for row in out["rows"]}


@pytest.mark.parametrize("key, metric, verdict", [
    ("libc", "minor_faults_count", "env_mismatch"), ("thp_enabled", "minor_faults_count", "env_mismatch"),
    ("cpu_model", "minor_faults_count", "same"), ("cpu_model", "wall_ns", "env_mismatch"),
    ("kernel", "wall_ns", "env_mismatch"), ("cgroup_memory_limit_bytes", "wall_ns", "env_mismatch"),
    ("host_name", "wall_ns", "same")])
def test_each_metric_is_blocked_by_its_own_environment_keys(tmp_path, capsys, key, metric, verdict):
    measure = "time" if metric == "wall_ns" else "counts"
    results = [testing.write(tmp_path / fact, value=value(spread=0.002), measure=measure, blocks=20,
                             manifest=environment(**{key: fact})) for fact in ("one", "two")]
    found = rows(capsys, *results, "--metric", metric)
    assert {row["verdict"] for row in found} == {verdict}
    if verdict == "env_mismatch":
        assert found[0]["reason"] == f"environment:{key}"


def test_another_build_of_an_allocator_blocks_unless_it_is_the_labs_own(tmp_path, capsys):
    def two(name):
        return [testing.write(tmp_path / f"{name}{digest}", allocators=(
            testing.allocator(name, sha256=digest * 64),), arms={name: name}) for digest in "ab"]
    assert {row["verdict"] for row in rows(capsys, *two("jemalloc"))} == {"env_mismatch"}
    assert "env_mismatch" not in {row["verdict"] for row in rows(capsys, *two("reference"))}


def test_an_allocator_that_is_not_installed_is_a_note_not_a_hundred_rows(tmp_path, capsys):
    def skip(row):
        if row["allocator"] == "mimalloc":
            row |= {"status": "skipped", "reason": "libmimalloc.so.2 is not here", "phases": []}
        return row
    result = testing.write(tmp_path / "r", allocators=("glibc", "jemalloc", "mimalloc"), change=skip)
    assert "mimalloc is left out: libmimalloc.so.2 is not here" in compared(capsys, result)


def test_a_failed_run_taints_its_point_and_says_why(tmp_path, capsys):
    def fail(row):
        if row["run"] == "r000000":
            row |= {"status": "oom_killed", "reason": "limit 64 MiB", "phases": []}
        return row
    found = rows(capsys, testing.write(tmp_path / "r", change=fail))
    failed = [row for row in found if row["verdict"] == "failed"]
    assert failed and len(failed) < len(found)
    assert failed[0]["reason"] == "failed_runs:1/3" and "limit 64 MiB" in failed[0]["detail"]


def test_repeated_phases_are_one_value_a_process(tmp_path, capsys):
    def repeat(row):
        return row | {"phases": [
            {"name": "touch", "metrics": {"minor_faults_count": number, "rss_anon_bytes": 200000 + number,
                                          "wall_ns": 1000 * number}} for number in (100, 10, 30, 20)]}
    counts = testing.write(tmp_path / "c", change=repeat)
    found = {row["metric"]: row["base"] for row in rows(capsys, counts, "--phase", "touch")}
    assert found == {"minor_faults_count": 160, "rss_anon_bytes": 20}
    time = testing.write(tmp_path / "t", change=repeat, measure="time")
    assert {row["base"] for row in rows(capsys, time, "--metric", "wall_ns")} == {20000}


def test_beside_every_undecided_row_stands_what_could_have_been_found(tmp_path, capsys):
    result = testing.write(tmp_path / "r", value=value(spread=0.05), measure="time", blocks=20)
    out = compared(capsys, result, "--metric", "wall_ns")
    assert "tests in the family (Benjamini–Hochberg)" in out
    for line in out.splitlines():
        if line.startswith(("same", "inconclusive")):
            assert "would find" in line
    few = testing.write(tmp_path / "f", value=value(spread=0.05), measure="time", blocks=3)
    assert "nothing can be found" in compared(capsys, few, "--metric", "wall_ns")


def test_every_format_has_every_row_and_no_nan(tmp_path, capsys):
    result = testing.write(tmp_path / "r", value=JEMALLOC_WORSE)
    count = len(rows(capsys, result))
    text = compared(capsys, result, "--json")
    json.loads(text, parse_constant=lambda name: pytest.fail(name))
    table = list(csv.DictReader(io.StringIO(compared(capsys, result, "--csv"))))
    assert len(table) == count and table[0]["metric"]
    markdown = compared(capsys, result, "--markdown", "--all").splitlines()
    assert sum(line.startswith("| ") for line in markdown) == count + 1


def test_rows_that_say_the_same_of_several_points_are_told_once():
    cells = [["worse", "p1", "x"], ["worse", "p2", "x"], ["same", "p1", "y"]]
    assert compare_output.merge(cells, 1) == [
        (["worse", "p1 and 1 more", "x"], 2), (["same", "p1", "y"], 1)]


def test_the_table_fits_a_screen_and_says_what_was_left_out(tmp_path, capsys):
    points = [{"block_bytes": "1MiB", "touched_pages": str(i), "touch": "write"} for i in range(40)]
    out = compared(capsys, testing.write(tmp_path / "r", value=JEMALLOC_WORSE, points=points))
    assert len(out.splitlines()) < 45 and "left out:" in out and "and 39 more" in out


@pytest.mark.parametrize("arguments, message", [
    (["--by", "alocator"], "did you mean allocator"), (["--by", "arm:x", "--base", "nobody"], "nobody"),
    (["--metric", "minor_fault_count"], "did you mean minor_faults_count"),
    (["--phase", "tuch"], "did you mean touch"), (["--by", "commit"], "needs two"),
    (["--by", "param"], "name one"), (["--level", "7"], "not a level"),
    (["--until-width", "2"], "not a width"), (["--until-width", "x%"], "not a width")])
def test_a_mistake_is_named_with_the_next_step(tmp_path, arguments, message):
    result = testing.write(tmp_path / "r", knobs=[{"mmap_threshold_bytes": "absent"}],
                           points=[{"block_bytes": b, "touched_pages": t, "touch": "write"}
                                   for b in ("4KiB", "8KiB") for t in ("1", "2")])
    with pytest.raises(BadInput) as caught:
        compare.main([str(result), *arguments])
    assert message in str(caught.value)


def test_results_without_a_common_point_are_refused(tmp_path):
    counts, time = (testing.write(tmp_path / each, measure=each) for each in ("counts", "time"))
    with pytest.raises(BadInput, match="share no point"):
        compare.main([str(counts), str(time)])
    with pytest.raises(BadInput, match="twice"):
        compare.main([str(counts), str(counts)])


def test_one_case_in_one_block_twice_is_refused(tmp_path):
    result = testing.write(tmp_path / "r", change=lambda row: row | {"block": 1})
    with pytest.raises(BadInput, match="same point, side and block"):
        compare.main([str(result)])


@pytest.mark.parametrize("loads, told", [((10, 59), False), ((10, 61), True), ((900, 900), False)])
def test_a_load_is_doubtful_only_when_it_differs_by_a_share_of_the_machine(tmp_path, capsys, loads, told):
    results = []
    for name, load in zip("ab", loads):
        results.append(testing.write(tmp_path / name, measure="time", blocks=6, manifest={"environments": {
            "e0": {"cpus_count": 2, "load_one_minute_percent": load}}}))
    assert ("load_one_minute_percent" in compared(capsys, *results, "--all")) == told


def extended(result, blocks, spread):
    """A lab that answers --extend by rewriting the result with more blocks."""
    def run(command, **_):
        run.commands.append(command)
        run.blocks += int(command[command.index("--blocks") + 1])
        testing.write(result, value=value(spread=spread), measure="time", blocks=run.blocks)
        return types.SimpleNamespace(returncode=0)
    run.commands, run.blocks = [], blocks
    testing.write(result, value=value(spread=spread), measure="time", blocks=blocks)
    return run


@pytest.mark.parametrize("width, spread, ceiling, budget, reason", [
    ("2%", 0.005, 40, 60, "width"), ("0.1%", 0.05, 12, 60, "max_runs"), ("0.1%", 0.05, 40, 0, "budget")])
def test_blocks_are_added_until_the_width_the_ceiling_or_the_budget(
        tmp_path, width, spread, ceiling, budget, reason):
    result = tmp_path / "r"
    run = extended(result, 4, spread)
    options = compare.parse([str(result), "--metric", "wall_ns", "--until-width", width,
                             "--max-blocks", str(ceiling), "--budget-s", str(budget)])
    _, _, extra = compare_extend.until_width(options, run)
    assert extra["until_width"]["reason"] == reason
    assert all(command[-2] == "width" for command in run.commands)  # --reason width --quiet
    steps = [int(command[command.index("--blocks") + 1]) for command in run.commands]
    assert set(steps) <= {2}  # two arms: a balanced square has two rows
    assert extra["until_width"]["blocks"] == 4 + sum(steps) <= ceiling
    assert reason != "width" or extra["until_width"]["half_width"] <= 0.02


def test_stopping_never_looks_at_p(tmp_path):
    result = tmp_path / "r"
    run = extended(result, 8, 0.02)
    testing.write(result, value=value(lambda at: 2.0 if at.allocator == "jemalloc" else 1, 0.02),
                  measure="time", blocks=8)
    options = compare.parse([str(result), "--metric", "wall_ns", "--until-width", "0.1%", "--max-blocks", "10"])
    assert compare_extend.until_width(options, run)[2]["until_width"]["reason"] == "max_runs"
    assert len(run.commands) == 1


def test_a_lab_that_is_not_built_is_named(tmp_path):
    result = testing.write(tmp_path / "r", value=value(spread=0.1), measure="time", blocks=4)
    with pytest.raises(BadInput, match="make build"):
        compare.main([str(result), "--metric", "wall_ns", "--until-width", "1%", "--lab", "/no/lab"])


def test_a_hostile_name_cannot_reach_the_terminal(tmp_path, capsys):
    point = [{"block_bytes": "1MiB", "touched_pages": each, "touch": "\x1b[31mred"} for each in "12"]
    assert "\x1b" not in compared(capsys, testing.write(tmp_path / "r", points=point, value=JEMALLOC_WORSE))


@pytest.mark.parametrize("script", ["compare.py", "gate.py", "history.py", "instructions.py", "simulate.py"])
def test_help_imports_none_of_the_heavy_packages(script):
    code = ("import sys; sys.argv = [sys.argv[1], '--help']\n"
            "import runpy\n"
            "try: runpy.run_path(sys.argv[0], run_name='__main__')\n"
            "except SystemExit as end: assert end.code in (0, None), end.code\n"
            "assert not {'numpy', 'pandas', 'scipy', 'matplotlib'} & set(sys.modules)")
    folder = compare.pathlib.Path(compare.__file__).parent
    done = subprocess.run([sys.executable, "-c", code, str(folder / script)], capture_output=True,
                          text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stderr
