#!/usr/bin/python3
"""What the lab itself costs, against its goals: `make bench`.

examples:
  scripts/bench.py
  scripts/bench.py --runs 20000

exit codes: 0 every goal is met, 1 one is not, 2 bad input
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MIB = 1 << 20


def benchmarks(program):
    """Returns {name: counters} of a Google Benchmark program."""
    done = subprocess.run([program, "--benchmark_format=json"], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True)
    return {each["name"].split("/iterations")[0]: each for each in json.loads(done.stdout)["benchmarks"]}


def instrument(build):
    """Rows about single operations: (what, goal, measured, met)."""
    sampler = benchmarks(build / "sampler_bench")
    for name, what in (("bare_loop_and_snapshot", "one snapshot, CPU"),
                       ("bare_loop_and_snapshot_with_events", "one snapshot with events, CPU")):
        ratio = sampler[name]["ratio"]
        yield what, "≤ 1.25 × bare loop", f"{ratio:.2f} ×", ratio <= 1.25
    runner = benchmarks(build / "runner_bench")
    for suffix in ("without_events", "with_events"):
        mark, run = runner[f"mark/{suffix}"], runner[f"run/{suffix}"]
        ratio = (mark["mark_us"] - mark["round_trip_us"]) / (mark["bare_us"] - mark["round_trip_us"])
        yield (f"one mark {suffix.replace('_', ' ')}", "≤ 1.25 × bare loop + round trip",
               f"{ratio:.2f} × + {mark['round_trip_us']:.0f} µs = {mark['mark_us']:.0f} µs", mark["of_allowed"] <= 1)
        more_cpu = run["lab_cpu_ms"] - run["bare_cpu_ms"]
        yield (f"one run {suffix.replace('_', ' ')}", "≤ bare run + 1.5 ms",
               f"+ {run['more_ms']:.2f} ms (CPU + {more_cpu:.2f} ms, bare {run['bare_ms']:.2f} ms)",
               run["more_ms"] <= 1.5)


def memory_kib(pid, field):
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    found = [line.split()[1] for line in status.splitlines() if line.startswith(field + ":")]
    return int(found[0]) if found else None


def sweep_watched(command, journal):
    """Runs `command`; returns [(bytes of journal, bytes of RSS)] over time, and the peak RSS in bytes."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    samples, peak = [], 0
    while process.poll() is None:
        resident, high = memory_kib(process.pid, "VmRSS"), memory_kib(process.pid, "VmHWM")
        if resident and high and journal.exists():
            samples.append((journal.stat().st_size, resident * 1024))
            peak = max(peak, high * 1024)
        time.sleep(0.05)
    if process.returncode != 0:
        raise SystemExit(f"bench: {command} ended with exit {process.returncode}")
    return samples, peak


def append_cost(rows):
    """Time of a run in the last quarter as a multiple of the first: medians over quarters."""
    starts = [datetime.fromisoformat(row["start"].replace("Z", "+00:00")).timestamp() for row in rows]
    steps = [later - earlier for earlier, later in zip(starts, starts[1:])]
    quarter = len(steps) // 4
    return statistics.median(steps[-quarter:]) / statistics.median(steps[:quarter])


def long_sweep(build, folder, runs):
    journal = folder / "long" / "runs.jsonl"
    samples, peak = sweep_watched(
        [build / "alloclab", "run", "empty_program", "--allocators", "glibc", "--measure", "time", "--runs", str(runs),
         "--quiet", "--out", journal.parent], journal)
    bytes_per_run = journal.stat().st_size / runs
    settled = [(size / bytes_per_run, resident) for size, resident in samples if size > journal.stat().st_size / 10]
    growth = "too short to see growth"
    if len(settled) > 2:
        growth = f"growing {statistics.linear_regression(*zip(*settled)).slope:.0f} bytes a run"
    yield f"parent over {runs} runs", "peak RSS ≤ 64 MiB", f"{peak / MIB:.1f} MiB, {growth}", peak <= 64 * MIB
    rows = [json.loads(line) for line in journal.read_text().splitlines()]
    later = append_cost(rows)
    yield "last quarter of those runs", "≈ 1 × the first quarter", f"{later:.2f} ×", later <= 1.25


def first_touch(build, folder):
    begin = time.monotonic()
    subprocess.run([build / "alloclab", "run", "first_touch", "--quiet", "--out", folder / "first_touch"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.monotonic() - begin
    rows = (folder / "first_touch" / "runs.jsonl").read_text().count("\n")
    yield "first_touch, quick, all allocators", "≤ 30 s on 2 CPUs", f"{seconds:.1f} s for {rows} runs", seconds <= 30


def report(row):
    what, goal, measured, met = row
    print(f"  {what:<36} {goal:<33} {measured:<50} {'met' if met else 'NOT MET'}", flush=True)
    return met


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build/release", help="folder of the built programs")
    parser.add_argument("--runs", type=int, default=2000, help="length of the long sweep")
    options = parser.parse_args()
    build = (ROOT / options.build).resolve()
    if not (build / "runner_bench").exists():
        print(f"bench: {build}/runner_bench is missing; build it: make build", file=sys.stderr)
        return 2
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} CPUs: "
          "times below are medians of alternating measurements")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        parts = (instrument(build), long_sweep(build, folder, options.runs), first_touch(build, folder))
        met = [report(row) for part in parts for row in part]
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
