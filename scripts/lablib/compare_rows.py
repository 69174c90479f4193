"""Compares the sides of a cube: one row for each candidate, point, phase and metric."""

import dataclasses

import numpy
import pandas

from lablib import compare_cube, compare_judge, compare_rules, compare_sides
from lablib.columns import CHECKSUM
from lablib.compare_overrule import overrule
from lablib.compare_rules import THREADS
from lablib.errors import BadInput, unknown

DEFAULT_METRICS = ("rss_anon_bytes", "rss_peak_bytes", "minor_faults_count", "mmap_calls_count",
                   "munmap_calls_count", "brk_calls_count", "madvise_calls_count",
                   "mremap_calls_count", "mprotect_calls_count", "wall_ns", "cpu_ns",
                   "callgrind_instructions_count")


@dataclasses.dataclass
class Comparison:
    """What was compared. `rows` has one row a comparison, in the order of points and metrics."""

    factor: compare_sides.Factor
    base: str
    candidates: list
    paired: bool
    family: int
    alpha: float
    level: float
    adjust: str
    machine: str
    rows: pandas.DataFrame
    points: list  # of dictionaries; rows.point is the index
    fixed: str  # what all points have in common, in words
    absent: list  # metrics that no run has a value of
    notes: list


@dataclasses.dataclass
class Options:
    by: str = None
    base: str = None
    candidates: list = None  # None: all others
    metrics: list = None  # None: those of DEFAULT_METRICS that were measured
    thresholds: object = None  # gate_thresholds.Thresholds
    alpha: float = 0.05
    level: float = 0.95
    adjust: str = "benjamini_hochberg"
    since_start: bool = True
    exempt: tuple = ()
    require: tuple = ()  # keys that must agree, whatever the metrics declare
    seed: int = 1
    floors: bool = False  # a gate's absolute floors; a plain comparison has none
    noise: dict = None  # a noise floor, see gate_noise
    only: set = None  # of (point_text, phase, metric): the rows of a confirming rerun
    phases: tuple = ()  # none: all
    block_columns: tuple = ("source", "block")
    judge: object = compare_judge.judge
    leave_out_skipped: bool = False  # sides that never ran, as an allocator that is not installed


def compare(results, options):
    """Returns the Comparison of the results under the Options. Raises BadInput."""
    runs = compare_sides.gather(results)
    factor = compare_sides.choose_factor(runs, options.by)
    base, candidates = compare_sides.choose_base(runs, factor, options.base)
    candidates, notes = _present(runs, factor, options, options.candidates or candidates)
    metrics = metrics_of(results, options.metrics)
    known = list(dict.fromkeys([*metrics, CHECKSUM, THREADS]))
    points = compare_sides.point_columns(runs, factor)
    cube = compare_cube.build(results, runs, factor.column, points,
                              known, options.since_start, options.block_columns)
    pairs = [(cube.sides.index(base), cube.sides.index(each)) for each in candidates]
    paired = all((cube.ran[base] & cube.ran[other]).any() for base, other in pairs)
    registry = registry_of(results)
    rows = pandas.concat([_skeleton(cube, metrics, *pair) for pair in pairs], ignore_index=True)
    rows = _of_phases(rows, options.phases)
    _name(rows, cube)
    if options.only is not None:
        keys = zip(rows["point_text"], rows["phase"], rows["metric"])
        rows = rows[[key in options.only for key in keys]].reset_index(drop=True)
    compare_rules.add(rows, cube, registry, options)
    decision = _judge(rows, cube, paired, options)
    for name, value in vars(decision).items():
        if name != "family":
            rows[name] = value
    notes += overrule(rows, cube, paired, registry, results, factor, options.exempt,
                      options.require)
    _explain_nulls(rows, runs, factor)
    rows, absent = _without_absent(rows)
    notes += _absence_notes(absent, results)
    return Comparison(factor, base, candidates, paired, decision.family, options.alpha,
                      options.level, options.adjust, options.thresholds.machine, rows,
                      *_points(cube), absent, notes)


def registry_of(results):
    """All metrics by name; the first result that declares one is believed."""
    return {name: metric for result in reversed(results) for name, metric in result.metrics.items()}


def _present(runs, factor, options, candidates):
    """Leaves out, with a note, candidates of which every run was skipped."""
    if not options.leave_out_skipped:
        return candidates, []
    ran = set(runs.loc[runs["status"] != "skipped", factor.column])
    notes = [f"{each} is left out: {_why_skipped(runs[runs[factor.column] == each])}"
             for each in candidates if each not in ran]
    kept = [each for each in candidates if each in ran]
    if not kept:
        raise BadInput(f"by {factor}", "no side but the base has run", "; ".join(notes))
    return kept, notes


def _why_skipped(runs):
    return next((reason for reason in runs["reason"] if reason), "skipped")


def _of_phases(rows, phases):
    known = set(rows["phase"])
    for phase in phases:
        if phase not in known:
            raise unknown("phase", phase, known)
    return rows[rows["phase"].isin(phases)].reset_index(drop=True) if phases else rows


