"""What the tests of the built programs share: a lab that runs in a folder of its own, and readers of
what it wrote. The programs are found through ALLOCLAB_BUILD, else in build/release.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ALLOCLAB_BUILD", ROOT / "build" / "release")).resolve()
LONGEST_S = 300  # a hang, not a slow machine


class Result:
    """A result folder as its files are: nothing is dropped or repaired."""

    def __init__(self, folder):
        self.folder = Path(folder)

    @property
    def manifest(self):
        return json.loads((self.folder / "manifest.json").read_text())

    @property
    def lines(self):
        return [json.loads(line) for line in (self.folder / "runs.jsonl").read_text().splitlines()]

    @property
    def superseded(self):
        return {line["run"] for line in self.lines if line["status"] == "superseded"}

    @property
    def runs(self):
        """The rows that count."""
        lines, superseded = self.lines, self.superseded
        return [line for line in lines if line["status"] != "superseded" and line["run"] not in superseded]

    def planned(self):
        """(block, case) of every run of the plan's blocks."""
        plan = self.manifest["plan"]
        blocks = range(plan["shard"]["index"], plan["blocks"] + 1, plan["shard"]["count"])
        return sorted((block, case["id"]) for block in blocks for case in plan["cases"])

    def measured(self):
        return sorted((run["block"], run["case"]) for run in self.runs if run["block"] > 0)

    def problems(self):
        """What scripts/validate.py says against it; empty when valid."""
        done = subprocess.run([sys.executable, ROOT / "scripts" / "validate.py", "--quiet", self.folder],
                              capture_output=True, text=True, check=False)
        return "" if done.returncode == 0 else done.stdout + done.stderr


class Lab:
    """The built program, called with `folder` as the current one."""

    program = BUILD / "alloclab"

    def __init__(self, folder):
        self.folder = folder

    def start(self, *arguments):
        return subprocess.Popen([self.program, *map(str, arguments)], cwd=self.folder, text=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def call(self, *arguments, code=0):
        """Runs to the end. Requires the exit code; returns what was printed."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=LONGEST_S)
        assert process.returncode == code, f"exit {process.returncode}\n{out}\n{err}"
        return out, err

    def measure(self, *arguments, code=0):
        """Runs `run`; returns the result whose path it prints last."""
        out, _ = self.call("run", *arguments, code=code)
        return Result(self.folder / out.splitlines()[-1])


@pytest.fixture
def lab(tmp_path):
    assert Lab.program.exists(), f"{Lab.program} is not built: make build"
    return Lab(tmp_path)
