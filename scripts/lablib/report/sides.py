"""What each side of the choice costs, relative to the base: footprint, speed, faults, kept memory.

A side is an arm with its knobs. A workload's ratio is that of the sums over its points in one block,
so that points weigh by what they cost; workloads weigh the same. Blocks give a median and interval.
"""

import dataclasses

import numpy
import pandas

from lablib import stats_interval, units
from lablib.errors import BadInput
from lablib.frame import ordered
from lablib.record import KNOB, PARAM

LEAST_GROWTH_BYTES = 1 << 20
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
    """The experiments that a choice can rest on: about allocators, and holding more than what a
    process costs at its start. All experiments where none is left."""
    names = [name for name, each in result.experiments.items() if each["family"] not in _NOT_WORKLOADS]
    large = [name for name in names if _growth_bytes(result, name) >= LEAST_GROWTH_BYTES]
    return large or names or list(result.experiments)


def _growth_bytes(result, experiment):
    """The most that any run of an experiment grew since its start."""
    if FOOTPRINT.metric not in result.values or FOOTPRINT.metric not in result.starts:
        return 0
    rows = result.values["row"]
    own = (result.runs["experiment"] == experiment).to_numpy()[rows]
    start = result.starts[FOOTPRINT.metric].to_numpy()[rows[own]]
    return (result.values.loc[own, FOOTPRINT.metric] - start).max()


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


def against_base(result, table, base, measure):
    """Columns experiment, arm, side, point, block, value, reference: the measure beside the base's at
    the same point and block."""
    known = table[table[measure.name] > 0]
    parts = []
    for experiment, own in known.groupby("experiment", sort=False):
        against = own[own["side"] == base_side(result, table, experiment, base)]
        reference = against.groupby(["point", "block"])[measure.name].median()
        keys = pandas.MultiIndex.from_frame(own[["point", "block"]])
        part = own[["experiment", "arm", "side", "point", "block"]].copy()
        part["value"] = own[measure.name]
        part["reference"] = reference.reindex(keys).to_numpy()
        parts.append(part[part["reference"].notna()])
    columns = ["experiment", "arm", "side", "point", "block", "value", "reference"]
    return pandas.concat(parts) if parts else pandas.DataFrame(columns=columns)


def by_workload(pairs):
    """{(experiment, side): Ratio} of the sums over a workload's points."""
    logs = _log_of_sums(pairs, ["experiment", "side"])
    return {key: ratio(each.to_numpy()) for key, each in logs.groupby(level=[0, 1], sort=False)}


def overall(pairs, arms):
    """{arm: Ratio} over the points that every arm of `arms` has at default knobs; workloads weigh the
    same."""
    own = pairs[(pairs["side"] == pairs["arm"]) & pairs["arm"].isin(arms)]
    points = own.groupby(["experiment", "point"])["arm"].nunique()
    shared = points[points == own["arm"].nunique()].index
    own = own[pandas.MultiIndex.from_frame(own[["experiment", "point"]]).isin(shared)]
    logs = _log_of_sums(own, ["arm", "experiment"])
    blocks = logs.groupby(level=[0, 2], sort=False).mean()
    return {arm: ratio(each.to_numpy()) for arm, each in blocks.groupby(level=0, sort=False)}


def _log_of_sums(pairs, keys):
    """ln(sum of values / sum of references) by keys and block."""
    sums = pairs.groupby([*keys, "block"], sort=False)[["value", "reference"]].sum()
    return numpy.log(sums["value"].astype(float) / sums["reference"].astype(float))


def ratio(logs):
    interval = stats_interval.median_interval(numpy.asarray(logs, float))
    return Ratio(float(numpy.exp(numpy.median(logs))), float(numpy.exp(interval.low)),
                 float(numpy.exp(interval.high)), len(logs), float(interval.level))
