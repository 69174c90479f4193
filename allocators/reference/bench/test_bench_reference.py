"""The comparison script: bad input, and the proof that the right library was measured."""

import json
import pathlib
import stat
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import bench_reference  # noqa: E402

SCRIPT = pathlib.Path(__file__).with_name("bench_reference.py")


def make_build(folder, library="/lib/libc.so.6"):
    """A build folder whose bench_reference answers without doing anything."""
    record = {"workload": "w", "library": library, "wall_ns": 2, "cpu_ns": 2, "base_bytes": 0, "peak_bytes": 4,
              "freed_bytes": 1, "released_bytes": 1}
    program = folder / "bench_reference"
    program.write_text(f"#!/bin/sh\n[ $1 = --list ] && echo w && exit\necho '{json.dumps(record)}'\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    (folder / "liballoclab_reference.so").touch()
    return folder


def run(*arguments):
    return subprocess.run([sys.executable, SCRIPT, *arguments], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("arguments, complaint", [
    (("--build", "/nowhere"), "build the target bench_reference"),
    (("--blocks", "0"), "must be positive"),
    (("--scale", "-1"), "must be positive"),
])
def test_bad_input_is_named_and_exits_with_2(arguments, complaint):
    done = run(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr


@pytest.mark.parametrize("option, value", [("--workloads", "nonsense"), ("--allocators", "nonsense")])
def test_an_unknown_name_is_answered_with_the_known_ones(tmp_path, option, value):
    done = run("--build", str(make_build(tmp_path)), option, value)
    assert done.returncode == 2
    assert "unknown" in done.stderr and "known:" in done.stderr


def test_a_library_that_did_not_load_is_an_error(tmp_path):
    done = run("--build", str(make_build(tmp_path)), "--blocks", "1", "--allocators", "glibc")
    assert done.returncode == 2
    assert "malloc is served by" in done.stderr


def test_the_ratio_is_the_median_over_blocks():
    results = {"a": [{"k": 2}, {"k": 9}, {"k": 4}], "b": [{"k": 1}, {"k": 1}, {"k": 1}]}
    assert bench_reference.ratio(results, "a", "b", "k") == 4


def test_the_geometric_mean_of_a_number_and_its_inverse_is_one():
    assert bench_reference.geometric_mean([4, 0.25]) == pytest.approx(1)
