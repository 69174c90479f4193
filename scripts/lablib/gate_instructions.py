"""Instruction counts as a result folder of their own, so that compare and gate read them like any other."""

import datetime
import hashlib
import json
import os
import pathlib
import platform
import subprocess
import time

from lablib import gate_callgrind
from lablib.errors import BadInput, unknown

METRIC = "callgrind_instructions_count"
_REGISTRY = {METRIC: {
    "unit": "count", "kind": "counter", "better": "lower", "deterministic": True, "blocking": "times",
    "source": "valgrind callgrind Ir", "meaning": "user instructions of the workload and the allocator"}}
_EXPERIMENT = {
    "name": "instructions", "family": "instructions",
    "question": "How many user instructions does a fixed workload take?",
    "method": "A single-threaded workload runs under callgrind with the allocator preloaded; only its "
              "own functions and what they call are counted.",
    "phases": ["workload"],
    "params": [{"name": "workload", "unit": "token", "meaning": "which requests are made"},
               {"name": "operations", "unit": "count", "meaning": "requests made"}],
    "knobs": [], "plots": [], "claims": [], "histograms": [],
    "table": {"title": "instructions", "metric": METRIC, "phase": "workload", "x": "workload",
              "series": "allocator", "facet": None, "where": None, "since_start": False}}


def resolve(text, lab, run=subprocess.run):
    """Returns (arm, allocator, library or None) for ARM=ALLOCATOR, ARM=LIBRARY or ARM=ALLOCATOR=LIBRARY."""
    arm, _, what = text.partition("=")
    allocator, _, path = what.partition("=")
    if not arm or not what:
        raise BadInput(f"--arm {text}", "expected ARM=ALLOCATOR, ARM=LIBRARY or ARM=ALLOCATOR=LIBRARY")
    if "/" in allocator and not path:
        path, allocator = allocator, pathlib.Path(allocator).name.split(".")[0].removeprefix("lib")
    if path:
        if not pathlib.Path(path).is_file():
            raise BadInput(path, "no such library", "name an existing shared library")
        return arm, allocator, str(pathlib.Path(path).resolve())
    return arm, allocator, None if allocator == "glibc" else _known_library(allocator, lab, run)


def _known_library(allocator, lab, run):
    try:
        done = run([str(lab), "list", "allocators", "--json"], capture_output=True, text=True, check=False)
        listed = json.loads(done.stdout)
    except (OSError, ValueError):
        raise BadInput(allocator, "cannot be looked up without the lab",
                       "build it (make build), or name the library: ARM=/path/lib.so") from None
    entries = listed if isinstance(listed, list) else next(iter(listed.values()))
    known = {entry["name"]: entry for entry in entries}
    if allocator not in known:
        raise unknown("allocator", allocator, known)
    if not known[allocator].get("path"):
        raise BadInput(allocator, known[allocator].get("reason") or "not installed")
    return known[allocator]["path"]


def write(folder, arms, workloads, operations, blocks, program, command_line, count=gate_callgrind.count,
          tell=print):
    """Measures and writes the result. Rows are appended one by one; the manifest comes first."""
    folder = pathlib.Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise BadInput(folder, "exists and is not empty", "name a new folder with --out")
    folder.mkdir(parents=True, exist_ok=True)
    cases = [_case(number, arm, allocator, workload, operations) for number, (workload, (arm, allocator, _))
             in enumerate((w, a) for w in workloads for a in arms)]
    libraries = {arm: library for arm, _, library in arms}
    manifest = _manifest(arms, cases, blocks, program, command_line)
    _write_manifest(folder, manifest)
    with open(folder / "runs.jsonl", "a", encoding="utf-8") as journal:
        number = 0
        for block in range(1, blocks + 1):
            order = cases if block % 2 else cases[::-1]
            for position, case in enumerate(order, 1):
                row = _measure(number, block, position, case, libraries[case["arm"]], program, count)
                journal.write(json.dumps(row, allow_nan=False) + "\n")
                journal.flush()
                number += 1
                tell(f"{case['arm']} {case['params']['workload']} block {block}: "
                     f"{row['phases'][0]['metrics'][METRIC] or row['nulls'][METRIC]}")
    _write_manifest(folder, {**manifest, "ended": _now(), "outcome": "complete"})
    return folder


