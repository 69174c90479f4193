"""container.py against a stand-in engine: what it asks of the engine, records, refuses, and leaves alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from containers import images
from lablib import testing

HERE = Path(__file__).resolve().parent


class Lab:
    """container.py with a PATH on which only the stand-in engine is found."""

    def __init__(self, folder):
        self.folder = folder
        bin_folder = folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "podman").symlink_to(HERE / "fake_podman.py")
        (folder / "source").write_text(images.source_id())
        self.environment = {"PATH": str(bin_folder), "FAKE_ENGINE": str(folder), "HOME": str(folder)}

    def __call__(self, *arguments, **environment):
        return subprocess.run([sys.executable, HERE.parent / "container.py", *arguments], capture_output=True, text=True,
                              env={**self.environment, **environment}, cwd=self.folder, check=False)

    def calls(self):
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    def lab_calls(self):
        return [call for call in self.calls() if "first_touch" in call]


@pytest.fixture
def lab(tmp_path):
    return Lab(tmp_path)


def environment(folder):
    return next(iter(json.loads((folder / "manifest.json").read_text())["environments"].values()))


def test_a_run_records_its_image(lab, tmp_path):
    done = lab("run", "--image", "trixie", "first_touch", "--profile", "smoke", "--out", "r")
    assert (done.returncode, done.stdout) == (0, "r\n")
    facts = environment(tmp_path / "r")
    assert (facts["image"], facts["image_digest"]) == ("trixie", "sha256:trixie0000")
    assert facts["packages"]["libc6"] == "2.41-12"
    assert facts["container_engine_name"] == "podman"
    assert facts["image_base_origin"] == "debootstrap"


def test_nothing_but_the_result_is_writable_and_nothing_is_added(lab, tmp_path):
    lab("run", "--image", "trixie", "first_touch", "--out", "r")
    [call] = lab.lab_calls()
    writable = [each for each in call if each.startswith("--volume=") and not each.endswith(":ro")]
    assert writable == [f"--volume={tmp_path / 'r'}:/result"]
    assert "--read-only" in call and "--network=none" in call
    assert not [each for each in call if "privileged" in each or "cap-add" in each or "seccomp" in each]


def test_perf_adds_one_capability_and_names_it(lab, tmp_path):
    lab("run", "--image", "trixie", "--perf", "first_touch", "--out", "r")
    [call] = lab.lab_calls()
    assert [each for each in call if "cap-add" in each] == ["--cap-add=PERFMON"]
    assert "--volume=/sys/kernel/tracing:/sys/kernel/tracing:ro" in call
    assert environment(tmp_path / "r")["container_seccomp"] == "unconfined"


def test_limits_reach_the_engine(lab):
    lab("run", "--image", "trixie", "--cpus", "0", "--memory", "256MiB", "--swap", "0", "first_touch", "--out", "r")
    [call] = lab.lab_calls()
    assert {"--cpuset-cpus=0", "--memory=268435456", "--memory-swap=268435456"} <= set(call)


def test_several_images_become_one_result(lab, tmp_path):
    done = lab("run", "--image", "bookworm,trixie", "first_touch", "--out", "r")
    assert done.returncode == 0, done.stderr
    manifest = json.loads((tmp_path / "r/manifest.json").read_text())
    assert {each["image"] for each in manifest["environments"].values()} == {"bookworm", "trixie"}
    runs = [json.loads(line) for line in (tmp_path / "r/runs.jsonl").read_text().splitlines()]
    blocks = {image: sorted({run["block"] for run in runs if run["run"].startswith(image)}) for image in ("bookworm", "trixie")}
    assert blocks == {"bookworm": [1, 2, 3], "trixie": [1, 2, 3]}
    assert not (tmp_path / "r.parts").exists()


def test_images_take_turns_going_first(lab):
    lab("run", "--image", "bookworm,trixie", "first_touch", "--out", "r")
    order = [next(each for each in call if each.startswith("localhost/")).partition(":")[2] for call in lab.lab_calls()]
    assert order == ["bookworm", "trixie", "trixie", "bookworm", "bookworm", "trixie"]


def test_claims_of_several_images_make_one_table(lab):
    done = lab("claims", "--image", "bookworm,trixie")
    lines = done.stdout.splitlines()
    assert lines[0] == "| claim | allocator | bookworm (glibc 2.36) | trixie (glibc 2.41) | |"
    assert lines[2] == "| tcache-7 | glibc | yes | NO | differs |"
    assert lines[3] == "| first-touch |  | yes | yes |  |"


@pytest.mark.parametrize("arguments, message", [
    (["--image", "bokworm", "first_touch"], "unknown image 'bokworm': one of bookworm, trixie, forky, host, all; did you mean bookworm?"),
    (["--image", "trixie"], "name an image and an experiment"),
    (["first_touch"], "name an image and an experiment"),
    (["--resume", "none"], "no such folder"),
    (["--resume", "none", "--memory", "1GiB"], "leave out --memory"),
    (["--resume", "none", "--runs", "3"], "leave out --runs 3"),
    (["--image", "trixie", "--memory", "1MiB", "first_touch"], "below what the lab itself needs"),
    (["--image", "trixie", "--memory", "lots", "first_touch"], "--memory lots: expected bytes"),
    (["--image", "trixie", "--swap", "0", "first_touch"], "--swap needs --memory"),
    (["--image", "trixie", "--cpus", "two", "first_touch"], "--cpus two: expected a list"),
    (["--image", "trixie", "--engine", "docker", "first_touch"], "docker: not installed"),
])
def test_bad_input_is_named(lab, arguments, message):
    done = lab("run", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_no_engine_says_how_to_get_one(lab, tmp_path):
    done = lab("run", "--image", "trixie", "first_touch", PATH=str(tmp_path))
    assert done.returncode == 2
    assert "podman: not installed" in done.stderr and "setup.sh --containers" in done.stderr


@pytest.mark.parametrize("limit", [["--memory", "256MiB"], ["--cpus", "0"]])
def test_limits_that_the_engine_would_ignore_are_refused(lab, tmp_path, limit):
    (tmp_path / "rootless").touch()
    assert lab("run", "--image", "trixie", "first_touch", "--out", "r").returncode == 0
    done = lab("run", "--image", "trixie", *limit, "first_touch", "--out", "other")
    assert done.returncode == 2 and "on cgroup version 1, it would ignore" in done.stderr
    assert not (tmp_path / "other").exists()


def test_a_refusing_engine_is_quoted(lab, tmp_path):
    (tmp_path / "refuse").write_text("Error: cgroups in hybrid mode not supported")
    done = lab("run", "--image", "trixie", "first_touch", "--out", "r")
    assert done.returncode == 2
    assert "cgroups in hybrid mode not supported" in done.stderr
    assert not (tmp_path / "r").exists()


def test_an_image_of_another_source_is_refused(lab, tmp_path):
    (tmp_path / "source").write_text("older")
    done = lab("run", "--image", "trixie", "first_touch", "--out", "r")
    assert done.returncode == 2
    assert "another state of the source" in done.stderr and "make image IMAGE=trixie" in done.stderr
    assert not (tmp_path / "r").exists()


def test_an_existing_result_is_not_touched(lab, tmp_path):
    (tmp_path / "r").mkdir()
    (tmp_path / "r/precious").write_text("x")
    done = lab("run", "--image", "trixie", "first_touch", "--out", "r")
    assert done.returncode == 2 and "exists already" in done.stderr
    assert os.listdir(tmp_path / "r") == ["precious"]


def outcome(folder):
    return json.loads((folder / "manifest.json").read_text())["outcome"]


def test_an_interrupted_run_goes_on_in_its_image_under_its_limits(lab, tmp_path):
    (tmp_path / "interrupt").touch()
    done = lab("run", "--image", "trixie", "--memory", "256MiB", "first_touch", "--out", "r")
    assert done.returncode == 130 and "run --resume r\n" in done.stderr
    assert outcome(tmp_path / "r") == "interrupted"
    done = lab("run", "--resume", "r")
    assert (done.returncode, outcome(tmp_path / "r")) == (0, "complete"), done.stderr
    call = lab.calls()[-1]
    assert "--memory=268435456" in call and "localhost/alloclab:trixie" in call and call[-4:-2] == ["--resume", "/result"]


def test_an_interrupted_run_over_images_goes_on_with_what_is_missing(lab, tmp_path):
    (tmp_path / "interrupt").touch()
    done = lab("run", "--image", "bookworm,trixie", "first_touch", "--out", "r")
    assert done.returncode == 130 and not (tmp_path / "r").exists()
    assert "go on with --resume" in lab("run", "--image", "trixie,bookworm", "first_touch", "--out", "r").stderr
    assert lab("run", "--resume", "r").returncode == 0
    assert not (tmp_path / "r.parts").exists()
    runs = [json.loads(line)["run"] for line in (tmp_path / "r/runs.jsonl").read_text().splitlines()]
    assert len(set(runs)) == len(runs) and len(lab.lab_calls()) == 6  # the interrupted part is resumed, not run anew


def test_a_result_of_another_build_of_the_image_is_not_resumed(lab, tmp_path):
    lab("run", "--image", "trixie", "first_touch", "--out", "r")
    text = (tmp_path / "r/manifest.json").read_text()
    (tmp_path / "r/manifest.json").write_text(text.replace("sha256:trixie0000", "sha256:older"))
    done = lab("run", "--resume", "r")
    assert done.returncode == 2 and "another build of image trixie (sha256:older" in done.stderr


def test_a_result_made_without_a_container_is_not_resumed_in_one(lab, tmp_path):
    testing.write(tmp_path / "r")
    done = lab("run", "--resume", "r")
    assert done.returncode == 2 and "alloclab run --resume" in done.stderr


def test_a_container_that_outlived_its_caller_is_ended_first(lab, tmp_path):
    lab("run", "--image", "trixie", "first_touch", "--out", "r")
    names = [each.partition("=")[2] for each in lab.lab_calls()[0] if each.startswith("--name=")]
    assert ["rm", "--force", *names] in lab.calls()


def make_the_lab_exit(lab, code):
    """The stand-in does its work, and ends with `code` where it ran the lab."""
    podman = lab.folder / "bin/podman"
    podman.unlink()
    podman.write_text(f'#!/bin/sh\n{sys.executable} {HERE / "fake_podman.py"} "$@" || exit\n'
                      f'case "$*" in *first_touch*) exit {code};; esac\n')
    podman.chmod(0o755)


def test_a_lab_killed_by_the_limit_says_so(lab):
    make_the_lab_exit(lab, 137)
    done = lab("run", "--image", "trixie", "first_touch", "--out", "r")
    assert done.returncode == 2 and "the lab itself was killed" in done.stderr


def test_the_exit_code_of_the_lab_is_passed_on(lab):
    make_the_lab_exit(lab, 1)
    assert lab("run", "--image", "trixie", "first_touch", "--strict", "--out", "r").returncode == 1
