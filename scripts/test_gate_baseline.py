"""The committed baseline of counts: it is a valid result, this build agrees with it, and where it cannot
be compared the key is named.
"""

import json
import os
import pathlib
import shutil
import subprocess

import pytest

import validate

ROOT = pathlib.Path(__file__).resolve().parent.parent
BASELINE = ROOT / "results/baseline/counts"
LAB = ROOT / "build/release/alloclab"
needs_lab = pytest.mark.skipif(not LAB.exists(), reason="the lab is not built (make build)")


def gated(out, baseline=BASELINE):
    done = subprocess.run([str(ROOT / "scripts/gate_baseline.sh")], capture_output=True, text=True, check=False,
                          env={**os.environ, "OUT": str(out), "BASELINE": str(baseline)})
    return done.returncode, done.stdout + done.stderr


def test_the_committed_baseline_is_a_valid_result_of_counts():
    assert list(validate.problems_of(BASELINE)) == []
    manifest = json.loads((BASELINE / "manifest.json").read_text())
    assert manifest["measure"] == "counts" and manifest["outcome"] == "complete"


@needs_lab
def test_this_build_counts_what_the_baseline_does(tmp_path):
    code, text = gated(tmp_path / "new")
    if code == 5:
        pytest.skip("; ".join(line for line in text.splitlines() if "not comparable" in line))
    assert code == 0, f"{text}\nif the change is meant: make gate-baseline UPDATE=1, review, commit"


@needs_lab
def test_the_baseline_of_another_system_is_no_failure_and_its_key_is_named(tmp_path):
    other = shutil.copytree(BASELINE, tmp_path / "other")
    manifest = json.loads((other / "manifest.json").read_text())
    for environment in manifest["environments"].values():
        environment["libc"] = "glibc 9.99"
    (other / "manifest.json").write_text(json.dumps(manifest))
    code, text = gated(tmp_path / "new", other)
    assert code == 5 and "libc: glibc 9.99 against" in text
