"""One smoke experiment in one container, in every `make test` on a host with an engine.

Quick: this build's own programs are mounted into the bare base instead of building an image, so it needs a
host whose libc is that of the oldest release.
"""

import json
import os
import platform
import subprocess

import pytest

from containers import engine, images
from containers.errors import ContainerError

PROGRAMS = images.ROOT / "build/release"


@pytest.fixture(scope="module")
def base():
    """(engine, reference of the oldest release's base), or a skip that says why not."""
    if not (PROGRAMS / "alloclab").exists():
        pytest.skip("build/release/alloclab is not built")
    if platform.libc_ver()[1] != "2.36":
        pytest.skip(f"programs linked with glibc {platform.libc_ver()[1]} may not run in {images.RELEASES[0]}")
    try:
        found = engine.find_engine()
        reference, _, _ = images.obtain_base(found, images.RELEASES[0])
        return found.settle(reference), reference
    except ContainerError as reason:
        pytest.skip(str(reason).splitlines()[0])


def test_an_experiment_runs_in_a_bare_container(base, tmp_path):
    found, reference = base
    tmp_path.chmod(0o777)
    line = found.run_command(reference, ["run", "first_touch", "--profile", "smoke", "--allocators", "glibc,reference",
                                         "--runs", "1", "--quiet", "--out", "/result"],
                             ["--entrypoint=/alloclab/alloclab", f"--volume={os.path.realpath(PROGRAMS)}:/alloclab:ro",
                              f"--volume={tmp_path}:/result"])
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    runs = [json.loads(row) for row in (tmp_path / "runs.jsonl").read_text().splitlines()]
    assert {(run["allocator"], run["status"]) for run in runs} == {("glibc", "ok"), ("reference", "ok")}
    [environment] = json.loads((tmp_path / "manifest.json").read_text())["environments"].values()
    assert environment["distribution"].startswith("Debian GNU/Linux 12")
