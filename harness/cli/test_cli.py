"""The command line from end to end: what each command prints, and what a result then holds."""

import json

import pytest

GLIBC = ("--allocators", "glibc", "--profile", "smoke", "--quiet")
NOWHERE = "/nowhere/libjemalloc.so"


def test_help_shows_examples_and_version_a_number(lab):
    assert "alloclab run first_touch" in lab.call("--help")[0]
    assert "--resume" in lab.call("run", "--help")[0]
    assert lab.call("--version")[0].strip()[0].isdigit()


def test_list_names_experiments_with_their_questions(lab):
    out, _ = lab.call("list", "experiments")
    line = next(line for line in out.splitlines() if line.split()[0] == "first_touch")
    assert line.endswith("?")
    assert {entry["name"] for entry in json.loads(lab.call("list", "experiments", "--json")[0])} >= {"first_touch"}


@pytest.mark.parametrize("what, name", [("allocators", "glibc"), ("claims", "mmap-128k"),
                                        ("metrics", "rss_anon_bytes")])
def test_list_names(lab, what, name):
    assert name in lab.call("list", what)[0]
    assert name in {entry["name"] for entry in json.loads(lab.call("list", what, "--json")[0])}


def test_describe_shows_question_parameters_and_phases(lab):
    out, _ = lab.call("describe", "first_touch")
    for word in ("physical memory?", "block_bytes", "touched_pages", "release"):
        assert word in out
    json.loads(lab.call("describe", "first_touch", "--json")[0])


def test_doctor_fits_one_screen_and_speaks_json(lab):
    assert 5 < len(lab.call("doctor")[0].splitlines()) <= 60
    json.loads(lab.call("doctor", "--json")[0])


def test_a_run_writes_a_valid_result_prints_its_path_last_and_links_it(lab):
    result = lab.measure("first_touch", *GLIBC)
    assert result.problems() == ""
    assert result.measured() == result.planned()
    assert result.manifest["outcome"] == "complete"
    assert {run["experiment"] for run in result.runs} == {"first_touch", "empty_program"}
    latest = lab.folder / "results" / "latest"
    assert latest.is_symlink() and latest.resolve() == result.folder.resolve()
    lab.measure("empty_program", *GLIBC)
    assert latest.resolve() != result.folder.resolve()


def test_json_tells_folder_and_counts(lab):
    out, _ = lab.call("run", "empty_program", *GLIBC, "--out", "here", "--json")
    assert json.loads(out) == {"result": "here", "complete": True, "runs": 1, "by_status": {"ok": 1}}


def test_settings_name_the_values_of_parameters_and_knobs(lab):
    result = lab.measure("heap_trim", *GLIBC, "--set", "trim_threshold_bytes=absent,1MiB")
    knobs = {case["knobs"].get("trim_threshold_bytes") for case in result.manifest["plan"]["cases"]
             if case["experiment"] == "heap_trim"}
    assert knobs == {"absent", "1MiB"}
    tunables = {run["variables"].get("GLIBC_TUNABLES") for run in result.runs}
    assert tunables == {None, "glibc.malloc.trim_threshold=1048576"}


def test_arms_run_beside_one_another_in_every_block(lab):
    result = lab.measure("first_touch", "--profile", "smoke", "--runs", 2, "--arm", "base=glibc",
                         "--arm", "candidate=glibc", "--set", "touched_pages=0", "--quiet")
    assert result.problems() == ""
    assert {run["arm"] for run in result.runs} == {"base", "candidate"}
    assert {run["allocator"] for run in result.runs} == {"glibc"}
    for block in (1, 2):
        order = [run for run in result.runs if run["block"] == block]
        for first, second in zip(order[::2], order[1::2]):
            assert first["params"] == second["params"] and first["arm"] != second["arm"]


def test_a_mistyped_library_is_one_invalid_row_a_case_and_the_sweep_goes_on(lab):
    result = lab.measure("first_touch", "--profile", "smoke", "--quiet", "--allocators", f"glibc,jemalloc={NOWHERE}")
    assert result.problems() == ""
    assert result.measured() == result.planned()
    by_allocator = {run["allocator"]: set() for run in result.runs}
    for run in result.runs:
        by_allocator[run["allocator"]].add(run["status"])
        if run["allocator"] == "jemalloc":
            assert NOWHERE in run["reason"] and "no such library" in run["reason"]
    assert by_allocator == {"glibc": {"ok"}, "jemalloc": {"invalid"}}


