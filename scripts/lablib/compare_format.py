"""A comparison as words: ratio, natural units and reasons of a row, and the order of importance."""

import math

import numpy

from lablib import units

_ORDER = {"failed": 0, "env_mismatch": 1, "missing": 2, "worse": 3, "better": 3, "not_gated": 4,
          "inconclusive": 5, "same": 6}
_SMALL = {"_bytes": 65536, "_ns": 10_000}
REASONS = {
    "beyond_margin": "beyond the margin",
    "within_margin": "inside the margin",
    "equal": "the same number in every run",
    "wide_interval": "interval reaches over the margin",
    "below_floor": "less than the absolute floor",
    "not_significant": "chance explains it in so large a family",
    "too_few_blocks": "too few blocks for this level",
    "one_sample": "one run a side has no spread",
    "no_value": "null on one side",
    "no_run": "no run of one side",
    "not_measured": "gated, but measured nowhere",
    "new": "the baseline does not have it",
    "constant": "a time that never varies is no measurement",
    "different_work": "the arms made different requests",
    "differs_without_direction": "differs; neither more nor less is better",
    "collapsed": "zero where a true value cannot be zero",
    "fewer_runs": "fewer runs than planned",
    "not_confirmed": "the confirming rerun did not find it again",
    "confirmation_failed": "the confirming rerun gave no answer",
    "unconfirmed": "no confirming rerun was declared",
    "not_deterministic": "varies from run to run although declared deterministic",
}


def ratio(row):
    """`×1.034 [1.021, 1.047]`; the level is added when it is not the one asked for."""
    if row["kind"] == "exact":
        if math.isnan(row["ratio"]):
            return "from zero" if row["base"] == 0 else "to zero" if row["candidate"] == 0 else "–"
        return f"×{_digits(row['ratio'])} exactly"
    if math.isnan(row["ratio"]):
        if row["kind"] != "shift":
            return "–"
        return "from zero" if row["base_zero"] else "to zero" if row["candidate_zero"] else "no ratio: zeros"
    return f"×{_digits(row['ratio'])} [{_digits(row['ratio_low'])}, {_digits(row['ratio_high'])}]"


def natural(row, unit):
    """`1.2 MiB → 1.4 MiB (+180 KiB)`."""
    before, after = units.human(row["base"], unit), units.human(row["candidate"], unit)
    if math.isnan(row["shift"]) or row["shift"] == 0:
        return f"{before} → {after}"
    sign = "+" if row["shift"] > 0 else "−"
    return f"{before} → {after} ({sign}{units.human(abs(row['shift']), unit)})"


def remark(row, unit):
    """What a reader must know beside the numbers: why not decided, and what could have been found."""
    reason, _, rest = row["reason"].partition(":")
    if reason == "environment":
        return "the environment differs"
    if reason == "failed_runs":
        return f"{rest} runs failed"
    if reason in ("beyond_margin", "equal"):
        return ""
    text = REASONS.get(reason, row["reason"])
    found = detectable(row, unit)
    return f"{text}; {found}" if found else text


def detectable(row, unit):
    """The smallest effect that these runs would have found; empty where the row found one."""
    if row["verdict"] not in ("same", "inconclusive") or row["kind"] == "":
        return ""
    effect = row["detectable"]
    if row["kind"] == "exact" and not effect:
        return "any change would show"
    if math.isnan(effect):
        return "nothing can be found"
    if row["kind"] == "ratio":
        return f"would find {100 * effect:.2g} %" if effect < 1 else f"would find ×{1 + effect:.1f}"
    return f"would find {units.human(effect, unit)}"


def by_importance(rows):
    """The rows with what must be looked at first: what could not be compared, then large effects."""
    small = rows["metric"].map(_small).to_numpy(float)
    before, after = (numpy.maximum(rows[side].to_numpy(float), 0) for side in ("base", "candidate"))
    size = numpy.abs(numpy.log((after + small) / (before + small)))
    rank = rows["verdict"].map(_ORDER).to_numpy()
    order = numpy.lexsort((numpy.arange(len(rows)), rows["metric_index"], -numpy.nan_to_num(size), rank))
    return rows.iloc[order]


def _small(metric):
    """What nobody would miss: a change from nothing to this much is no sensation."""
    return next((size for unit, size in _SMALL.items() if metric.endswith(unit)), 10)


def tally(rows):
    """`12 worse, 3 better, 40 same`, in a fixed order, without zeros."""
    counts = rows["verdict"].value_counts()
    names = ("worse", "better", "same", "inconclusive", "missing", "failed", "env_mismatch",
             "not_gated")
    return ", ".join(f"{counts[name]} {name}" for name in names if name in counts) or "nothing"


def _digits(value):
    if value >= 100 or value < 0.01:
        return f"{value:.3g}"
    return f"{value:.6f}" if 0 < abs(value - 1) < 0.0005 else f"{value:.3f}"

