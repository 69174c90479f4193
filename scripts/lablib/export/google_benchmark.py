"""Google Benchmark's JSON for its compare.py: times of runs made with --measure time.

One iteration row a phase of a run, blocks as repetitions; other metrics ride along as user counters.
"""

import json

from lablib import measurements
from lablib.errors import BadInput

_REAL, _CPU = "wall_ns", "cpu_ns"


def write(result, metrics, out):
    counters = [name for name in metrics if name not in (_REAL, _CPU)]
    table = measurements.phases(result, [_REAL, _CPU, *counters])
    timed = table[table["measure"] == "time"]
    if timed.empty:
        raise BadInput(result.path, "no time was measured", "run with --measure time")
    whole = timed[(timed[_REAL] > 0) & (timed[_CPU] > 0)]
    if whole.empty:
        raise BadInput(result.path, f"no phase has both {_REAL} and {_CPU}", "look at nulls in runs.jsonl")
    names = whole["name"] + "/" + whole["phase"]
    repetitions = whole["block"].nunique()
    rows = [_row(name, row, repetitions, counters)
            for name, row in zip(names, whole.to_dict("records"))]
    json.dump({"context": _context(result), "benchmarks": rows}, out, indent=1, allow_nan=False)
    out.write("\n")
    return len(timed) - len(whole) + int((~(whole[counters].abs() > 0)).to_numpy().sum())


def _row(name, row, repetitions, counters):
    numbers = {each: measurements.plain(row[each]) for each in counters if abs(row[each]) > 0}
    return {"name": name, "run_name": name, "run_type": "iteration", "repetitions": repetitions,
            "repetition_index": row["block"], "threads": 1, "iterations": 1,
            "real_time": measurements.plain(row[_REAL]), "cpu_time": measurements.plain(row[_CPU]),
            "time_unit": "ns", **numbers}


def _context(result):
    environment = next(iter(result.manifest["environments"].values()), {})
    return {"date": result.manifest["created"], "executable": "alloclab",
            "host_name": str(environment.get("host_name") or "unknown"),
            "num_cpus": environment.get("cpus_count"), "caches": [],
            "library_build_type": "release", "alloclab_version": result.manifest["lab_version"]}
