"""What gate_reference.sh refuses and skips before it builds anything."""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

from lablib import gate_thresholds

SCRIPT = pathlib.Path(__file__).with_name("gate_reference.sh")
LAB = SCRIPT.parent.parent / "build/release/alloclab"
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git's name for a tree without files

pytestmark = pytest.mark.skipif(not shutil.which("git") or not (SCRIPT.parent.parent / ".git").exists(),
                                reason="needs the git repository")


def run(*base, **environment):
    return subprocess.run([str(SCRIPT), *base], env={**os.environ, **environment}, capture_output=True,
                          text=True, check=False)


def test_a_folder_that_exists_is_not_overwritten(tmp_path):
    done = run("HEAD", OUT=str(tmp_path))
    assert done.returncode == 2 and "exists" in done.stderr


def test_a_commit_without_the_reference_allocator_has_nothing_to_compare(tmp_path):
    done = run(EMPTY_TREE, OUT=str(tmp_path / "new"))
    assert done.returncode == 0 and "nothing to compare" in done.stderr
    assert not (tmp_path / "new").exists()


def test_the_same_reference_allocator_is_not_compared_with_itself(tmp_path):
    clean = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", "allocators/reference"],
                           cwd=SCRIPT.parent.parent, check=False).returncode == 0
    if not clean:
        pytest.skip("allocators/reference has uncommitted changes")
    done = run("HEAD", OUT=str(tmp_path / "new"))
    assert done.returncode == 0 and "nothing to compare" in done.stderr


def uncountable():
    """Declares the counters that this machine cannot count at all, such as system calls without tracefs."""
    told = json.loads(subprocess.run([LAB, "doctor", "--json"], capture_output=True, check=False).stdout)
    gated = gate_thresholds.read("deterministic").gated
    return [f"--without={name}" for name in gated if told["environment"].get(f"event_{name}", True) is not True]


@pytest.mark.skipif(not LAB.exists() or not shutil.which("valgrind"), reason="needs the built lab and valgrind")
@pytest.mark.skipif(not os.environ.get("CI"), reason="in CI only (CI=true): builds two allocators")
def test_the_reference_allocator_is_no_worse_than_at_the_merge_base(tmp_path):
    done = run(OUT=str(tmp_path / "gate"), LAB=str(LAB), GATE_OPTIONS=" ".join(uncountable()))
    if "nothing to compare" in done.stderr:
        pytest.skip(done.stderr.strip())
    if done.returncode == 5:
        pytest.skip("\n".join(line for line in done.stdout.splitlines() if "not comparable" in line))
    assert done.returncode == 0, done.stdout + done.stderr
