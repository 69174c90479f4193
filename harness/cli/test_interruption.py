"""Ctrl-C, kill -9 and a full disk at any moment leave a valid result that --resume completes, and no
process or cgroup behind.
"""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conftest import LONGEST_S, Result

# One block of 41 runs: wherever it stops, it stops within a block.
SWEEP = ("first_touch", "--allocators", "glibc", "--profile", "smoke", "--quiet", "--out", "result",
         "--set", "touched_pages=" + ",".join(map(str, range(20))))


def wait_for(condition, process):
    """Waits until `condition` holds. Requires that `process` is still running then."""
    end = time.monotonic() + LONGEST_S
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.01)


def lines_of(journal):
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def measured_processes(parent):
    """What runs under ALLOCLAB_PARENT=`parent`: launchers, measured programs and what they started."""
    wanted = b"ALLOCLAB_PARENT=%010d" % parent
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and wanted in (entry / "environ").read_bytes().split(b"\0"):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def cgroups_of(pid):
    return list(Path("/sys/fs/cgroup").rglob(f"alloclab-{pid}-*"))


def assert_complete(result, at_least_superseded=0):
    assert result.problems() == ""
    assert result.manifest["outcome"] == "complete"
    assert result.measured() == result.planned()
    assert len(result.superseded) >= at_least_superseded


def test_ctrl_c_leaves_a_valid_result_and_the_command_that_completes_it(lab):
    process = lab.start("run", *SWEEP)
    result = Result(lab.folder / "result")
    wait_for(lambda: lines_of(result.folder / "runs.jsonl") >= 5, process)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 130
    assert out.splitlines()[-1] == "result"
    assert "alloclab run --resume result" in err
    assert result.manifest["outcome"] == "interrupted" and result.manifest["ended"]
    assert result.problems() == ""
    assert measured_processes(process.pid) == [] and cgroups_of(process.pid) == []

    whole_rows = {run["run"] for run in result.runs}
    assert len(result.planned()) > len(whole_rows) >= 5
    lab.call("run", "--resume", "result", "--quiet")
    assert result.superseded == whole_rows
    assert_complete(result)


def test_two_do_not_write_into_one_result(lab):
    process = lab.start("run", *SWEEP, "--runs", 40)
    wait_for(lambda: lines_of(lab.folder / "result" / "runs.jsonl") >= 5, process)
    second = lab.start("run", "--resume", "result", "--quiet")
    _, err = second.communicate(timeout=LONGEST_S)
    assert second.returncode == 2 and "another alloclab is writing there" in err
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONGEST_S)
    lab.call("run", "--resume", "result", "--quiet")
    assert_complete(Result(lab.folder / "result"))


def test_ctrl_c_does_not_wait_for_the_run_in_flight(lab):
    process = lab.start("run", "delayed_return", "--allocators", "glibc", "--timeout", 900,
                        "--set", "wait=idle", "--set", "watch_ms=76800000", "--profile", "smoke", "--out", "result")
    wait_for(lambda: measured_processes(process.pid), process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=LONGEST_S)  # half of what the run would take
    assert process.returncode == 130
    assert measured_processes(process.pid) == []


def test_kill_9_at_random_moments_leaves_nothing_behind_and_resume_completes(lab):
    moments = random.Random(4)
    journal = lab.folder / "result" / "runs.jsonl"
    killed = []
    arguments = ("run", *SWEEP, "--runs", 4)
    for _ in range(4):
        target = lines_of(journal) + moments.randint(0, 25)
        process = lab.start(*arguments)
        wait_for(lambda: lines_of(journal) >= target, process)
        time.sleep(moments.uniform(0, 0.02))
        process.kill()
        process.communicate()
        killed.append(process.pid)
        wait_for_death_of_children(process.pid)
        if (journal.parent / "manifest.json").exists():
            arguments = ("run", "--resume", "result", "--quiet")
    lab.call(*arguments)
    assert_complete(Result(lab.folder / "result"), at_least_superseded=1)
    assert [group for pid in killed for group in cgroups_of(pid)] == []


def wait_for_death_of_children(pid):
    """Their parent's death signal has been sent; the kernel may need a moment to take them down."""
    end = time.monotonic() + LONGEST_S
    while (left := measured_processes(pid)) and time.monotonic() < end:
        time.sleep(0.01)
    assert left == []


@pytest.fixture
def small_disk(lab):
    """A file system of 16 MiB, room for the plan as long as nobody else takes it."""
    disk = lab.folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system is not permitted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def fill(ballast):
    with open(ballast, "wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass


def test_a_disk_that_fills_up_leaves_a_valid_journal_and_says_how_to_go_on(lab, small_disk):
    arguments = [word if word != "result" else "disk/result" for word in SWEEP]
    process = lab.start("run", *arguments)
    result = Result(small_disk / "result")
    wait_for(lambda: lines_of(result.folder / "runs.jsonl") >= 3, process)
    fill(small_disk / "ballast")
    _, err = process.communicate(timeout=LONGEST_S)
    assert process.returncode == 1
    assert "runs.jsonl" in err and "--resume disk/result" in err
    assert (result.folder / "runs.jsonl").read_bytes().endswith(b"\n")
    assert result.problems() == ""
    assert measured_processes(process.pid) == [] and cgroups_of(process.pid) == []

    (small_disk / "ballast").unlink()
    lab.call("run", "--resume", "disk/result", "--quiet")
    assert_complete(result, at_least_superseded=3)
