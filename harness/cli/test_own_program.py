"""An experiment with a measured program of its own gives times, proves its allocator, and no counts."""

import pytest

from conftest import Lab


@pytest.fixture(name="lab")
def lab_in_own_folder(tmp_path):
    return Lab(tmp_path)


def test_times_are_taken_by_its_own_program_under_every_allocator(lab):
    result = lab.measure("single_calls", "--measure", "time", "--profile", "smoke", "--runs", "1",
                         "--allocators", "glibc,reference", "--quiet")
    runs = [run for run in result.runs if run["experiment"] == "single_calls"]
    assert {(run["arm"], run["status"]) for run in runs} == {("glibc", "ok"), ("reference", "ok")}
    assert all(run["phases"][0]["metrics"]["thousand_calls_ns"] > 0 for run in runs)
    served = {run["arm"]: run["serving"]["malloc"] for run in runs}
    assert served["reference"].endswith("liballoclab_reference.so") and served["glibc"].endswith("libc.so.6")
    assert result.problems() == ""


def test_counts_are_skipped_and_say_so(lab):
    result = lab.measure("single_calls", "--profile", "smoke", "--allocators", "glibc", "--quiet")
    told = {(run["status"], run["reason"]) for run in result.runs if run["experiment"] == "single_calls"}
    assert told == {("skipped", "gives times only: --measure time")}


def test_a_size_that_the_program_does_not_know_fails(lab):
    result = lab.measure("single_calls", "--measure", "time", "--profile", "smoke", "--runs", "1",
                         "--set", "block_bytes=100", "--set", "call=malloc_free", "--allocators", "glibc", "--quiet")
    told = [run for run in result.runs if run["experiment"] == "single_calls"]
    assert [run["status"] for run in told] == ["failed"] and "no such benchmark" in told[0]["reason"]
