"""What the gate's tests share: synthetic results of two sides, the gate run as a shell would, and a rerun
that writes what it is told to."""

import json
import math
import types

import gate
from lablib import gate_run, testing
from lablib.errors import BadInput

ARMS = {"base": "glibc", "candidate": "glibc"}
POINT = [{"block_bytes": "1MiB", "touched_pages": "23", "touch": "write"}]
RESIDENT, FAULTS, MMAPS, WALL = ("rss_anon_bytes", "minor_faults_count", "mmap_calls_count",
                                 "wall_ns")
LEVELS = {RESIDENT: 40 << 20, FAULTS: 5000, MMAPS: 1000, WALL: 50_000_000}
SPREAD = {WALL: 0.02}


def values(change=lambda at, value: value):
    """Plausible numbers; `change` may alter the candidate's."""
    def value(at):
        level = LEVELS[at.metric]
        level = int(level * math.exp(at.rng.gauss(0, SPREAD.get(at.metric, 0))))
        return change(at, level) if at.arm == "candidate" else level
    return value


def on(metric, change):
    """A change of one metric only."""
    return values(lambda at, value: change(value) if at.metric == metric else value)


def write(folder, value=values(), measure="counts", blocks=20, **more):
    return testing.write(folder, allocators=("glibc",), **{
        "arms": ARMS, "points": POINT, "blocks": blocks, "measure": measure, "value": value, **more})


def run(*arguments, runner=None):
    """Returns the exit code, as a shell would see it."""
    try:
        options = gate.parse([str(each) for each in arguments] + ["--noise", "/nowhere"])
        return gate_run.gate(options, runner) if runner else gate_run.gate(options)
    except BadInput as error:
        run.message = str(error)
        return 2


def rows_of(*arguments, tmp_path, runner=None):
    code = run(*arguments, "--json", tmp_path / "rows.json", runner=runner)
    return code, json.loads((tmp_path / "rows.json").read_text())["rows"]


def fresh(value, measure="time", code=0):
    """A runner that writes a result where the command says, and counts its calls."""
    def runner(command, **_):
        runner.commands.append(command)
        if code == 0:
            write(command[command.index("--out") + 1], value, measure)
        return types.SimpleNamespace(returncode=code)
    runner.commands = []
    return runner


SLOWER = on(WALL, lambda value: int(value * 1.1))


def two(tmp_path, key, fact, **more):
    base = write(tmp_path / "base", arms={"glibc": "glibc"}, **more)
    other = {"environments": {"e0": {**testing.ENVIRONMENT, key: fact}}}
    return base, write(tmp_path / "new", arms={"glibc": "glibc"}, manifest=other, **more)


def spoil(status="failed", arm="candidate", block=7):
    def change(row):
        if row["arm"] == arm and row["block"] == block:
            row |= {"status": status, "reason": "killed", "signal": "SIGSEGV", "phases": []}
        return row
    return change
