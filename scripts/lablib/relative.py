"""A view's values as multiples of what was measured elsewhere in the same block: in the run whose
parameters differ as told, or in another phase of the same run. Points are rows as frame makes them.
"""

import numpy
import pandas

from lablib.record import KNOB, PARAM


def parse(text):
    """Returns (phase pattern, {parameter: value}) for "phase=control_* workload=control"."""
    changed = dict(word.split("=", 1) for word in (text or "").split() if "=" in word)
    return changed.pop("phase", ""), changed


def to_phase(points, pattern):
    """`points` of all phases, each divided by the phase that `pattern` names (* is its own name) of the
    same run and occurrence; one row a run and phase: the median. Phases without such a phase are left out."""
    names = points["phase"].map(lambda phase: pattern.replace("*", phase))
    kept = names.isin(points["phase"].unique())
    divisors = points.set_index(["row", "phase", "occurrence"])["value"]
    keys = pandas.MultiIndex.from_arrays([points.loc[kept, "row"], names[kept], points.loc[kept, "occurrence"]])
    ratios = _ratios(points[kept], divisors.reindex(keys).to_numpy())
    groups = ratios.groupby(["row", "phase"], sort=False)
    return groups.first().assign(value=groups["value"].median()).reset_index()


def to_runs(points, runs, other_points, other_runs, changed):
    """`points` of `runs`, each divided by the value of the run in `other_runs` that has the same block,
    arm and parameters, but for those in `changed`."""
    divisors = dict(zip(_keys(other_points, other_runs, changed), other_points["value"]))
    return _ratios(points, [divisors.get(key, numpy.nan) for key in _keys(points, runs, changed)])


def _ratios(points, divisors):
    divisors = numpy.asarray(divisors, dtype=float)
    value = points["value"] / numpy.where(divisors > 0, divisors, numpy.nan)
    return points.assign(value=value, ideal=1.0)


def _keys(points, runs, changed):
    columns = [name for name in runs if name in ("arm", "block") or (
        name.startswith((PARAM, KNOB)) and name.split(".", 1)[1] not in changed)]
    runs = runs.loc[points["row"], columns].fillna("").astype(str)
    return zip(*(runs[name] for name in columns), points["phase"], points["occurrence"])