def test_strict_turns_a_bad_row_into_exit_1(lab):
    bad = ("empty_program", "--quiet", "--allocators", f"jemalloc={NOWHERE}")
    lab.measure(*bad, "--out", "lenient")
    strict = lab.measure(*bad, "--out", "strict", "--strict", code=1)
    assert strict.manifest["outcome"] == "complete"
    lab.call("run", "--resume", "strict", "--strict", "--quiet", code=1)  # the row is still bad


def exact_values(result):
    """What does not vary from run to run: the deterministic metrics of every run, by block and case."""
    exact = {name for name, metric in result.manifest["metrics"].items() if metric["deterministic"]}
    assert exact
    return {(run["block"], run["case"]): [{name: value for name, value in phase["metrics"].items() if name in exact}
                                          for phase in run["phases"]] for run in result.runs}


def test_a_seed_fixes_order_and_counts(lab):
    def order(result):
        return [(run["block"], run["case"]) for run in result.runs]

    arguments = ("first_touch", *GLIBC, "--runs", 3)
    first, second = (lab.measure(*arguments, "--seed", 7, "--out", name) for name in "ab")
    other = lab.measure(*arguments, "--seed", 8, "--out", "c")
    assert order(first) == order(second) != order(other)
    if any("ASLR" in warning for run in first.runs for warning in run["warnings"]):
        pytest.skip("ASLR cannot be switched off here: counts may vary")
    assert exact_values(first) == exact_values(second)


def test_shards_are_disjoint_and_together_complete(lab):
    arguments = ("trim_boundary", *GLIBC, "--runs", 3)
    whole = lab.measure(*arguments, "--out", "whole")
    parts = [lab.measure(*arguments, "--shard", f"{index}/2", "--out", index) for index in (1, 2)]
    assert all(part.problems() == "" for part in parts)
    assert sorted(parts[0].measured() + parts[1].measured()) == whole.planned()

    def probed(result):
        return [run["case"] for run in result.runs if run["search"]]

    assert sorted(probed(parts[0]) + probed(parts[1])) == sorted(probed(whole))
    assert not set(probed(parts[0])) & set(probed(parts[1]))


def test_extending_adds_blocks_and_says_why(lab):
    result = lab.measure("first_touch", *GLIBC, "--out", "result")
    before = result.lines
    lab.measure("--extend", "result", "--blocks", 2, "--reason", "width", "--quiet")
    assert result.lines[:len(before)] == before
    assert result.manifest["plan"]["blocks"] == 3
    assert [(each["blocks"], each["reason"]) for each in result.manifest["plan"]["extensions"]] == [(2, "width")]
    assert result.measured() == result.planned()
    assert result.problems() == ""


def test_resuming_a_complete_result_changes_no_row(lab):
    result = lab.measure("empty_program", *GLIBC, "--out", "result")
    before = result.lines
    lab.measure("--resume", "result", "--quiet")
    assert result.lines == before and result.manifest["outcome"] == "complete"


def test_what_holds_for_all_runs_is_kept_when_a_result_is_continued(lab):
    result = lab.measure("empty_program", *GLIBC, "--cpus", "0", "--timeline-ms", 5, "--timeout", 33, "--out", "result")
    execution = result.manifest["execution"]
    assert (execution["cpus"], execution["timeline_ms"], execution["timeout_ms"]) == ("0", 5, 33000)
    lab.measure("--extend", "result", "--blocks", 1, "--quiet")
    assert result.manifest["execution"] == execution
    _, err = lab.call("run", "--resume", "result", "--cpus", "0", code=2)
    assert "--cpus" in err


def test_a_torn_last_line_is_dropped_with_a_warning_and_repeated(lab):
    result = lab.measure("first_touch", *GLIBC, "--out", "result")
    journal = result.folder / "runs.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    _, err = lab.call("run", "--resume", "result", "--quiet")
    assert "torn" in err
    assert result.measured() == result.planned()
    assert result.problems() == ""
