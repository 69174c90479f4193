"""pod_size on real memory limits: what cannot fit is killed, what fits ends well, and the search lies between."""

import json
import os
import subprocess
from pathlib import Path

import pytest

LAB = Path(os.environ.get("ALLOCLAB", Path(__file__).resolve().parents[1] / "build/release/alloclab"))
MIB = 1 << 20
LIVE_BYTES = 40 * MIB


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    if not LAB.exists():
        pytest.skip(f"{LAB} is not built")
    folder = tmp_path_factory.mktemp("pod") / "result"
    subprocess.run([LAB, "run", "pod_size", "--allocators", "glibc", "--runs", "1", "--set", "swap=none",
                    "--set", "limit_bytes=40MiB,160MiB", "--quiet", "--out", folder], check=True, capture_output=True)
    rows = [json.loads(line) for line in (folder / "runs.jsonl").read_text().splitlines()]
    rows = [row for row in rows if row["experiment"] == "pod_size"]
    refused = [row["reason"] for row in rows if row["status"] == "skipped"]
    if refused:
        pytest.skip(refused[0])
    return rows


def test_live_bytes_alone_are_too_small_a_limit(runs):
    [row] = [row for row in runs if row["params"]["limit_bytes"] == "40MiB"]
    assert row["status"] == "oom_killed"


def test_four_times_the_live_bytes_suffice(runs):
    [row] = [row for row in runs if row["params"]["limit_bytes"] == "160MiB"]
    assert row["status"] == "ok"
    assert abs(row["phases"][0]["metrics"]["live_bytes"] - LIVE_BYTES) < LIVE_BYTES / 100


def test_the_search_ends_between_two_neighbours(runs):
    probes = {int(row["params"]["limit_bytes"]): row["search"]["holds"] for row in runs if row["search"]}
    smallest = min(limit for limit, holds in probes.items() if holds)
    assert probes[smallest - 256 * 1024] is False
    assert LIVE_BYTES < smallest < 2 * LIVE_BYTES
