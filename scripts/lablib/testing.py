"""Builds synthetic result folders for tests: the smallest whole result, of any size and shape.

    write(tmp_path / "r", blocks=12, value=lambda at: 1000 * (1.05 if at.arm == "candidate" else 1))

`value(at)` gives the number (or None) for one metric of one phase; `at` has case, experiment,
allocator, arm, params, knobs, block, phase, metric and rng (seeded from the run). `change(row)` may
alter any finished row, or return None to leave it out.
"""

import itertools
import json
import pathlib
import random
import types

METRICS = {
    "rss_anon_bytes": {"unit": "byte", "kind": "gauge", "better": "lower", "deterministic": True,
                       "blocking": "counts", "source": "smaps_rollup Anonymous",
                       "meaning": "resident anonymous memory"},
    "minor_faults_count": {"unit": "count", "kind": "counter", "better": "lower",
                           "deterministic": True, "blocking": "counts", "source": "stat minflt",
                           "meaning": "page faults served without reading from a disk"},
    "mmap_calls_count": {"unit": "count", "kind": "counter", "better": "lower",
                         "deterministic": True, "blocking": "counts",
                         "source": "syscalls/sys_enter_mmap", "meaning": "calls of mmap"},
    "wall_ns": {"unit": "ns", "kind": "counter", "better": "lower", "deterministic": False,
                "blocking": "times", "source": "CLOCK_MONOTONIC", "meaning": "elapsed time"},
}

FIRST_TOUCH = {
    "name": "first_touch", "family": "touch",
    "question": "When does requested memory become resident?",
    "method": "Allocate blocks, touch some pages of each, free them, release.",
    "phases": ["allocate", "touch", "free"],
    "params": [{"name": "block_bytes", "unit": "byte", "meaning": "size of the block"},
               {"name": "touched_pages", "unit": "page", "meaning": "pages touched"},
               {"name": "touch", "unit": "token", "meaning": "how a page is touched"}],
    "knobs": [{"name": "mmap_threshold_bytes", "unit": "byte", "meaning": "smallest mmapped block"}],
    "plots": [{"title": "RSS grows with touched pages", "metric": "rss_anon_bytes",
               "phase": "touch", "x": "touched_pages", "series": "allocator",
               "facet": "block_bytes", "where": "touch=write", "since_start": True},
              {"title": "Faults by phase", "metric": "minor_faults_count", "phase": "",
               "x": "phase", "series": "allocator", "facet": "", "where": "touch=write",
               "since_start": False}],
    "table": {"title": "RSS after touching", "metric": "rss_anon_bytes", "phase": "touch",
              "x": "touched_pages", "series": "allocator", "facet": "", "where": "touch=write",
              "since_start": True},
    "claims": ["first-touch"], "histograms": [],
}

ENVIRONMENT = {
    "kernel": "Linux 6.1.0-13-amd64 #1 SMP Debian 6.1.55-1 x86_64", "libc": "glibc 2.36",
    "cpu_model": "AMD EPYC", "cpus_count": 2, "page_bytes": 4096, "thp_enabled": "madvise",
    "governor": None, "nulls": {"governor": "no cpufreq here"},
}

_PAGES = {"0": 0, "1": 1, "23": 23}


def allocator(name, available=True, reason=None, **fields):
    entry = {"arm": name, "name": name, "summary": f"{name} for tests", "package": f"lib{name}",
             "available": available, "reason": reason,
             "path": f"/usr/lib/x86_64-linux-gnu/lib{name}.so" if available else None,
             "sha256": "0" * 64 if available else None, "version": "1.0" if available else None,
             "origin": "Debian 1.0-1" if available else None, "knobs": ["mmap_threshold_bytes"], "role": "subject"}
    return {**entry, **fields}


def plain_value(at):
    """A plausible first touch: pages become resident when touched, one fault each."""
    pages = int(at.params.get("touched_pages", 0))
    touched = at.phase != "allocate"
    return {"rss_anon_bytes": 200000 + 4096 * pages * touched,
            "minor_faults_count": pages if at.phase == "touch" else 1,
            "mmap_calls_count": None,
            "wall_ns": 1000 + 250 * pages + at.rng.randrange(50)}.get(at.metric, 0)


def plain_ideal(at):
    pages = int(at.params.get("touched_pages", 0))
    if at.phase == "touch":
        return {"minor_faults_count": pages, "rss_anon_bytes": 4096 * pages}
    return {}


