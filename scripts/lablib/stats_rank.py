"""Exact rank tests, also with ties, and the shifts that belong to them.

Pure functions of numpy arrays; the last axis is the sample, all leading axes are computed at once.
Tests are two-sided. Null distributions are counted, not approximated, up to the sizes below.
"""

import functools

import numpy
from scipy import special, stats

SIGNED_RANK_EXACT_UP_TO = 200
RANK_SUM_EXACT_UP_TO = 100
SHIFT_UP_TO = 400


def signed_rank_p(differences):
    """Wilcoxon's signed-rank test that differences are symmetric about zero.

    Zeros take part in the ranking and in nothing else (Pratt), ties share their mean rank; given
    the ranks, the null distribution is that of 2^n signs.
    """
    differences = numpy.asarray(differences, float)
    flat = differences.reshape(-1, differences.shape[-1])
    doubled = _doubled_ranks(numpy.abs(flat))
    doubled[flat == 0] = 0
    positive = numpy.where(flat > 0, doubled, 0).sum(axis=-1)
    lesser = numpy.minimum(positive, doubled.sum(axis=-1) - positive)
    p = numpy.ones(len(flat))
    plain = (numpy.sort(doubled, axis=-1) == 2 * numpy.arange(1, flat.shape[-1] + 1)).all(axis=-1)
    exact = flat.shape[-1] <= SIGNED_RANK_EXACT_UP_TO
    if exact and plain.any():
        table = _signed_rank_tail(tuple(range(2, 2 * flat.shape[-1] + 1, 2)))
        p[plain] = table[lesser[plain]]
    rest = numpy.nonzero(~plain)[0] if exact else numpy.arange(len(flat))
    for row in rest:
        ranks = numpy.sort(doubled[row][doubled[row] > 0])
        p[row] = (_signed_rank_below(tuple(ranks.tolist()), int(lesser[row])) if exact
                  else _signed_rank_normal(ranks, lesser[row]))
    return p.reshape(differences.shape[:-1])[()]


def rank_sum_p(first, second):
    """Mann and Whitney's test that two independent samples come from one distribution."""
    first, second = numpy.asarray(first, float), numpy.asarray(second, float)
    n, m = first.shape[-1], second.shape[-1]
    both = numpy.concatenate([first, second], axis=-1)
    flat = both.reshape(-1, n + m)
    doubled = _doubled_ranks(flat)
    sums = doubled[:, :n].sum(axis=-1)
    p = numpy.empty(len(flat))
    for row in range(len(flat)):
        if n + m <= RANK_SUM_EXACT_UP_TO:
            ranks = numpy.sort(doubled[row])
            lower, upper = _rank_sum_tails(n, tuple(ranks.tolist()))
            p[row] = min(1.0, 2 * min(lower[sums[row]], upper[sums[row]]))
        else:
            p[row] = stats.mannwhitneyu(flat[row, :n], flat[row, n:], method="asymptotic").pvalue
    return p.reshape(both.shape[:-1])[()]


def paired_shift(differences, level=0.95):
    """Returns (shift, low, high, level): the median of the Walsh averages (Hodges and Lehmann).

    The interval inverts the exact signed-rank test. Beyond SHIFT_UP_TO pairs the averages would not
    fit into memory; there the median of the differences is as good.
    """
    differences = numpy.asarray(differences, float)
    n = differences.shape[-1]
    if n > SHIFT_UP_TO:
        return _median_shift(differences, level)
    i, j = numpy.triu_indices(n)
    averages = numpy.sort((differences[..., i] + differences[..., j]) / 2, axis=-1)
    cumulative = _signed_rank_tail(tuple(range(2, 2 * n + 1, 2)))[::2] / 2
    return _shift_interval(averages, cumulative, level)


