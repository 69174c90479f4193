"""Every program in its short form on the reference allocator, and what run.sh says when something is wrong."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parent.parent / "build/release/liballoclab_reference.so"
PROGRAMS = sorted(path.stem for path in (HERE / "programs").glob("*.sh"))


def run(script, *arguments, library=LIBRARY):
    return subprocess.run([script, *arguments], capture_output=True, text=True, check=False,
                          env={**os.environ, "LIBRARY": str(os.environ.get("LIBRARY", library))})


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_has_the_results_it_has_on_glibc(name):
    done = run(HERE / "run.sh", "--short", name)
    if "skipped" in done.stdout:
        pytest.skip(done.stdout.strip())
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{name}: same results" in done.stdout


@pytest.fixture
def tree(tmp_path):
    """run.sh in a tree of its own, without programs."""
    folder = tmp_path / "scripts/real_programs"
    (folder / "programs").mkdir(parents=True)
    shutil.copy(HERE / "run.sh", folder)
    return folder


def add_program(tree, text):
    (tree / "programs/stand_in.sh").write_text(text)
    return run(tree / "run.sh")


def test_a_result_that_differs_is_shown(tree):
    done = add_program(tree, '# needs: bash\necho "preloaded: ${LD_PRELOAD:+yes}"\n')
    assert done.returncode == 1
    assert "stand_in: FAILED: results differ" in done.stdout and "+preloaded: yes" in done.stdout


def test_a_program_that_fails_everywhere_is_no_success(tree):
    done = add_program(tree, "# needs: bash\nexit 3\n")
    assert done.returncode == 1 and "fails on the C library's malloc too" in done.stdout


def test_a_program_that_is_not_installed_is_skipped_by_name(tree):
    done = add_program(tree, "# needs: bash no_such_program\n")
    assert done.returncode == 0 and done.stdout == "stand_in: skipped: no no_such_program\n"


def test_a_library_that_does_not_serve_is_not_believed(tree):
    (tree / "programs/stand_in.sh").write_text("# needs: bash\n")
    other = next(Path("/usr/lib").glob("*/libm.so.6"), None) or next(Path("/lib64").glob("libm.so.6"))
    done = subprocess.run([tree / "run.sh"], capture_output=True, text=True, check=False,
                          env={**os.environ, "LIBRARY": str(other)})
    assert done.returncode == 1 and "does not take malloc from" in done.stdout


def test_an_unknown_program_is_refused(tree):
    assert run(tree / "run.sh", "nothing").returncode == 2