def write(folder, *, experiments=(FIRST_TOUCH,), allocators=("glibc", "jemalloc"), arms=None,
          points=None, knobs=({"mmap_threshold_bytes": "absent"},), blocks=3, metrics=None,
          value=plain_value, ideal=plain_ideal, change=None, manifest=None, measure="counts"):
    """Writes a result into `folder` and returns its path.

    `allocators` are names or entries made by allocator(). `arms` maps an arm's name to its allocator;
    without it every allocator is its own arm. `points`
    is a list of parameter points for every experiment. `manifest` overrides keys of manifest.json.
    """
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    metrics = METRICS if metrics is None else metrics
    arms = arms or {name: name for name in map(_name, allocators)}
    points = points or [{"block_bytes": "1MiB", "touched_pages": pages, "touch": "write"}
                        for pages in _PAGES]
    cases = [{"id": f"c{index}", "experiment": experiment["name"], "allocator": allocator_name,
              "arm": arm, "params": point, "knobs": knob}
             for index, (experiment, point, knob, (arm, allocator_name)) in enumerate(
                 itertools.product(experiments, points, knobs, arms.items()))]
    whole = {**_manifest(experiments, _described(allocators, arms), metrics, cases, blocks, measure),
             **(manifest or {})}
    (folder / "manifest.json").write_text(json.dumps(whole, indent=1) + "\n")
    phases = {each["name"]: each["phases"] for each in experiments}
    with open(folder / "runs.jsonl", "w") as journal:
        for number, (block, position, case) in enumerate(_order(cases, blocks)):
            row = _row(number, block, position, case, phases[case["experiment"]], metrics, value,
                       ideal, measure)
            row = change(row) if change else row
            if row is not None:
                journal.write(json.dumps(row) + "\n")
    return folder


def _name(given):
    return given["name"] if isinstance(given, dict) else given


def _described(allocators, arms):
    """The manifest's entries: one an arm."""
    known = {_name(each): each if isinstance(each, dict) else allocator(each) for each in allocators}
    return [{**known.get(name, allocator(name)), "arm": arm} for arm, name in arms.items()]


def _manifest(experiments, allocators, metrics, cases, blocks, measure):
    return {
        "schema_version": 1, "lab_version": "0.1.0", "created": "2026-11-20T07:21:17.123Z",
        "command_line": ["alloclab", "run", *(each["name"] for each in experiments)], "seed": 1,
        "profile": "quick", "measure": measure,
        "plan": {"id": "5f0c", "blocks": blocks, "shard": {"index": 1, "count": 1},
                 "cases": cases, "searches": [], "extensions": []},
        "experiments": list(experiments),
        "allocators": allocators,
        "metrics": metrics, "environments": {"e0": ENVIRONMENT}, "claims": [],
        "ended": "2026-11-20T07:22:01.001Z", "outcome": "complete"}


def _order(cases, blocks):
    for block in range(1, blocks + 1):
        order = list(cases)
        random.Random(block).shuffle(order)
        for position, case in enumerate(order, 1):
            yield block, position, case


def _row(number, block, position, case, phases, metrics, value, ideal, measure):
    rng = random.Random(number)

    def at(phase, metric=None):
        return types.SimpleNamespace(**{**case, "block": block, "phase": phase, "metric": metric,
                                        "rng": rng})

    return {
        "run": f"r{number:06}", "case": case["id"], "experiment": case["experiment"],
        "allocator": case["allocator"], "arm": case["arm"], "params": case["params"],
        "knobs": case["knobs"], "block": block, "position": position, "seed": 1000 + block,
        "environment": "e0", "measure": measure, "start": "2026-11-20T07:21:18.017Z",
        "duration_ns": 8000000 + number, "status": "ok", "reason": None, "signal": None,
        "exit_code": 0, "stderr_tail": "",
        "serving": {"malloc": f"lib{case['allocator']}.so", "free": f"lib{case['allocator']}.so"},
        "variables": {}, "search": None,
        "at_start": {name: 200000 for name, each in metrics.items() if each["kind"] == "gauge"},
        "phases": [{"name": phase, "metrics": {name: value(at(phase, name)) for name in metrics},
                    "ideal": ideal(at(phase))} for phase in phases],
        "nulls": {"mmap_calls_count": "tracefs not readable (EACCES)"}, "warnings": []}


def experiment(name, phases, params=(), **fields):
    """A description of an experiment without plots."""
    return {"name": name, "family": "fragmentation", "question": f"What does {name} do?",
            "method": "For tests.", "phases": list(phases), "knobs": [], "plots": [], "table": None,
            "params": [{"name": each, "unit": "byte", "meaning": each} for each in params],
            "claims": [], "histograms": [], **fields}