def unpaired_shift(first, second, level=0.95):
    """Returns (shift, low, high, level) of `second` against `first` over all pairs of values."""
    first, second = numpy.asarray(first, float), numpy.asarray(second, float)
    n, m = first.shape[-1], second.shape[-1]
    pairs = second[..., :, None] - first[..., None, :]
    pairs = numpy.sort(pairs.reshape(*pairs.shape[:-2], -1), axis=-1)
    if n + m <= RANK_SUM_EXACT_UP_TO:
        lower, _ = _rank_sum_tails(n, tuple(range(2, 2 * (n + m) + 1, 2)))
        cumulative = lower[n * (n + 1)::2][: n * m + 1]
    else:
        deviation = numpy.sqrt(n * m * (n + m + 1) / 12)
        cumulative = special.ndtr((numpy.arange(n * m + 1) + 0.5 - n * m / 2) / deviation)
    return _shift_interval(pairs, cumulative, level)


def _doubled_ranks(values):
    """Twice the mean ranks along the last axis, as integers: ties run from one place to another."""
    order = numpy.argsort(values, axis=-1, kind="stable")
    ordered = numpy.take_along_axis(values, order, axis=-1)
    places = numpy.broadcast_to(numpy.arange(values.shape[-1]), values.shape)
    new = numpy.ones(values.shape, dtype=bool)
    new[..., 1:] = ordered[..., 1:] != ordered[..., :-1]
    ends = numpy.concatenate([new[..., 1:], numpy.ones_like(new[..., :1])], axis=-1)
    first = numpy.maximum.accumulate(numpy.where(new, places, 0), axis=-1)
    last = numpy.minimum.accumulate(
        numpy.where(ends, places, values.shape[-1])[..., ::-1], axis=-1)[..., ::-1]
    ranks = numpy.empty(values.shape, dtype=int)
    numpy.put_along_axis(ranks, order, first + last + 2, axis=-1)
    return ranks


@functools.lru_cache(maxsize=1 << 14)
def _signed_rank_tail(ranks):
    """Returns the two-sided p for each value of the lesser sum of doubled signed ranks."""
    chance = numpy.ones(1)
    for rank in ranks:
        longer = numpy.zeros(len(chance) + rank)
        longer[: len(chance)] = chance / 2
        longer[rank:] += chance / 2
        chance = longer
    return numpy.minimum(1.0, 2 * numpy.cumsum(chance))


@functools.lru_cache(maxsize=1 << 14)
def _signed_rank_below(ranks, lesser):
    """The same p for one lesser sum: nothing above it is counted, so clear effects cost next to nothing."""
    chance = numpy.zeros(lesser + 1)
    chance[0] = 1
    for rank in ranks:
        chance /= 2
        if rank <= lesser:
            chance[rank:] += chance[: lesser + 1 - rank].copy()
    return min(1.0, 2 * float(chance.sum()))


def _signed_rank_normal(ranks, lesser):
    if not len(ranks):
        return 1.0
    mean, deviation = ranks.sum() / 2, numpy.sqrt((ranks.astype(float) ** 2).sum()) / 2
    return min(1.0, 2 * special.ndtr((lesser - mean + 1) / deviation))


@functools.lru_cache(maxsize=1 << 12)
def _rank_sum_tails(n, ranks):
    """Returns P(sum <= s) and P(sum >= s) of the doubled ranks of n values drawn from `ranks`."""
    top = sum(ranks[len(ranks) - n:])
    ways = numpy.zeros((n + 1, top + 1))
    ways[0, 0] = 1
    for seen, rank in enumerate(ranks):
        many = min(n, seen + 1)
        before = ways[:many, : top + 1 - rank].copy()
        ways[1: many + 1, rank:] += before
    chance = ways[n] / special.binom(len(ranks), n)
    return numpy.cumsum(chance), numpy.cumsum(chance[::-1])[::-1]


def _shift_interval(ordered, cumulative, level):
    """Picks the order statistics of pairwise values that `cumulative`, the null's P(T <= t), allows."""
    inside = numpy.nonzero(cumulative <= (1 - level) / 2)[0]
    k = int(inside[-1]) if len(inside) else 0
    reached = max(0.0, 1 - 2 * float(cumulative[k]))
    return (numpy.median(ordered, axis=-1), ordered[..., k], ordered[..., ordered.shape[-1] - 1 - k],
            reached)


def _median_shift(differences, level):
    from lablib.stats_interval import order_statistic_interval

    interval = order_statistic_interval(differences, level)
    return numpy.median(differences, axis=-1), interval.low, interval.high, interval.level
