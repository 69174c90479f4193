#!/usr/bin/python3
"""Builds, runs ctest and pytest, and ends with one line: `N passed, M failed, K skipped`.

The numbers come from the JUnit files the two write. A file that is missing, unreadable or empty counts
as a failure: a test suite that did not run never looks green. Standard library only.
"""

import argparse
import os
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def count_junit(path):
    """Returns the counts of one JUnit file. Raises ValueError, naming the cause, when it holds no test."""
    try:
        root = ElementTree.parse(path).getroot()
    except (OSError, ElementTree.ParseError) as error:
        raise ValueError(f"{path}: no test counts: {error}") from error
    suites = [root] if root.tag == "testsuite" else list(root.iter("testsuite"))

    def total(*names):
        return sum(int(suite.get(name, 0)) for suite in suites for name in names)

    tests, failed, skipped = total("tests"), total("failures", "errors"), total("skipped", "disabled")
    if tests == 0:
        raise ValueError(f"{path}: no test ran")
    return Count(tests - failed - skipped, failed, skipped)


def run_suite(name, command, junit):
    """Runs one suite. Returns its counts; a suite that fails without saying which test counts one failure."""
    junit.unlink(missing_ok=True)
    code = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, check=False).returncode
    try:
        count = count_junit(junit)
    except ValueError as error:
        print(f"{name}: {error}", file=sys.stderr)
        return Count(failed=1)
    if code != 0 and count.failed == 0:
        print(f"{name}: exit {code} although no test failed", file=sys.stderr)
        count.failed = 1
    return count


def test_folders():
    """The folders that hold pytest files."""
    tops = ("scripts", "harness", "experiments", "allocators")
    return [top for top in tops if any((ROOT / top).rglob("test_*.py"))]


def build(preset):
    if not (ROOT / "build" / preset / "build.ninja").exists():
        subprocess.run(["cmake", "--preset", preset], cwd=ROOT, check=True)
    subprocess.run(["cmake", "--build", "--preset", preset], cwd=ROOT, check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--preset", default="release", help="CMake preset to build and test")
    parser.add_argument("--jobs", default=str(os.cpu_count()), help="ctest jobs")
    options = parser.parse_args()
    folder = ROOT / "build" / options.preset
    os.environ["ALLOCLAB_BUILD"] = str(folder)  # where the tests of the built programs find them
    try:
        build(options.preset)
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"the build failed: {error}", file=sys.stderr)
        print(Count(failed=1))
        return 1

    ctest, pytest = folder / "ctest.xml", folder / "pytest.xml"
    count = run_suite("ctest", ["ctest", "--test-dir", str(folder), "--output-on-failure", "-j", options.jobs,
                                "--output-junit", str(ctest)], ctest)
    count += run_suite("pytest", [sys.executable, "-m", "pytest", "-q", "-rs", f"--junitxml={pytest}",
                                  *test_folders()], pytest)
    print(count)
    return 0 if count.failed == 0 and count.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
