"""What gate_reference.sh refuses and skips before it builds anything."""

import os
import pathlib
import shutil
import subprocess

import pytest

SCRIPT = pathlib.Path(__file__).with_name("gate_reference.sh")
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"  # git's name for a tree without files

pytestmark = pytest.mark.skipif(not shutil.which("git") or not (SCRIPT.parent.parent / ".git").exists(),
                                reason="needs the git repository")


def run(base, **environment):
    return subprocess.run([str(SCRIPT), base], env={**os.environ, **environment}, capture_output=True,
                          text=True, check=False)


def test_a_folder_that_exists_is_not_overwritten(tmp_path):
    done = run("HEAD", OUT=str(tmp_path))
    assert done.returncode == 2 and "exists" in done.stderr


def test_a_commit_without_the_reference_allocator_has_nothing_to_compare(tmp_path):
    done = run(EMPTY_TREE, OUT=str(tmp_path / "new"))
    assert done.returncode == 0 and "nothing to compare" in done.stderr
    assert not (tmp_path / "new").exists()
