"""Decides, for many rows at once, whether a candidate is better, worse or the same as its base.

Pure: arrays in, arrays out. A row is one metric of one phase at one point; its sample is one value
a process. The rules are those of STATISTICS.md; reason codes say which of them decided.
"""

import dataclasses

import numpy

from lablib import stats_family, stats_interval, stats_rank

VERDICTS = ("better", "worse", "same", "inconclusive", "missing", "failed", "env_mismatch",
            "not_gated")
_AT_ONCE = 1 << 22  # numbers in the largest intermediate array
EXACT_FROM = 3  # values a side before "they are all equal" means anything


@dataclasses.dataclass
class Rules:
    """What is asked of each row. Arrays with one entry a row, or one number for all."""

    margin: numpy.ndarray  # relative: 0.03 is three percent
    floor: numpy.ndarray  # absolute, in the metric's own unit
    direction: numpy.ndarray  # +1 less is better, -1 more is better, 0 neither
    deterministic: numpy.ndarray
    alpha: float = 0.05
    level: float = 0.95
    adjust: str = "benjamini_hochberg"
    family: int = 0  # 0: the rows that are tested
    seed: int = 1


@dataclasses.dataclass
class Decision:
    """One entry a row; NaN where a number does not apply. `kind` is exact, ratio or shift."""

    verdict: numpy.ndarray
    reason: numpy.ndarray
    kind: numpy.ndarray
    pairs: numpy.ndarray
    base: numpy.ndarray
    candidate: numpy.ndarray
    ratio: numpy.ndarray
    ratio_low: numpy.ndarray
    ratio_high: numpy.ndarray
    shift: numpy.ndarray
    shift_low: numpy.ndarray
    shift_high: numpy.ndarray
    level: numpy.ndarray
    p: numpy.ndarray
    p_adjusted: numpy.ndarray
    detectable: numpy.ndarray  # relative for kind ratio, absolute for shift, zero for exact
    family: int = 0


def judge(base, candidate, paired, rules):
    """Returns the Decision on rows base[i, :] against candidate[i, :]; NaN is a value that is not there.

    Paired: column j is block j on both sides, and a block that lacks one side is dropped.
    """
    base, candidate = numpy.array(base, float), numpy.array(candidate, float)
    rules = _widened(rules, len(base))
    decision = _blank(base, candidate)
    if paired:
        lost = numpy.isnan(base) | numpy.isnan(candidate)
        base[lost], candidate[lost] = numpy.nan, numpy.nan
    _count(decision, base, candidate)
    _measure(decision, base, candidate, paired, rules)
    _adjust(decision, rules)
    _decide(decision, paired, rules)
    return decision


def _widened(rules, count):
    wide = {name: numpy.broadcast_to(numpy.asarray(getattr(rules, name)), (count,))
            for name in ("margin", "floor", "direction", "deterministic")}
    return dataclasses.replace(rules, **wide)


def _blank(base, candidate):
    count = len(base)
    fields = {field.name: numpy.full(count, numpy.nan) for field in dataclasses.fields(Decision)
              if field.name != "family"}
    fields["verdict"] = numpy.full(count, "missing", dtype=object)
    fields["reason"] = numpy.full(count, "", dtype=object)
    fields["kind"] = numpy.full(count, "", dtype=object)
    decision = Decision(**fields)
    _count(decision, base, candidate)
    return decision


def _count(decision, base, candidate):
    """Sets how many values take part, and their medians where there are any."""
    sizes = [(~numpy.isnan(side)).sum(axis=1) for side in (base, candidate)]
    decision.pairs = numpy.minimum(*sizes)
    for name, side, size in zip(("base", "candidate"), (base, candidate), sizes):
        has = size > 0
        getattr(decision, name)[has] = numpy.nanmedian(side[has], axis=1)


