"""What `make` passes on, and what `make experiment` does with it; nothing is built or measured here."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LAB = """#!/bin/bash
case $* in
  "list experiments --json") echo '[{"name": "first_touch"}, {"name": "churn"}]' ;;
  "list experiments") echo "  first_touch  When?" ;;
  run*) echo "$*" >> lab.log; while [ $# -gt 1 ]; do [ "$1" = --out ] && out=$2; shift; done
        mkdir -p "${out:=results/latest}"; touch "$out/manifest.json"; exit "${LAB_EXIT:-0}" ;;
esac
"""


def planned(*arguments):
    return subprocess.run(["make", "-n", "-C", ROOT, *arguments], capture_output=True, text=True, check=True).stdout


def test_make_alone_lists_the_targets():
    listed = subprocess.run(["make", "-C", ROOT], capture_output=True, text=True, check=True).stdout
    assert "make experiment " in listed and "make test " in listed


def test_options_reach_the_lab():
    text = planned("experiment", "NAME=churn", "ALLOCATORS=glibc,jemalloc", "PROFILE=smoke", "RUNS=3", "SEED=7",
                   "SET=sizes=git live_bytes=1MiB,2MiB", "MEASURE=time", "OUT=some dir")
    assert ("'churn' --allocators 'glibc,jemalloc' --profile 'smoke' --runs '3' --set 'sizes=git' "
            "--set 'live_bytes=1MiB,2MiB' --out 'some dir' --measure 'time' --seed '7'") in " ".join(text.split())


def test_an_image_goes_to_the_container():
    assert "--image 'trixie' 'churn'" in planned("experiment", "NAME=churn", "IMAGE=trixie")


def test_claims_are_judged_here_or_in_images():
    assert "release/alloclab claims --profile 'smoke'" in " ".join(planned("claims", "PROFILE=smoke").split())
    assert "container.py claims --image 'all'" in planned("claims", "IMAGE=all")


@pytest.fixture
def tree(tmp_path):
    """experiment.sh in a tree where everything it calls is a stand-in."""
    for folder in ("scripts", "build/release"):
        (tmp_path / folder).mkdir(parents=True)
    shutil.copy(ROOT / "scripts/experiment.sh", tmp_path / "scripts")
    stand_ins = {"scripts/setup.sh": f"#!/bin/sh\necho {sys.executable}\n", "build/release/alloclab": LAB,
                 "scripts/plot.py": "print('drawn')", "scripts/table.py": "print('the answer')",
                 "scripts/timed_experiments.py": "import os\nprint(os.environ.get('TIMED', ''))"}
    for name, text in stand_ins.items():
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)
    return tmp_path


def experiment(tree, *arguments, **environment):
    return subprocess.run([tree / "scripts/experiment.sh", *arguments], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", **environment})


@pytest.mark.parametrize("name, message", [("", "needs NAME="), ("churm", "no experiment called 'churm'")])
def test_without_a_known_name_the_experiments_are_listed(tree, name, message):
    done = experiment(tree, name)
    assert done.returncode == 2
    assert message in done.stderr and "first_touch  When?" in done.stderr
    assert not (tree / "lab.log").exists()


def test_the_answer_and_the_place_are_printed_last(tree):
    done = experiment(tree, "churn", "--runs", "3")
    assert done.stdout.splitlines() == ["drawn", "the answer", f"result: {tree / 'results/latest'}"]
    assert (tree / "lab.log").read_text() == "run churn --runs 3\n"


def test_all_experiments_make_one_result(tree):
    experiment(tree, "--all")
    assert (tree / "lab.log").read_text() == "run first_touch churn\n"


def test_a_result_elsewhere_is_found(tree):
    assert experiment(tree, "churn", "--out", "here").stdout.endswith(f"result: {tree / 'here'}\n")


def test_experiments_that_show_times_run_again_beside_the_result(tree):
    experiment(tree, "--all", "--runs", "3", TIMED="churn")
    assert (tree / "lab.log").read_text().splitlines() == [
        "run first_touch churn --runs 3",
        f"run churn --runs 3 --measure time --out {tree / 'results/latest-times'}"]
    experiment(tree, "churn", "--out", "here", TIMED="churn")
    assert (tree / "lab.log").read_text().splitlines()[2:] == [
        "run churn --out here", f"run churn --measure time --out {tree / 'here-times'}"]


def test_a_measure_that_was_asked_for_is_the_only_one(tree):
    experiment(tree, "churn", "--measure", "time", TIMED="churn")
    assert (tree / "lab.log").read_text() == "run churn --measure time\n"


@pytest.mark.parametrize("code, shown", [("1", True), ("130", False), ("2", False)])
def test_the_exit_code_is_that_of_the_measurement(tree, code, shown):
    done = experiment(tree, "churn", LAB_EXIT=code)
    assert done.returncode == int(code)
    assert ("the answer" in done.stdout) == shown
