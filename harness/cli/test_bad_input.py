"""Every bad input ends with exit 2, a message that names it and the nearest valid name, and nothing
written.
"""

import json
import os
import subprocess

import pytest

GLIBC = ("--allocators", "glibc", "--profile", "smoke", "--quiet")

# Arguments, and what the message must hold.
MISTYPED = [
    ("runn first_touch", ["'runn'", "'run'"]),
    ("list experiment", ["'experiment'", "'experiments'"]),
    ("describe first_tuch", ["'first_tuch'", "'first_touch'"]),
    ("run first_tuch", ["'first_tuch'", "'first_touch'"]),
    ("run", ["name of an experiment"]),
    ("run first_touch --profil smoke", ["'--profil'", "'--profile'"]),
    ("run first_touch --profile smok", ["'smok'", "'smoke'"]),
    ("run first_touch --measure tim", ["'tim'", "'time'"]),
    ("run first_touch --allocators jemaloc", ["'jemaloc'", "'jemalloc'"]),
    ("run first_touch --allocators glibc,glibc", ["'glibc'", "twice"]),
    ("run first_touch --arm base=jemaloc", ["'jemaloc'", "'jemalloc'"]),
    ("run first_touch --arm base", ["--arm base"]),
    ("run first_touch --arm base=glibc --allocators glibc", ["--arm", "--allocators"]),
    ("run first_touch --set block_byte=4096", ["'block_byte'", "'block_bytes'"]),
    ("run heap_trim --set trim_treshold_bytes=1", ["'trim_treshold_bytes'", "'trim_threshold_bytes'"]),
    ("run first_touch --set touch=wite", ["'wite'", "'write'"]),
    ("run first_touch --set block_bytes=large", ["'large'", "block_bytes"]),
    ("run first_touch --set block_bytes", ["--set block_bytes"]),
    ("run first_touch --set block_bytes=4KiB touched_pages=230", ["nothing to run"]),
    ("run first_touch --runs many", ["--runs", "many"]),
    ("run first_touch --runs 0", ["--runs"]),
    ("run first_touch --shard 3/2", ["--shard 3/2"]),
    ("run first_touch --cpus 0,x", ["--cpus 0,x"]),
    ("run first_touch --cpus 1023", ["--cpus 1023"]),
    ("run first_touch --memory much", ["--memory much"]),
    ("run first_touch --swap 1MiB", ["--swap", "--memory"]),
    ("run first_touch --image-facts nowhere.json", ["nowhere.json"]),
    ("run --resume nowhere", ["nowhere/manifest.json"]),
    ("run --extend nowhere --blocks 1", ["nowhere/manifest.json"]),
    ("run first_touch --blocks 3", ["--extend"]),
    ("claims first-tuch", ["'first-tuch'", "'first-touch'"]),
    ("claims --profile smok", ["'smok'", "'smoke'"]),
]


@pytest.mark.parametrize("arguments, words", MISTYPED, ids=[arguments for arguments, _ in MISTYPED])
def test_is_refused_by_name_and_writes_nothing(lab, arguments, words):
    out, err = lab.call(*arguments.split(), code=2)
    assert out == ""
    assert err.startswith("alloclab: ")
    for word in words:
        assert word in err
    assert list(lab.folder.iterdir()) == []


@pytest.fixture
def result(lab):
    return lab.measure("empty_program", *GLIBC, "--out", "result")


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("option", ["first_touch", "--runs 2", "--seed 2", "--allocators glibc", "--out other",
                                    "--set block_bytes=1", "--profile full", "--measure time", "--shard 1/2",
                                    "--cpus 0", "--memory 64MiB", "--timeline-ms 5"])
@pytest.mark.parametrize("way", ["--resume result", "--extend result --blocks 1"])
def test_continuing_with_another_plan_is_refused(lab, result, way, option):
    before = contents(result.folder)
    _, err = lab.call("run", *way.split(), *option.split(), code=2)
    assert option.split()[0] in err and "leave out" in err
    assert contents(result.folder) == before


def damaged(manifest, damage):
    text = json.dumps(manifest)
    if damage == "cut":
        return text[:len(text) // 2]
    changed = json.loads(text)
    if damage == "another version":
        changed["schema_version"] = 99
    elif damage == "another plan":
        changed["plan"]["cases"][0]["params"]["block_bytes"] = "1"
    elif damage == "no plan":
        del changed["plan"]
    elif damage == "an experiment that is gone":
        changed["plan"]["cases"][0]["experiment"] = "empty_progam"
    return json.dumps(changed)


@pytest.mark.parametrize("damage", ["cut", "another version", "another plan", "no plan", "an experiment that is gone"])
def test_a_corrupt_manifest_is_refused_by_name(lab, result, damage):
    (result.folder / "manifest.json").write_text(damaged(result.manifest, damage))
    before = contents(result.folder)
    _, err = lab.call("run", "--resume", "result", code=2)
    assert "result/manifest.json" in err
    assert contents(result.folder) == before


def test_a_corrupt_line_within_the_journal_is_refused_by_number(lab, result):
    journal = result.folder / "runs.jsonl"
    journal.write_text("{\n" + journal.read_text())
    _, err = lab.call("run", "--resume", "result", code=2)
    assert "runs.jsonl, line 1" in err


def test_a_folder_that_holds_a_result_is_not_written_over(lab, result):
    before = contents(result.folder)
    _, err = lab.call("run", "first_touch", *GLIBC, "--out", "result", code=2)
    assert "holds a result" in err and "--resume result" in err
    assert contents(result.folder) == before


def test_an_unwritable_folder_is_refused_before_the_first_run(lab):
    (lab.folder / "file").write_text("")
    for out in ("/proc/nowhere/result", "file", "file/below"):
        _, err = lab.call("run", "first_touch", *GLIBC, "--out", out, code=2)
        assert out in err and "--out" in err


@pytest.fixture
def tiny_disk(lab):
    """A file system of 4 MiB, less than any plan needs."""
    disk = lab.folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", disk]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system is not permitted here")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_disk_that_is_too_small_is_refused_before_the_first_run(lab, tiny_disk):
    _, err = lab.call("run", "first_touch", *GLIBC, "--out", "disk/result", code=2)
    assert "MiB free" in err and "--out" in err
    assert list(tiny_disk.iterdir()) == []