def _measure(decision, base, candidate, paired, rules):
    """Fills estimates, intervals and p, for rows of equal sample size together."""
    sizes = numpy.stack([(~numpy.isnan(side)).sum(axis=1) for side in (base, candidate)], axis=1)
    for n, m in numpy.unique(sizes, axis=0):
        if min(n, m) == 0:
            continue
        rows = numpy.nonzero((sizes == (n, m)).all(axis=1))[0]
        step = max(1, _AT_ONCE // int(min(n * m, stats_interval.RESAMPLES)))
        for start in range(0, len(rows), step):
            part = rows[start: start + step]
            _measure_alike(decision, part, _packed(base[part], n), _packed(candidate[part], m),
                           paired, rules)


def _measure_alike(decision, rows, first, second, paired, rules):
    constant = (numpy.ptp(first, axis=1) == 0) & (numpy.ptp(second, axis=1) == 0)
    if paired:  # The work may differ from block to block, as its seed does.
        constant |= numpy.ptp(second - first, axis=1) == 0
    enough = min(first.shape[1], second.shape[1]) >= EXACT_FROM
    exact = constant & rules.deterministic[rows] & enough
    positive = (first > 0).all(axis=1) & (second > 0).all(axis=1)
    _exactly(decision, rows[exact], first[exact], second[exact], paired)
    for kind, chosen in (("ratio", ~exact & positive), ("shift", ~exact & ~positive)):
        _estimate(decision, rows[chosen], first[chosen], second[chosen], paired, kind, rules)


def _packed(side, n):
    """The n values of each row without the gaps, in the order of the blocks."""
    return side[~numpy.isnan(side)].reshape(len(side), n)


def _exactly(decision, rows, first, second, paired):
    decision.kind[rows], decision.level[rows] = "exact", 1.0
    decision.detectable[rows] = 0.0
    for name in ("shift", "shift_low", "shift_high"):
        getattr(decision, name)[rows] = second[:, 0] - first[:, 0]
    has_ratio = (first > 0).all(axis=1) & (second > 0).all(axis=1)
    if has_ratio.any():
        first, second = first[has_ratio], second[has_ratio]
        ratios = second / first if paired else second[:, :1] / first[:, :1]
        for name, pick in (("ratio", numpy.median), ("ratio_low", numpy.min), ("ratio_high", numpy.max)):
            getattr(decision, name)[rows[has_ratio]] = pick(ratios, axis=1)


def _estimate(decision, rows, first, second, paired, kind, rules):
    if not len(rows):
        return
    decision.kind[rows] = kind
    level, seed = rules.level, rules.seed
    if paired:
        shift = stats_rank.paired_shift(second - first, level)
    else:
        shift = stats_rank.unpaired_shift(first, second, level)
    decision.shift[rows], decision.shift_low[rows], decision.shift_high[rows] = shift[:3]
    decision.level[rows] = shift[3]
    if kind == "ratio":
        _ratio(decision, rows, first, second, paired, level, seed)
    if not paired:
        decision.p[rows] = stats_rank.rank_sum_p(first, second)
    elif kind == "ratio":
        decision.p[rows] = stats_rank.signed_rank_p(_rounded(numpy.log(second) - numpy.log(first)))
    else:
        decision.p[rows] = stats_rank.signed_rank_p(second - first)


def _ratio(decision, rows, first, second, paired, level, seed):
    if paired:
        ratios = _rounded(stats_interval.log_ratios(first, second))
        middle = numpy.median(ratios, axis=1)
        interval = stats_interval.median_interval(ratios, level, seed)
        low, high, decision.level[rows] = interval.low, interval.high, interval.level
    else:
        middle, low, high, decision.level[rows] = stats_rank.unpaired_shift(
            numpy.log(first), numpy.log(second), level)
    for name, value in (("ratio", middle), ("ratio_low", low), ("ratio_high", high)):
        getattr(decision, name)[rows] = numpy.exp(value)


def _rounded(logs):
    """Equal ratios of different numbers must tie: drops what is only the rounding of the logarithm."""
    return numpy.round(logs, 12)


def _adjust(decision, rules):
    tested = ~numpy.isnan(decision.p)
    family = max(rules.family, int(tested.sum()))
    decision.family = family
    adjust = {"holm": stats_family.holm,
              "benjamini_hochberg": stats_family.benjamini_hochberg}[rules.adjust]
    padded = numpy.concatenate([decision.p[tested], numpy.ones(family - int(tested.sum()))])
    decision.p_adjusted[tested] = adjust(padded)[: tested.sum()]


def _decide(decision, paired, rules):
    """Turns numbers into verdicts; later lines overrule earlier ones."""
    exact, there = decision.kind == "exact", decision.pairs > 0
    low, high, bound = _effect(decision, rules)
    with numpy.errstate(invalid="ignore"):
        beyond = (low > bound) | (high < -bound)
        above_floor = numpy.abs(decision.shift) > rules.floor
        inside = ((low >= -bound) & (high <= bound)) | _inside_floor(decision, rules)
        significant = exact | (decision.p_adjusted < rules.alpha)
    family = decision.family if rules.adjust == "holm" else 1  # many findings help each other there
    enough = exact | ((decision.level >= rules.level)
                      & (decision.pairs >= _needed(family, rules.alpha, paired)))
    _set_detectable(decision, numpy.where(enough, (high - low) / 2, numpy.nan), bound, rules.level)
    found = there & enough & significant & beyond & above_floor
    same = there & enough & ~found & inside
    toward = numpy.sign(numpy.nan_to_num(low + high)) * rules.direction
    _say(decision, ~there, "missing", "no_value")
    _say(decision, there, "inconclusive", "wide_interval")
    _say(decision, there & beyond & ~above_floor, "inconclusive", "below_floor")
    _say(decision, there & beyond & above_floor, "inconclusive", "not_significant")
    _say(decision, there & ~enough, "inconclusive", "too_few_blocks")
    _say(decision, there & (decision.pairs == 1), "inconclusive", "one_sample")
    _say(decision, same, "same", "within_margin")
    _say(decision, same & exact & (decision.shift == 0), "same", "equal")
    _say(decision, found & (toward > 0), "worse", "beyond_margin")
    _say(decision, found & (toward < 0), "better", "beyond_margin")
    _say(decision, found & (rules.direction == 0), "not_gated", "differs_without_direction")


def _effect(decision, rules):
    """Returns (low, high, bound): logs for ratios, where the floor is apart, else natural units."""
    ratio = decision.kind == "ratio"
    with numpy.errstate(invalid="ignore"):
        low = numpy.where(ratio, numpy.log(decision.ratio_low), decision.shift_low)
        high = numpy.where(ratio, numpy.log(decision.ratio_high), decision.shift_high)
    natural = numpy.maximum(rules.floor, rules.margin * numpy.abs(decision.base))
    return low, high, numpy.where(ratio, numpy.log1p(rules.margin), natural)


def _inside_floor(decision, rules):
    """A relative change of any size is nothing when it is less than the floor."""
    return ((rules.floor > 0) & (decision.shift_low >= -rules.floor)
            & (decision.shift_high <= rules.floor))


def _set_detectable(decision, half_width, bound, level):
    found = stats_family.smallest_detectable(half_width, bound, level)
    ratio = decision.kind == "ratio"
    found[ratio] = numpy.expm1(found[ratio])
    decision.detectable = numpy.where(decision.kind == "exact", 0.0, found)


def _needed(family, alpha, paired):
    least = stats_family.minimal_pairs if paired else stats_family.minimal_per_side
    return least(family, alpha)


def _say(decision, rows, verdict, reason):
    decision.verdict[rows] = verdict
    decision.reason[rows] = reason
