"""What each side of the choice costs, relative to the base: footprint, speed, faults, kept memory.

A side is an arm with its knobs. Ratios are taken block by block at the same parameters, averaged
over the points of a workload in logs, and summed up as a median over blocks with its interval.
"""

import dataclasses

import numpy
import pandas

from lablib import stats_interval, units
from lablib.errors import BadInput
from lablib.frame import ordered
from lablib.record import KNOB, PARAM

_NOT_WORKLOADS = {"kernel", "limits", "statistics", "baseline"}


@dataclasses.dataclass(frozen=True)
class Measure:
    """One number a run: `metric` over its phases, reduced by max, last or sum. Lower is better."""

    name: str
    label: str
    metric: str
    reduce: str


FOOTPRINT = Measure("footprint", "footprint", "rss_anon_bytes", "max")
TIME = Measure("time", "time", "wall_ns", "sum")
FAULTS = Measure("faults", "page faults", "minor_faults_count", "sum")
KEPT = Measure("kept", "memory kept at the end", "rss_anon_bytes", "last")
MEASURES = (FOOTPRINT, TIME, FAULTS, KEPT)


@dataclasses.dataclass(frozen=True)
class Ratio:
    """A median of block ratios to the base, with its interval at `level`."""

    value: float
    low: float
    high: float
    blocks: int
    level: float


def per_run(result):
    """One row a planned workload run: experiment, arm, knobs, side, point, block, status, measures."""
    runs = result.runs
    kept = runs["experiment"].isin(workloads(result)) & (runs["status"] != "skipped")
    if "search.name" in runs:
        kept &= runs["search.name"].isna()
    table = runs.loc[kept, ["experiment", "arm", "block", "status"]].copy()
    table["point"] = _text(runs[kept], PARAM)
    table["knobs"] = _text(runs[kept], KNOB, without="absent")
    table["side"] = table["arm"] + table["knobs"].map(lambda text: f" {text}" if text else "")
    ok = table["status"] == "ok"
    for measure in MEASURES:
        table[measure.name] = _reduced(result, measure).reindex(table.index).where(ok)
    return table


def workloads(result):
    """The experiments that say something about allocators: all but those about the kernel."""
    names = [each["name"] for each in result.manifest["experiments"]
             if each["family"] not in _NOT_WORKLOADS]
    return names or [each["name"] for each in result.manifest["experiments"]]


def _text(runs, prefix, without=None):
    text = pandas.Series("", index=runs.index)
    for column in runs:
        if column.startswith(prefix):
            shown = runs[column].notna() & (runs[column] != without)
            setting = " " + column[len(prefix):] + "=" + runs[column].astype(str)
            text = text + setting.where(shown, "")
    stripped = {each: units.printable(each.strip()) for each in text.unique()}
    return text.map(stripped)


def _reduced(result, measure):
    values = result.values
    if measure.metric not in values:
        return pandas.Series(dtype=float)
    rows = values["row"]
    if result.metric(measure.metric).unit == "ns":  # times come from time runs only
        timed = (result.runs["measure"] == "time").to_numpy()[rows]
        values, rows = values[timed], rows[timed]
    groups = values[measure.metric].groupby(rows)
    return groups.last() if measure.reduce == "last" else groups.agg(
        measure.reduce, **({"min_count": 1} if measure.reduce == "sum" else {}))


def choose_base(result, table):
    """glibc or `base` where there is one, else the first arm of the plan that ran."""
    ran = list(dict.fromkeys(table.loc[table["status"] == "ok", "arm"]))
    if not ran:
        raise BadInput(result.path, "no run of a workload ended with status ok",
                       "look at `reason` in runs.jsonl")
    order = [arm for arm in result.arms if arm in ran] or ran
    return next((name for name in ("base", "glibc") if name in order), order[0])


def base_side(result, table, experiment, base):
    """The base arm's side at default knobs, or at the plan's first where none is the default."""
    sides = list(dict.fromkeys(table.loc[(table["experiment"] == experiment)
                                         & (table["arm"] == base), "side"]))
    if base in sides or not sides:
        return base
    knob_order = [side for side in ordered(result, result.experiment(experiment), "", sides)]
    return knob_order[0]


def log_ratios(result, table, base, measure):
    """Columns experiment, side, point, block, log: the measure against the base at the same block."""
    known = table[table[measure.name] > 0]
    parts = []
    for experiment, own in known.groupby("experiment", sort=False):
        against = own[own["side"] == base_side(result, table, experiment, base)]
        if against.empty:
            continue
        reference = against.groupby(["point", "block"])[measure.name].median()
        keys = pandas.MultiIndex.from_frame(own[["point", "block"]])
        divisor = reference.reindex(keys).to_numpy()
        part = own[["experiment", "arm", "knobs", "side", "point", "block"]].copy()
        part["log"] = numpy.log(own[measure.name].to_numpy() / divisor)
        parts.append(part[part["log"].notna()])
    columns = ["experiment", "arm", "knobs", "side", "point", "block", "log"]
    return pandas.concat(parts) if parts else pandas.DataFrame(columns=columns)


def by_workload(logs):
    """{(experiment, side): Ratio}: points of a workload weigh the same."""
    if logs.empty:
        return {}
    blocks = logs.groupby(["experiment", "side", "block"], sort=False)["log"].mean()
    return {key: ratio(each.to_numpy())
            for key, each in blocks.groupby(level=[0, 1], sort=False)}


def overall(logs, arms):
    """{arm: Ratio} over the workloads that every arm of `arms` ran at default knobs; workloads weigh
    the same, whatever their number of points."""
    if logs.empty:
        return {}
    own = logs[(logs["side"] == logs["arm"]) & logs["arm"].isin(arms)]
    points = own.groupby(["experiment", "point"])["arm"].nunique()
    shared = points[points == own["arm"].nunique()].index
    own = own[pandas.MultiIndex.from_frame(own[["experiment", "point"]]).isin(shared)]
    workload = own.groupby(["arm", "block", "experiment"], sort=False)["log"].mean()
    blocks = workload.groupby(level=[0, 1], sort=False).mean()
    return {arm: ratio(each.to_numpy()) for arm, each in blocks.groupby(level=0, sort=False)}


def ratio(logs):
    interval = stats_interval.median_interval(numpy.asarray(logs, float))
    return Ratio(float(numpy.exp(numpy.median(logs))), float(numpy.exp(interval.low)),
                 float(numpy.exp(interval.high)), len(logs), float(interval.level))
