"""The numbers of one view: which runs, which phase, against what, and what is missing and why.

A view is a plot or table description from the manifest. `select` gives a Picture: a tidy frame with
one row a run and x position (columns facet, series, x, value, ideal, block) and everything a drawing
or table needs to name it. Text stays text here; nothing is drawn or rounded.
"""

import collections
import dataclasses
import re

import numpy
import pandas

from lablib import relative, units
from lablib.errors import BadInput
from lablib.record import KNOB, PARAM

_KILLED = "oom_killed"  # by the kernel, not at fault: the phases it had finished are measured
_NO_STATISTIC = "the allocator has no such statistic"
_REDUCE = {"gauge": "last", "observed": "last", "counter": "sum", "peak": "max"}
_MANY_PHASES = 14


@dataclasses.dataclass
class Picture:
    result: object                                # the record.Result that the numbers come from
    title: str
    experiment: dict
    metric: str
    unit: str
    phase: str
    x: str
    series: str
    facet: str
    since_start: bool
    frame: pandas.DataFrame                       # runs that ended as meant and were measured
    failures: pandas.DataFrame                    # facet, series, x, status, reason
    order: dict = dataclasses.field(default_factory=dict)  # facet, series, x → values in order
    fixed: dict = dataclasses.field(default_factory=dict)  # parameters held at one value
    free: list = dataclasses.field(default_factory=list)   # parameters that vary inside a cell
    notes: list = dataclasses.field(default_factory=list)  # what is missing, in words
    x_unit: str = "token"
    relative_to: str = ""                         # values are multiples of what was measured there
    searched: bool = False                        # values are boundaries a search found: frame.open
                                                  # where nothing lower was tried
    meaning: str = ""                             # what was observed, in words


def select_all(result, experiment, view):
    """Returns the Pictures of a view, one for each of its metrics, each from the runs that may tell it.
    What none tells is a note of the first; raises BadInput when nothing is left."""
    pictures, missing = [], []
    for metric in view["metric"].split():
        try:
            pictures.append(select(result, experiment, {**view, "metric": metric}))
        except BadInput as error:
            missing.append(error)
    if not pictures:
        raise missing[0]
    pictures[0].notes += map(str, missing)
    return pictures


def select(result, experiment, view, fix_free=True):
    """Returns the Picture of a `view` of one metric. With `fix_free`, parameters that the view leaves open are held
    at one value each (`absent`, or the last of the plan) and named in `fixed`; else in `free`."""
    result = result.telling(view["metric"], experiment["name"])
    metric = result.metric(view["metric"])
    runs = _runs_of(result, experiment, view)
    axes = {role: view.get(role) or "" for role in ("facet", "series", "x")}
    fixed, free = {}, _free_axes(runs, [*axes.values(), *where(view)])
    if fix_free:
        fixed = {name: _representative(result, experiment, name, runs[_column(runs, name)])
                 for name in free}
        for name, value in fixed.items():
            runs = runs[runs[_column(runs, name)] == value]
    phase = view.get("phase") or ""
    since_start = bool(view.get("since_start")) and metric.kind == "gauge"
    points = _values(result, experiment, {**view, "since_start": since_start}, metric, runs)
    for role, name in axes.items():
        points[role] = _coordinate(points, name, runs)
    for name in free:
        points[name] = _coordinate(points, name, runs)
    picture = Picture(
        result=result, title=view.get("title") or axes["x"], experiment=experiment, metric=metric.name,
        unit=_unit_shown(metric, view, since_start),
        meaning=metric.meaning if metric.kind == "observed" else "", phase=phase,
        since_start=since_start, relative_to=view.get("relative_to") or "", **axes,
        frame=points[points["value"].notna()].reset_index(drop=True),
        failures=_failures(result, experiment, runs, axes, [] if fix_free else free, points),
        fixed={**where(view), **fixed}, free=[] if fix_free else free, x_unit=_unit(experiment, axes["x"]))
    if phase:
        picture.failures = picture.failures.drop(index=_killed_later(picture))
    picture.order = {role: _order(result, experiment, picture, role) for role in axes}
    silent = _NO_STATISTIC if metric.source == "allocator statistics" else "not recorded"
    picture.notes = _notes(picture, points, runs, silent)
    return picture


def where(view):
    """Returns {"touch": "write"} for the view's "touch=write"."""
    return dict(word.split("=", 1) for word in (view.get("where") or "").split() if "=" in word)


def _unit_shown(metric, view, since_start):
    if view.get("relative_to"):
        return units.RATIO
    return "byte" if since_start and metric.unit == "address" else metric.unit


def axes_of(experiment):
    """The declared parameters and knobs of an experiment: name → description."""
    return {each["name"]: each for each in [*experiment["params"], *experiment["knobs"]]}


