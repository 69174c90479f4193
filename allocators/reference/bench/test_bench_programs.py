"""The comparison of whole programs: a wrong result or a failure is an error, not a figure."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bench_programs  # noqa: E402
import bench_reference  # noqa: E402

LIBRARIES = {"glibc": None, "reference": None}


def test_a_program_is_run_under_every_allocator_in_every_block():
    results = bench_programs.run_blocks({"echo": ["echo", "a"]}, LIBRARIES, 3, 1)
    assert [len(records) for records in results["echo"].values()] == [3, 3]
    assert all(record["peak_bytes"] > 0 for record in results["echo"]["reference"])


def test_a_program_that_prints_something_else_the_next_time_is_refused():
    with pytest.raises(bench_reference.BadInput, match="other output"):
        bench_programs.run_blocks({"pid": ["sh", "-c", "echo $$"]}, LIBRARIES, 1, 1)


def test_a_program_that_fails_is_refused():
    with pytest.raises(bench_reference.BadInput, match="false ended"):
        bench_programs.run_once("false", ["false"], None)
