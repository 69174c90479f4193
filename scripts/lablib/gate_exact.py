"""The deterministic gate's judgement: counters compared exactly or within tiny margins, no test.

Same arrays in and out as compare_judge.judge. Three runs a side suffice where they are all equal;
where a counter varies, only a difference larger than its own variation is believed.
"""

import numpy

from lablib import compare_judge
from lablib.compare_judge import EXACT_FROM


def judge(base, candidate, paired, rules):
    """Returns the Decision on each row.

    Paired blocks did the same work, so their differences are what counts; else the sides' values.
    """
    decision = compare_judge.judge(base, candidate, paired, rules)
    base, candidate = numpy.array(base, float), numpy.array(candidate, float)
    margins, floors, directions = (numpy.broadcast_to(each, len(base)) for each in (
        rules.margin, rules.floor, rules.direction))
    for row in range(len(base)):
        low, high, middle, runs = _gap(base[row], candidate[row], paired)
        if runs == 0:
            continue
        bound = max(floors[row], margins[row] * numpy.nanmin(numpy.abs(base[row])))
        verdict, reason = _verdict(low, high, middle, bound, runs, directions[row])
        decision.verdict[row], decision.reason[row], decision.kind[row] = verdict, reason, "exact"
        decision.shift[row] = middle
        decision.detectable[row] = bound + (high - low)
    return decision


def _gap(base, candidate, paired):
    """Returns (lowest, highest, middle difference, runs a side that it rests on)."""
    if paired:
        differences = (candidate - base)[~numpy.isnan(candidate - base)]
        runs = len(differences)
    else:
        first, second = base[~numpy.isnan(base)], candidate[~numpy.isnan(candidate)]
        differences = (second[:, None] - first[None, :]).ravel()
        runs = min(len(first), len(second))
    if not runs:
        return numpy.nan, numpy.nan, numpy.nan, 0
    return differences.min(), differences.max(), float(numpy.median(differences)), runs


def _verdict(low, high, middle, bound, runs, direction):
    if runs < EXACT_FROM:
        return "inconclusive", "too_few_blocks"
    if low == high == 0:
        return "same", "equal"
    if -bound <= low and high <= bound:
        return "same", "within_margin"
    nearest = max(low, -high)  # how far every difference is from zero, on the same side of it
    if nearest <= bound + (high - low):
        return "inconclusive", "not_deterministic"
    if direction == 0:
        return "not_gated", "differs_without_direction"
    return ("worse" if middle * direction > 0 else "better"), "beyond_margin"
