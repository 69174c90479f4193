"""Shards on a real Slurm: one is killed midway, submitted again, resumed, and the merged result is whole."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import local_cluster

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from containers import engine, images  # noqa: E402
from containers.errors import ContainerError  # noqa: E402

LAB = Path(os.environ.get("ALLOCLAB", HERE.parents[1] / "build/release/alloclab"))
EXPERIMENT = ["first_touch", "--profile", "smoke", "--allocators", "glibc", "--measure", "counts"]
BLOCKS = 60

pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(local_cluster.missing() != [], reason=f"not installed: {', '.join(local_cluster.missing())}"
                       " (scripts/setup.sh --slurm)"),
    pytest.mark.skipif(os.getuid() != 0, reason="slurmd needs root"),
    pytest.mark.skipif(not LAB.exists(), reason=f"{LAB} is not built"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with local_cluster.Cluster(tmp_path_factory.mktemp("slurm")) as running:
        yield running


def submit(cluster, out, *arguments, shards=3):
    command = [sys.executable, HERE / "submit.py", "--shards", str(shards), "--out", str(out), "--lab", str(LAB),
               "--poll", "0.3", *arguments]
    return subprocess.run(command, env=cluster.environment, capture_output=True, text=True, check=False, timeout=300)


def blocks(folder):
    rows = [json.loads(line) for line in (folder / "runs.jsonl").read_text().splitlines()]
    dropped = {row["run"] for row in rows if row["status"] == "superseded"}
    return sorted(row["block"] for row in rows if row["run"] not in dropped and row["block"] > 0)


def kill_when_under_way(cluster, parts, index, killed):
    """Kills every process of the shard's job once its journal has some rows."""
    journal = parts / f"shard-{index}" / "runs.jsonl"
    while not (journal.exists() and journal.read_bytes().count(b"\n") >= 3):
        time.sleep(0.02)
    job = cluster.call("squeue", "-h", "--array", "-t", "RUNNING", "-o", "%F_%K")
    [task] = [each for each in job.split() if each.endswith(f"_{index}")]
    cluster.call("scancel", "--signal=KILL", "--full", task)
    killed.append(task)


def test_a_killed_shard_is_resumed_and_the_result_is_whole(cluster, tmp_path):
    out, killed = tmp_path / "result", []
    killer = threading.Thread(target=kill_when_under_way, args=(cluster, tmp_path / "result.parts", 2, killed), daemon=True)
    killer.start()
    done = submit(cluster, out, *EXPERIMENT, "--runs", str(BLOCKS))
    assert done.returncode == 0, done.stdout + done.stderr + cluster.logs()
    assert killed, "the shard ended before it could be killed"
    assert "submitted shard 2 of 3 again" in done.stdout
    manifest = json.loads((out / "manifest.json").read_text())
    cases = len(manifest["plan"]["cases"])
    assert blocks(out) == sorted(list(range(1, BLOCKS + 1)) * cases)
    assert not (tmp_path / "result.parts").exists()


def image_of_this_source():
    """The name of an image that is ready to run here, or the reason why there is none."""
    try:
        found = engine.find_engine()
    except ContainerError as reason:
        return None, str(reason)
    for name in images.RELEASES:
        present = images.inspect(found, images.tag(name))
        if present and present["labels"].get("alloclab.source") == images.source_id():
            return name, ""
    return None, "no image of this source: make image"


def test_shards_run_in_containers_and_a_killed_one_is_resumed(cluster, tmp_path):
    image, why_not = image_of_this_source()
    if not image:
        pytest.skip(why_not)
    out, killed = tmp_path / "result", []
    killer = threading.Thread(target=kill_when_under_way, args=(cluster, tmp_path / "result.parts", 2, killed), daemon=True)
    killer.start()
    done = submit(cluster, out, "--image", image, *EXPERIMENT, "--runs", str(BLOCKS), shards=2)
    assert done.returncode == 0, done.stdout + done.stderr + cluster.logs()
    assert killed, "the shard ended before it could be killed"
    manifest = json.loads((out / "manifest.json").read_text())
    assert {each["image"] for each in manifest["environments"].values()} == {image}
    assert blocks(out) == sorted(list(range(1, BLOCKS + 1)) * len(manifest["plan"]["cases"]))


def test_a_shard_that_always_fails_is_named_with_its_last_words(cluster, tmp_path):
    done = submit(cluster, tmp_path / "result", "no_such_experiment", "--retries", "1", shards=2)
    assert done.returncode == 2
    assert "shard 1, 2: did not complete" in done.stderr and "no_such_experiment" in done.stderr
    assert not (tmp_path / "result").exists()


def test_an_existing_result_is_not_touched(cluster, tmp_path):
    done = submit(cluster, tmp_path, *EXPERIMENT)
    assert done.returncode == 2 and "exists already" in done.stderr


def test_parts_of_another_command_are_not_touched(cluster, tmp_path):
    parts = tmp_path / "result.parts"
    parts.mkdir()
    (parts / "command.json").write_text('{"shards": 2, "arguments": ["other"]}')
    done = submit(cluster, tmp_path / "result", *EXPERIMENT)
    assert done.returncode == 2 and "holds the parts of another command" in done.stderr