def shown(picture, name, value):
    """The value of coordinate `name` as a person reads it: "1 MiB" for a byte parameter's 1048576."""
    number, unit = units.number(value), _unit(picture.experiment, name)
    if value in ("", None):
        return "–"
    return units.printable(value) if number is None or unit == "token" else units.name(number, unit)


def _unit(experiment, name):
    return axes_of(experiment).get(name, {}).get("unit", "token")


def _column(runs, name):
    """The column of `runs` that holds coordinate `name`. An arm stands for its allocator."""
    for column in ({"allocator": "arm"}.get(name), PARAM + name, KNOB + name):
        if column in runs:
            return column
    raise BadInput(name, "a view names it, but it is no parameter, knob or allocator of the runs",
                   "check the result with scripts/validate.py")


def planned(result, experiment):
    """The experiment's runs that are no probes of a search."""
    runs = result.runs[result.runs["experiment"] == experiment["name"]]
    if "search.name" in runs:
        runs = runs[runs["search.name"].isna()]
    return runs


def matches(column, value):
    """Which entries of a text column say `value`, as text or as the same number (1MiB = 1048576)."""
    wanted = units.number(value)
    if wanted is None:
        return column == value
    return column.map({each: units.number(each) == wanted for each in column.unique()}).astype(bool)


def _runs_of(result, experiment, view):
    runs = planned(result, experiment)
    for name, value in where(view).items():
        if len(runs):
            runs = runs[matches(runs[_column(runs, name)], value)]
    if runs.empty:
        raise BadInput(f"{experiment['name']}: {view.get('title')}",
                       f"no run matches {view.get('where') or 'the view'}", "run more of its plan")
    return runs


def _free_axes(runs, used):
    used = {name for name in used if name}
    names = [column.split(".", 1)[1] for column in runs if column.startswith((PARAM, KNOB))]
    return [name for name in names
            if name not in used and runs[_column(runs, name)].nunique() > 1]


def _representative(result, experiment, name, column):
    """The value at which a view holds a parameter it does not name: `absent`, or the last."""
    values = ordered(result, experiment, name, list(column.dropna().unique()))
    return "absent" if "absent" in values else values[-1]


def _values(result, experiment, view, metric, runs):
    """The points of a view: as measured, or as multiples of what its `relative_to` names."""
    def points(of, phase):
        return _points(result, of, metric, phase, view["since_start"])

    phase = view.get("phase") or ""
    pattern, changed = relative.parse(view.get("relative_to"))
    if pattern:
        ratios = relative.to_phase(points(runs, ""), pattern)
        return ratios[ratios["phase"] == phase] if phase else ratios
    if changed:
        there = " ".join(f"{name}={value}" for name, value in {**where(view), **changed}.items())
        others = _runs_of(result, experiment, {**view, "where": there})
        return relative.to_runs(points(runs, phase), runs, points(others, phase), others, changed)
    return points(runs, phase)


def _points(result, runs, metric, phase, since_start):
    """One row a run (and phase, when the view shows all): row, block, phase, value, ideal."""
    good = runs.index[runs["status"].isin(["ok", *([_KILLED] if phase else [])])]
    values = result.values
    chosen = values["row"].isin(good)
    if phase:
        chosen &= values["phase"] == phase
    points = values.loc[chosen, ["row", "phase_index", "phase", "occurrence"]].copy()
    missing = pandas.Series(numpy.nan, index=values.index)
    points["value"] = values.get(metric.name, missing)[chosen]
    points["ideal"] = result.ideals.get(metric.name, missing)[chosen]
    if metric.kind == "gauge" and metric.name in result.starts:
        start = result.starts[metric.name].to_numpy()[points["row"]]
        points["value" if since_start else "ideal"] += -start if since_start else start
    if phase:
        points = _one_a_run(points, _REDUCE[metric.kind])
    points["block"] = runs["block"].reindex(points["row"]).to_numpy()
    return points.reset_index(drop=True)


def _one_a_run(points, reduce):
    """A phase gone through several times: a gauge's last value, a counter's sum, a peak's maximum."""
    if not points["occurrence"].any():
        return points
    groups = points.groupby("row", sort=False)
    if reduce == "last":
        return groups.tail(1).copy()
    first = groups.head(1).copy()
    for name in ("value", "ideal"):
        column = groups[name].agg(lambda each: each.agg(reduce, skipna=False))
        first[name] = column.reindex(first["row"]).to_numpy()
    return first


