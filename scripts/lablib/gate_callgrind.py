"""Counts a workload's user instructions under a preloaded allocator with valgrind's callgrind.

Bit-identical from run to run for one thread; the allocator's time-driven parts are switched off.
"""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess

from lablib.errors import BadInput

WORKLOADS = ("churn", "mixed", "batches")
FLAGS = ("-O2", "-fno-builtin", "-std=c++20", "-Wall", "-Wextra")
# jemalloc purges by the clock; without that its counts vary by 0.04 %.
VARIABLES = {"MALLOC_CONF": "dirty_decay_ms:-1,muzzy_decay_ms:-1", "LC_ALL": "C"}
_COLLECTED = re.compile(r"Collected\s*:\s*(\d+)")


@dataclasses.dataclass
class Count:
    """Instructions, or None and the reason."""

    instructions: int
    reason: str
    serving: str
    exit_code: int
    stderr: str


def build(source, folder):
    """Compiles the workload into `folder` unless it is there and newer. Returns the program."""
    program = pathlib.Path(folder) / source.stem
    if program.exists() and program.stat().st_mtime >= source.stat().st_mtime:
        return program
    program.parent.mkdir(parents=True, exist_ok=True)
    compiler = os.environ.get("CXX", "c++")
    if not shutil.which(compiler):
        raise BadInput(compiler, "no C++ compiler", "scripts/setup.sh installs one")
    command = [compiler, *FLAGS, str(source), "-o", str(program), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BadInput(source, f"does not compile: {done.stderr.strip()[-500:]}")
    return program


def valgrind():
    found = shutil.which("valgrind")
    if not found:
        raise BadInput("valgrind", "not installed", "scripts/setup.sh installs it")
    return found


def version():
    done = subprocess.run([valgrind(), "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def count(program, workload, operations, library, timeout_s=600, run=subprocess.run):
    """Returns the Count of one run. `library` is None for the C library's own allocator."""
    command = [valgrind(), "--tool=callgrind", "--callgrind-out-file=/dev/null",
               "--toggle-collect=workload_*", str(program), workload, str(operations)]
    environment = {"PATH": os.environ.get("PATH", ""), **VARIABLES}
    if library:
        environment["LD_PRELOAD"] = str(library)
    try:
        done = run(command, env=environment, capture_output=True, text=True, check=False,
                   timeout=timeout_s)
    except subprocess.TimeoutExpired:
        return Count(None, f"callgrind took more than {timeout_s} s", "", None, "")
    return read(done.returncode, done.stdout, done.stderr, library)


def read(exit_code, stdout, stderr, library):
    """What callgrind's output says. A count is believed only when all of it is as it should be."""
    serving = next((line[8:] for line in stdout.splitlines() if line.startswith("serving ")), "")
    collected = _COLLECTED.search(stderr)
    if exit_code != 0:
        return Count(None, f"under callgrind: {_cause(stderr, exit_code)}", serving, exit_code, stderr)
    if library and os.path.realpath(serving) != os.path.realpath(library):
        return Count(None, f"malloc is served by {serving or 'nobody known'}, not by {library}",
                     serving, exit_code, stderr)
    if not collected or int(collected[1]) == 0:
        return Count(None, "callgrind collected nothing inside workload_*", serving, exit_code, stderr)
    return Count(int(collected[1]), "", serving, exit_code, stderr)


def _cause(stderr, exit_code):
    lines = [line.strip() for line in stderr.splitlines() if "ERROR" in line or "error" in line]
    return lines[0][:200] if lines else f"ended with {exit_code}"
