"""The gate on real runs: a library made worse on purpose is found, by what was made worse and by nothing else."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
LAB = Path(os.environ.get("ALLOCLAB", HERE.parent / "build/release/alloclab"))
COUNTS = ["churn", "--profile", "smoke", "--runs", "3"]

pytestmark = [pytest.mark.skipif(not LAB.exists(), reason=f"{LAB} is not built"),
              pytest.mark.skipif(not shutil.which("g++"), reason="no g++ to build the shim with")]


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """Builds the shim with the given burden; returns the library's path."""
    folder = tmp_path_factory.mktemp("shims")

    def build(*burden):
        library = folder / f"lib{''.join(burden) or 'plain'}.so".replace("=", "").replace("-D", "")
        subprocess.run(["g++", "-std=c++20", "-O2", "-fPIC", "-shared", "-fno-builtin", *burden,
                        HERE / "gate_shim.cpp", "-o", library], check=True)
        return library
    return build


def gate(folder, *options):
    """Returns (exit code, {metric: verdicts}) of the deterministic gate on a result."""
    done = subprocess.run([sys.executable, HERE / "gate.py", folder, "--deterministic", "--no-confirm",
                           "--json", folder / "gate.json", *options], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    rows = json.loads((folder / "gate.json").read_text())["rows"]
    return done.returncode, {row["metric"] for row in rows if row["verdict"] == "worse"}


def counts(folder, base, candidate):
    subprocess.run([LAB, "run", *COUNTS, "--arm", f"base=glibc={base}", "--arm", f"candidate=glibc={candidate}",
                    "--quiet", "--out", folder], check=True, capture_output=True)
    run = json.loads((folder / "runs.jsonl").read_text().splitlines()[-1])
    absent = [name for name in run["nulls"] if name.endswith("_calls_count")]
    return gate(folder, *(f"--without={name}" for name in absent)), absent


def instructions(folder, base, candidate):
    done = subprocess.run([sys.executable, HERE / "instructions.py", "--arm", f"base=glibc={base}", "--arm",
                           f"candidate=glibc={candidate}", "--out", folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return gate(folder)


@pytest.mark.parametrize("burden, found", [
    ("", set()),
    ("-DFAULTS=64", {"minor_faults_count"}),
    ("-DLEAK_BYTES=2097152", {"rss_anon_bytes", "rss_peak_bytes", "minor_faults_count"}),  # memory comes by faults
    ("-DMMAP_EVERY=1000", {"mmap_calls_count", "munmap_calls_count"}),
    ("-DSPIN=4", set()),  # no counter sees time: see below
])
def test_an_injected_cost_is_found_by_its_own_counters(shim, tmp_path, burden, found):
    (code, worse), absent = counts(tmp_path / "r", shim(), shim(*burden.split()))
    assert worse == found - set(absent)
    assert code == (1 if worse else 0)


@pytest.mark.skipif(not shutil.which("valgrind"), reason="valgrind is not installed")
def test_a_slowdown_of_a_few_percent_is_found_by_instructions(shim, tmp_path):
    code, worse = instructions(tmp_path / "r", shim(), shim("-DSPIN=2"))
    assert (code, worse) == (1, {"callgrind_instructions_count"})
    rows = json.loads((tmp_path / "r/gate.json").read_text())["rows"]
    ratios = [row["ratio"] for row in rows]
    assert all(1.01 < ratio < 1.2 for ratio in ratios), ratios