def metrics_of(results, asked):
    known = [name for result in results for name in result.metrics]
    if asked is None:
        return [name for name in DEFAULT_METRICS if name in known]
    if asked == ["all"]:
        return [name for name in dict.fromkeys(known) if name not in (CHECKSUM, THREADS)]
    for name in asked:
        if name not in known:
            raise unknown("metric in this result", name, known)
    return list(dict.fromkeys(asked))


def _skeleton(cube, metrics, base, candidate):
    cells, count = len(cube.cells), len(metrics)
    return pandas.DataFrame({
        "base_side": base, "candidate_side": candidate,
        "cell": numpy.repeat(numpy.arange(cells), count),
        "metric_index": numpy.tile(numpy.arange(count), cells),
        "metric": numpy.tile(numpy.array(metrics, dtype=object), cells),
        "point": numpy.repeat(cube.cells["point"].to_numpy(), count),
        "phase": numpy.repeat(cube.cells["phase"].to_numpy(), count)})


def _judge(rows, cube, paired, options):
    cell, metric = rows["cell"].to_numpy(), rows["metric_index"].to_numpy()
    base = cube.values[cell, rows["base_side"], :, metric]
    candidate = cube.values[cell, rows["candidate_side"], :, metric]
    rules = compare_judge.Rules(
        *(rows[name].to_numpy() for name in ("margin", "floor", "direction", "deterministic")),
        alpha=options.alpha, level=options.level, adjust=options.adjust, seed=options.seed)
    _describe_sides(rows, base, candidate)
    return options.judge(base, candidate, paired, rules)


def _describe_sides(rows, base, candidate):
    """How many values each side has, whether they are all zero, and how they spread."""
    for name, values in (("base", base), ("candidate", candidate)):
        count = (~numpy.isnan(values)).sum(axis=1)
        mean = numpy.nansum(values, axis=1) / numpy.maximum(count, 1)
        square = numpy.nansum((values - mean[:, None]) ** 2, axis=1) / numpy.maximum(count - 1, 1)
        rows[f"{name}_runs"] = count
        rows[f"{name}_zero"] = (count > 0) & (numpy.nan_to_num(values) == 0).all(axis=1)
        with numpy.errstate(invalid="ignore", divide="ignore"):
            rows[f"{name}_cv"] = numpy.where(mean != 0, numpy.sqrt(square) / numpy.abs(mean), numpy.nan)


def _explain_nulls(rows, runs, factor):
    """Says why a value is null on one side, as the runs of that side recorded it."""
    for side in ("base", "candidate"):
        null = (rows["reason"] == "no_value") & (rows[f"{side}_runs"] == 0)
        for (arm, metric), part in rows[null].groupby([f"{side}_arm", "metric"]):
            recorded = runs.loc[runs[factor.column] == arm, "nulls"]
            why = next((nulls[metric] for nulls in recorded if metric in (nulls or {})), "")
            rows.loc[part.index, "detail"] = f"{arm}: {why}" if why else ""


def _without_absent(rows):
    """Drops what neither side has at a phase. Returns (rows, metrics that are left nowhere)."""
    nothing = (rows["base_runs"] == 0) & (rows["candidate_runs"] == 0)
    nothing &= rows["phase"] != compare_cube.EVERY
    present = set(rows.loc[rows[["base_runs", "candidate_runs"]].max(axis=1) > 0, "metric"])
    absent = [name for name in rows["metric"].unique() if name not in present]
    return rows[~nothing].reset_index(drop=True), absent


def _absence_notes(absent, results):
    notes = []
    for name in absent:
        reasons = {each[name] for result in results for each in result.runs["nulls"].head(200)
                   if each and name in each}
        if name.endswith("_ns") and all(each.manifest["measure"] == "counts" for each in results):
            reasons = {"times come from runs with --measure time"}
        notes.append(f"{name} was not measured" + (f": {min(reasons)}" if reasons else ""))
    return notes


def _points(cube):
    """Returns (the points as dictionaries, what they have in common in words)."""
    fixed = [column for column in cube.points if cube.points[column].nunique(dropna=False) == 1]
    points = cube.points.astype(object).where(cube.points.notna(), None).to_dict("records")
    return points, compare_sides.describe(points[0], fixed) if points else ""


def _name(rows, cube):
    """Adds the words of each row: its experiment, its point in full, and what varies of it."""
    varied = [column for column in cube.points if cube.points[column].nunique(dropna=False) > 1]
    points = cube.points.to_dict("records")
    for column, words in (("where", [compare_sides.describe(each, varied) for each in points]),
                          ("point_text", [compare_sides.describe(each) for each in points])):
        rows[column] = numpy.array(words, dtype=object)[rows["point"]]
    rows["experiment"] = cube.points["experiment"].to_numpy()[rows["point"]]
    sides = numpy.array(cube.sides, dtype=object)
    rows["base_arm"], rows["candidate_arm"] = sides[rows["base_side"]], sides[rows["candidate_side"]]