def _coordinate(points, name, runs):
    if not name:
        return ""
    if name != "phase":
        return runs[_column(runs, name)].reindex(points["row"]).to_numpy()
    if not points["occurrence"].any():
        return points["phase"]
    if points["phase_index"].max() >= _MANY_PHASES:
        return points["phase_index"].astype(str)
    again = (points["occurrence"] + 1).astype(str).where(points["occurrence"] > 0, "")
    return (points["phase"] + " " + again).str.strip()


def _failures(result, experiment, runs, axes, free, points):
    """One row a run that did not end as meant. An allocator that is not here is only a note."""
    bad = runs[~runs["status"].isin(["ok", "skipped"])]
    columns = {"status": bad["status"], "reason": bad["reason"], "arm": bad["arm"]}
    for role, name in axes.items():
        columns[role] = ("" if not name else _phase_of_failure(result, experiment, bad, points, role)
                         if name == "phase" else bad[_column(bad, name)])
    for name in free:
        columns[name] = bad[_column(bad, name)]
    return pandas.DataFrame(columns, index=bad.index)


def _killed_later(picture):
    """The killed runs that had finished the picture's phase."""
    return picture.failures.index[(picture.failures["status"] == _KILLED)
                                  & picture.failures.index.isin(picture.frame["row"])]


def _phase_of_failure(result, experiment, bad, points, role):
    """What came after the last phase a run finished, called as in the runs that came so far."""
    finished = result.values["row"].value_counts().reindex(bad.index, fill_value=0)
    known = dict(zip(points["phase_index"], points[role])) or dict(enumerate(experiment["phases"]))
    return [known.get(count, known[max(known)]) for count in finished]


def _order(result, experiment, picture, role):
    name = getattr(picture, role)
    seen = list(dict.fromkeys([*picture.frame[role], *picture.failures[role]]))
    if name == "phase":
        first = picture.frame.groupby(role)["phase_index"].min()
        return sorted(seen, key=lambda each: first.get(each, experiment["phases"].index(each)
                                                       if each in experiment["phases"] else 0))
    return ordered(result, experiment, name, seen)


def ordered(result, experiment, name, values):
    """Returns `values` of coordinate `name` in order: `absent`, numbers by size, words as planned."""
    cases = [case for case in result.manifest["plan"]["cases"]
             if case["experiment"] == experiment["name"]]
    plan = [case["arm"] if name == "allocator" else {**case["params"], **case["knobs"]}.get(name)
            for case in cases]
    position = {value: index for index, value in reversed(list(enumerate(plan)))}

    def rank(value):
        number = units.number(value)
        group = 0 if value == "absent" else 1 if number is not None else 2
        return group, number or 0, position.get(value, len(plan))

    return sorted(values, key=rank)


def _notes(picture, points, runs, silent):
    unknown = points[points["value"].isna()]
    silent = f"no value of {picture.relative_to} beside it" if picture.relative_to else silent
    if picture.meaning:  # a body observes in some phases, and not in others on purpose
        seen = set(points.loc[points["value"].notna(), "phase"]) or set(points["phase"])
        unknown = unknown[unknown["phase"].isin(seen)]
    reasons = collections.Counter(
        ((runs.at[row, "nulls"] or {}).get(picture.metric, silent), runs.at[row, "arm"])
        for row in unknown["row"].unique())
    by_reason = {}
    for (reason, arm), count in reasons.items():
        by_reason.setdefault(reason, {})[arm] = count
    return [f"{picture.metric} was not measured in {_counted(arms)}: {reason}"
            for reason, arms in by_reason.items()] + ended_notes(runs)


def _counted(arms):
    """Returns "9 runs of glibc and 1 of bump" for {"glibc": 9, "bump": 1}."""
    parts = [f"{count} of {arm}" for arm, count in arms.items()]
    parts[0] = parts[0].replace(" of ", " run of " if parts[0].startswith("1 ") else " runs of ", 1)
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


_NO_KNOB = re.compile(r"(\w+)=\S+ is not supported by ")


def ended_notes(runs):
    """How many runs of each arm did not end as meant, and the first reason given. Who lacks which knob
    is one note for all."""
    bad = runs[runs["status"] != "ok"]
    lacking = bad["reason"].str.extract(_NO_KNOB, expand=False)
    notes = []
    others = bad[lacking.isna()].fillna({"reason": ""})
    for (status, reason), each in others.groupby(["status", "reason"], sort=False)["arm"]:
        arms = each.value_counts(sort=False).to_dict()
        notes.append(f"{status}: {_counted(arms)} ({reason or 'no reason recorded'})")
    if lacking.notna().any():
        arms = bad["arm"].groupby(lacking, sort=False).unique()
        notes.append(f"{lacking.count()} runs, setting not supported: " + "; ".join(
            f"{knob} by {', '.join(sorted(names))}" for knob, names in arms.items()))
    return notes
