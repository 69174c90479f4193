"""The lab in real containers: needs an engine and the network; builds missing images. `make test-containers`."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from containers import engine, images, lock
from containers.errors import ContainerError

CONTAINER = Path(__file__).resolve().parents[1] / "container.py"
SMOKE = ["first_touch", "--profile", "smoke", "--allocators", "glibc,mimalloc", "--runs", "2", "--quiet"]
LIBC = {"bookworm": "glibc 2.36", "trixie": "glibc 2.41", "forky": "glibc 2.43"}


def no_engine():
    try:
        engine.find_engine()
    except ContainerError as reason:
        return str(reason)
    return ""


pytestmark = [pytest.mark.containers, pytest.mark.skipif(no_engine() != "", reason=no_engine())]


@pytest.fixture(scope="module", autouse=True)
def fresh_images():
    """Images of this source: a stale one is built again, as `make image` does."""
    found = engine.find_engine()
    for name in images.RELEASES:
        present = images.inspect(found, images.tag(name))
        if present is None or present["labels"].get("alloclab.source") != images.source_id():
            images.build(found, name)


def container(*arguments):
    return subprocess.run([sys.executable, CONTAINER, *arguments], capture_output=True, text=True, check=False)


def measured(folder, *options, image="bookworm"):
    done = container("run", "--image", image, *options, *SMOKE, "--out", str(folder))
    assert done.returncode == 0, done.stdout + done.stderr
    manifest = json.loads((folder / "manifest.json").read_text())
    return manifest, [json.loads(line) for line in (folder / "runs.jsonl").read_text().splitlines()]


def test_a_result_says_in_which_image_it_was_made(tmp_path):
    manifest, runs = measured(tmp_path / "r")
    [environment] = manifest["environments"].values()
    assert (environment["image"], environment["libc"]) == ("bookworm", LIBC["bookworm"])
    assert environment["image_digest"].startswith("sha256:")
    assert environment["packages"]["libjemalloc2"]
    assert {run["status"] for run in runs} == {"ok"}


def test_files_belong_to_the_caller(tmp_path):
    measured(tmp_path / "r")
    assert {path.stat().st_uid for path in (tmp_path / "r").rglob("*")} == {os.getuid()}


def test_the_record_is_valid(tmp_path):
    measured(tmp_path / "r")
    done = subprocess.run([sys.executable, CONTAINER.with_name("validate.py"), tmp_path / "r"], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_files_and_the_page_cache_can_be_measured(tmp_path):
    done = container("run", "--image", "bookworm", "file_mapping", "--profile", "smoke", "--allocators", "glibc", "--runs", "1",
                     "--quiet", "--out", str(tmp_path / "r"))
    assert done.returncode == 0, done.stdout + done.stderr
    runs = [json.loads(line) for line in (tmp_path / "r/runs.jsonl").read_text().splitlines()]
    assert "ok" in {run["status"] for run in runs if run["experiment"] == "file_mapping"}, runs[0]["reason"]


def test_limits_in_force_are_those_asked_for(tmp_path):
    manifest, _ = measured(tmp_path / "r", "--cpus", "0", "--memory", "128MiB", "--swap", "0")
    [environment] = manifest["environments"].values()
    assert environment["container_memory_asked_bytes"] == 128 * 2**20
    assert environment["cgroup_memory_limit_bytes"] == 128 * 2**20
    assert (environment["cpus_allowed_count"], environment["cpus_allowed"]) == (1, "0")
    if environment["cgroup_swap_limit_bytes"] is not None:  # a kernel without swap accounting does not tell
        assert environment["cgroup_swap_limit_bytes"] == 0


def test_system_calls_are_counted_with_perf_and_null_with_a_reason_without(tmp_path):
    _, plain = measured(tmp_path / "plain")
    assert all(run["phases"][0]["metrics"]["mmap_calls_count"] is None for run in plain)
    assert all(run["nulls"]["mmap_calls_count"] for run in plain)
    try:
        engine.find_engine().require_perfmon()
    except ContainerError as reason:
        done = container("run", "--image", "bookworm", "--perf", *SMOKE, "--out", str(tmp_path / "perf"))
        assert done.returncode == 2 and str(reason) in done.stderr
        return
    manifest, counted = measured(tmp_path / "perf", "--perf")
    [environment] = manifest["environments"].values()
    if environment.get("event_mmap_calls_count") is None:
        pytest.skip(f"no system call events here: {environment['nulls']['event_mmap_calls_count']}")
    assert all(run["phases"][0]["metrics"]["mmap_calls_count"] is not None for run in counted)


def test_all_images_make_one_result_with_three_c_libraries(tmp_path):
    manifest, runs = measured(tmp_path / "r", image="all")
    assert {each["image"]: each["libc"] for each in manifest["environments"].values()} == LIBC
    mimalloc = {each["arm"]: each["origin"] for each in manifest["allocators"] if each["name"] == "mimalloc"}
    assert set(mimalloc) == {f"mimalloc {image}" for image in LIBC} and len(set(mimalloc.values())) == len(LIBC)
    assert len({run["run"] for run in runs}) == len(runs)


def test_the_same_binaries_run_in_every_image():
    found = engine.find_engine().settle(images.tag("bookworm"))
    digests = {found.capture(images.tag(name), "sha256sum", "/alloclab/bin/alloclab-child") for name in images.RELEASES}
    assert len(digests) == 1


def test_every_image_is_in_the_lock():
    locked = lock.read()
    assert set(locked["images"]) == set(images.RELEASES)
    for name in images.RELEASES:
        assert locked["images"][name]["packages"]["libc6"].startswith(LIBC[name].split()[1])
