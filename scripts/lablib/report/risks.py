"""Known traps of allocators, looked for in this result: found, not found, or not measured.

Each risk names the experiment and phases that show it; where that experiment was not run, the
verdict of its claim is used if the result has one. Nothing is taken from a table of versions.
"""

import dataclasses

from lablib import units

FOUND, NOT_FOUND, NOT_MEASURED = "found", "not found", "not measured"


@dataclasses.dataclass(frozen=True)
class Risk:
    """`look(cells)` returns (severity, measured in words) from {(phase, metric): median since start};
    a severity above zero means: found."""

    name: str
    meaning: str
    experiment: str
    where: dict  # parameter → its text, or a predicate on it
    needs: tuple
    look: object
    claim: str
    claim_clears: str  # the claim's verdict that means: no risk
    note: str = ""  # what the experiment needs beside its name


@dataclasses.dataclass(frozen=True)
class Finding:
    state: str
    measured: str


def _realloc(cells):
    faults, ideal = cells["grow", "minor_faults_count"], cells["grow", "ideal"]
    return faults - 1.5 * ideal, f"{faults:.0f} faults for {ideal:.0f} new pages"


def _calloc(cells):
    resident, size = cells["calloc", "rss_anon_bytes"], cells["param", "block_bytes"]
    return resident - 0.1 * size, f"{_bytes(resident)} of {_bytes(size)} resident after calloc"


def _trim(cells):
    before, after = cells["free", "rss_anon_bytes"], cells["trim", "rss_anon_bytes"]
    nothing_to_give = before - cells["trim", "ideal_bytes"] < 0.1 * before
    return (0 if nothing_to_give else after - 0.9 * before,
            f"{_bytes(before)} before malloc_trim, {_bytes(after)} after")


def _alignment(cells):
    alignment = cells["allocate", "alignment_bytes"]
    return 16 - alignment, f"{alignment:.0f}-byte alignment"


def _return(cells):
    burst, kept = cells["burst", "rss_anon_bytes"], cells["watch_8", "rss_anon_bytes"]
    waited = units.human(cells["param", "watch_ms"] * 1e6, "ns")
    return (kept - 0.5 * burst,
            f"{_bytes(kept)} of {_bytes(burst)} kept {waited} after all was freed")


def _at_least(least):
    return lambda text: (units.number(text) or 0) >= least


def _bytes(value):
    return units.human(round(value), "byte")


RISKS = (
    Risk("copying realloc", "growing a large block copies it: time, and both copies resident",
         "realloc_growth", {"steps": "1", "from_bytes": _at_least(1 << 20)},
         (("grow", "minor_faults_count"), ("grow", "ideal")), _realloc, "realloc-copies", "refuted"),
    Risk("touching calloc", "calloc writes fresh memory, so it becomes resident before it is used",
         "calloc_touch", {"history": "fresh", "block_bytes": _at_least(1 << 20)},
         (("calloc", "rss_anon_bytes"), ("param", "block_bytes")), _calloc, "calloc-zero-touch",
         "refuted"),
    Risk("malloc_trim without effect", "a program that calls malloc_trim gets nothing back",
         "release_calls", {}, (("free", "rss_anon_bytes"), ("trim", "rss_anon_bytes"),
                               ("trim", "ideal_bytes")), _trim, "trim-preload", "confirmed"),
    Risk("8-byte alignment", "blocks of 16 bytes and more are not aligned for SSE and long double",
         "min_chunk", {"request_bytes": _at_least(16)}, (("allocate", "alignment_bytes"),),
         _alignment, "aligned-16", "confirmed"),
    Risk("slow return to the OS", "freed memory stays with an idle process",
         "delayed_return", {"wait": "idle", "freed_percent": "100", "watch_ms": _at_least(1000)},
         (("burst", "rss_anon_bytes"), ("watch_8", "rss_anon_bytes"), ("param", "watch_ms")),
         _return, "delete-late", "refuted", ", watched for a second or more"),
)


def look(result, arms):
    """Returns [(Risk, {arm: Finding})]: the worst point of each arm at default knobs."""
    return [(risk, {arm: _finding(result, risk, arm) for arm in arms}) for risk in RISKS]


def _finding(result, risk, arm):
    seen = [risk.look(cells) for cells in _points(result, risk, arm)]
    if seen:
        severity, measured = max(seen, key=lambda each: each[0])
        return Finding(FOUND if severity > 0 else NOT_FOUND, measured)
    return _from_claim(result, risk, arm)


def _from_claim(result, risk, arm):
    allocator = result.arms.get(arm, {}).get("name", arm)
    for claim in result.manifest.get("claims") or []:
        if claim["id"] == risk.claim and claim.get("allocator") == allocator:
            if claim["verdict"] in ("confirmed", "refuted"):
                clear = claim["verdict"] == risk.claim_clears
                return Finding(NOT_FOUND if clear else FOUND,
                               f"claim {claim['id']} {claim['verdict']}: {claim['measured']}")
    return Finding(NOT_MEASURED, f"needs experiment {risk.experiment}{risk.note}")


def _points(result, risk, arm):
    """Yields the cells of every point of the risk's experiment that has all it needs."""
    runs = result.runs
    mine = (runs["experiment"] == risk.experiment) & (runs["arm"] == arm) & (runs["status"] == "ok")
    for column in runs:
        if column.startswith("knob."):
            mine &= runs[column].isna() | (runs[column] == "absent")
    for name, wanted in risk.where.items():
        column = runs.get("param." + name)
        mine &= False if column is None else column.map(
            wanted if callable(wanted) else wanted.__eq__).astype(bool)
    for _, case in runs[mine].groupby("case", sort=False):
        cells = _cells(result, case)
        if all(cells.get(need) is not None for need in risk.needs):
            yield cells


def _cells(result, case):
    """Medians over a case's blocks: gauges since the first mark, `ideal` beside them."""
    rows = result.values["row"].isin(case.index)
    values, cells = result.values[rows], {}
    for metric in ("rss_anon_bytes", "minor_faults_count", "alignment_bytes"):
        if metric not in values:
            continue
        column = values[metric]
        if metric == "rss_anon_bytes" and metric in result.starts:
            column = column - result.starts[metric].to_numpy()[values["row"]]
        for phase, middle in column.groupby(values["phase"]).median().items():
            cells[phase, metric] = None if middle != middle else middle
    for metric, name in (("minor_faults_count", "ideal"), ("rss_anon_bytes", "ideal_bytes")):
        if metric in result.ideals:
            for phase, ideal in result.ideals.loc[rows, metric].groupby(values["phase"]).median().items():
                cells[phase, name] = None if ideal != ideal else ideal
    for column in case:
        if column.startswith("param.") and units.number(case[column].iloc[0]) is not None:
            cells["param", column[len("param."):]] = units.number(case[column].iloc[0])
    return cells
