"""Finds where a series of results changed level: binary segmentation with a permutation test.

The split that separates the ranks of the medians best (Pettitt 1979) counts when fewer than α of
random orders of the same medians separate as well; then both halves are searched again.
A deterministic metric that is constant within every result changes exactly where its value does.
"""

import dataclasses
import math

import numpy

PERMUTATIONS = 2000
ALPHA = 0.05
SHORTEST = 2  # results on each side of a change


@dataclasses.dataclass(frozen=True)
class Change:
    """The first result of the new level, the levels, and the chance of it in a series without one."""

    at: int
    before: float
    after: float
    p: float  # 0 for an exact change

    @property
    def ratio(self):
        return self.after / self.before if self.before > 0 and self.after > 0 else float("nan")

    @property
    def size(self):
        """`×1.120`, or what is told where there is no ratio."""
        if self.ratio == self.ratio:
            return f"×{self.ratio:.3f}"
        return "from zero" if self.before == 0 else "to zero" if self.after == 0 else "changed sign"


def fewest(alpha=ALPHA):
    """The results it takes to find even the clearest step: less often than `alpha` do random orders show it."""
    count = 2 * SHORTEST
    while 2 / math.comb(count, count // 2) >= alpha:
        count += 1
    return count


def changes(medians, margin=0.0, alpha=ALPHA, seed=1):
    """Returns the Changes of a series (NaN: no value) that exceed the relative margin, in order."""
    medians = numpy.asarray(medians, float)
    there = numpy.nonzero(~numpy.isnan(medians))[0]
    cuts = sorted(_segment(medians[there], alpha, numpy.random.default_rng(seed)))
    return _with_levels(medians[there], there, cuts, margin)


def exact_changes(medians, margin=0.0):
    """Returns every place where the value differs from the one before."""
    medians = numpy.asarray(medians, float)
    there = numpy.nonzero(~numpy.isnan(medians))[0]
    values = medians[there]
    cuts = [(int(i) + 1, 0.0) for i in numpy.nonzero(values[1:] != values[:-1])[0]]
    return _with_levels(values, there, cuts, margin)


def _segment(values, alpha, rng, offset=0):
    """Returns [(index, p)] of all splits found in `values`."""
    split, p = best_split(values, rng)
    if split is None or p >= alpha:
        return []
    return (_segment(values[:split], alpha, rng, offset) + [(offset + split, p)]
            + _segment(values[split:], alpha, rng, offset + split))


def best_split(values, rng):
    """Returns (index of the first value after the best split, its p), or (None, 1)."""
    count = len(values)
    if count < 2 * SHORTEST or numpy.ptp(values) == 0:
        return None, 1.0
    from scipy import stats

    ranks = stats.rankdata(values)
    observed = _separation(ranks[None, :])[0]
    best = int(numpy.argmax(observed))
    shuffled = rng.permuted(numpy.tile(ranks, (PERMUTATIONS, 1)), axis=1)
    as_good = _separation(shuffled).max(axis=1) >= observed[best] - 1e-9
    return best + SHORTEST, (1 + int(as_good.sum())) / (1 + PERMUTATIONS)


def _separation(ranks):
    """How far the rank sum before each split is from its mean, in standard deviations."""
    count = ranks.shape[1]
    size = numpy.arange(SHORTEST, count - SHORTEST + 1)
    sums = numpy.cumsum(ranks, axis=1)[:, SHORTEST - 1: count - SHORTEST]
    return numpy.abs(sums - size * (count + 1) / 2) / numpy.sqrt(size * (count - size) * (count + 1) / 12)


def _with_levels(values, there, cuts, margin):
    edges = [0, *(index for index, _ in cuts), len(values)]
    levels = [float(numpy.median(values[a:b])) for a, b in zip(edges, edges[1:]) if b > a]
    found = [Change(int(there[index]), levels[k], levels[k + 1], p) for k, (index, p) in enumerate(cuts)]
    return [each for each in found if abs(each.after - each.before) > margin * abs(each.before)]
