#!/usr/bin/python3
"""Prints what the scripts cost on a large synthetic result: seconds and peak memory of each.

Not a test: machines differ. The goals, on 2 idle cores, are printed beside the figures.

examples:
  scripts/bench_scripts.py
  scripts/bench_scripts.py --runs 10000 --metrics 20
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from lablib import errors

FOLDER = pathlib.Path(__file__).resolve().parent
ARMS = ("glibc", "jemalloc", "tcmalloc", "mimalloc", "scudo")
SIZES, PAGES = ("4KiB", "64KiB", "1MiB", "16MiB"), range(25)

# name, arguments after the result, goal in seconds
STEPS = (
    ("load", None, 10), ("table.py", [], None), ("plot.py", [], None),
    ("export.py", ["--to", "github-action-benchmark"], None), ("compare.py", [], 20),
    ("report.py", [], 30),
)
LOAD = "import sys; sys.path.insert(0, sys.argv[1])\nfrom lablib import record; record.load(sys.argv[2])"


def generate(folder, runs, metrics):
    from lablib import testing

    more = {f"extra{index}_count": testing.METRICS["minor_faults_count"]
            for index in range(metrics - len(testing.METRICS))}
    points = [{"block_bytes": size, "touched_pages": str(pages), "touch": "write"}
              for size in SIZES for pages in PAGES]
    blocks = max(1, runs // (len(points) * len(ARMS)))
    return testing.write(folder, metrics={**testing.METRICS, **more}, allocators=ARMS,
                         points=points, blocks=blocks, measure="time")


def measure(command):
    """Returns (seconds, CPU seconds, peak MiB) of a child process; its output is dropped."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    message = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        raise errors.BadInput(command[1], "failed", message.strip()[-300:])
    return time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--metrics", type=int, default=40)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        result = generate(pathlib.Path(folder) / "result", options.runs, options.metrics)
        size = (result / "runs.jsonl").stat().st_size / 2**20
        print(f"{options.runs} runs x {options.metrics} metrics x 3 phases, {size:.0f} MiB")
        print(f"{'':12}{'seconds':>9}{'goal':>7}{'CPU s':>8}{'peak MiB':>10}")
        for name, extra, goal in STEPS:
            command = ([sys.executable, "-c", LOAD, FOLDER, result] if extra is None
                       else [sys.executable, FOLDER / name, result, *extra])
            seconds, cpu, peak = measure(list(map(str, command)))
            print(f"{name:12}{seconds:9.1f}{goal or '':>7}{cpu:8.1f}{peak:10.0f}", flush=True)
        for script in sorted(FOLDER.glob("*.py")):
            if "errors.run(main)" in script.read_text() and script.name != "bench_scripts.py":
                seconds, _, _ = measure([sys.executable, str(script), "--help"])
                print(f"{script.name + ' --help':28}{seconds:6.2f} s (goal 0.5)")
    return 0


if __name__ == "__main__":
    errors.run(main)