def _case(number, arm, allocator, workload, operations):
    return {"id": f"c{number}", "experiment": "instructions", "allocator": allocator, "arm": arm,
            "params": {"workload": workload, "operations": str(operations)}, "knobs": {}}


def _measure(number, block, position, case, library, program, count):
    start, begin = _now(), time.monotonic_ns()
    counted = count(program, case["params"]["workload"], int(case["params"]["operations"]), library)
    preload = {"LD_PRELOAD": library} if library else {}
    return {
        "run": f"r{number:06}", "case": case["id"], "experiment": "instructions",
        "allocator": case["allocator"], "arm": case["arm"], "params": case["params"], "knobs": {},
        "block": block, "position": position, "seed": 1, "environment": "e0", "measure": "counts",
        "start": start, "duration_ns": time.monotonic_ns() - begin, "status": "ok", "reason": None,
        "signal": None, "exit_code": counted.exit_code,
        "stderr_tail": counted.stderr[-1000:] if counted.reason else "",
        "serving": {"malloc": counted.serving, "free": None},
        "variables": {**gate_callgrind.VARIABLES, **preload}, "search": None, "at_start": {},
        "phases": [{"name": "workload", "metrics": {METRIC: counted.instructions}}],
        "nulls": {METRIC: counted.reason} if counted.reason else {}, "warnings": []}


def _manifest(arms, cases, blocks, program, command_line):
    return {
        "schema_version": 1, "lab_version": "0.1.0", "created": _now(), "command_line": command_line,
        "seed": 1, "profile": "quick", "measure": "counts",
        "plan": {"id": hashlib.sha256(json.dumps(cases).encode()).hexdigest()[:16], "blocks": blocks,
                 "shard": {"index": 1, "count": 1}, "cases": cases, "searches": [], "extensions": []},
        "experiments": [_EXPERIMENT], "allocators": [_allocator(*each) for each in arms],
        "metrics": _REGISTRY, "environments": {"e0": _environment(program)}, "claims": [],
        "ended": None, "outcome": "running"}


def _allocator(arm, name, library):
    path = library or _libc_path()
    return {"arm": arm, "name": name, "summary": "counted under callgrind", "package": None,
            "available": True, "reason": None, "path": path, "sha256": _digest(path) if path else None,
            "version": None, "origin": None, "knobs": []}


def _environment(program):
    libc = " ".join(platform.libc_ver()) or None
    return {"kernel": " ".join(platform.uname()[i] for i in (0, 2, 3, 4)), "libc": libc,
            "cpu_model": _cpu_model(), "page_bytes": os.sysconf("SC_PAGESIZE"),
            "cpu_count": os.cpu_count(), "valgrind": gate_callgrind.version(),
            "workload_sha256": _digest(program)}


def _cpu_model():
    """The instructions of libc's string functions depend on it, also under valgrind."""
    done = subprocess.run(["lscpu"], capture_output=True, text=True, check=False,
                          env={**os.environ, "LC_ALL": "C"})
    return next((line.partition(":")[2].strip() for line in done.stdout.splitlines()
                 if line.startswith("Model name")), platform.machine())


def _libc_path():
    import ctypes.util

    name = ctypes.util.find_library("c")
    return next((str(path) for folder in ("/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/lib64", "/lib")
                 if (path := pathlib.Path(folder, name or "libc.so.6")).is_file()), None)


def _digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def _now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _write_manifest(folder, manifest):
    fresh = folder / "manifest.json.new"
    fresh.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    fresh.rename(folder / "manifest.json")
