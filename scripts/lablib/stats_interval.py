"""Intervals of a median: exact order statistics for small samples, BCa bootstrap from n = 15.

Pure functions of numpy arrays; the last axis is the sample, all leading axes are computed at once.
Never accepts NaN: drop incomplete blocks before.
"""

import dataclasses
import functools

import numpy
from scipy import special

BOOTSTRAP_FROM = 15
RESAMPLES = 10_000


@dataclasses.dataclass(frozen=True)
class Interval:
    """Arrays low and high, the level that was asked for, and the one that they have.

    For small n the asked level cannot be reached: then `level` is that of the whole sample's range.
    """

    low: numpy.ndarray
    high: numpy.ndarray
    asked: float
    level: float
    method: str  # sign_test or bca

    @property
    def reached(self):
        return self.level >= self.asked


def log_ratios(base, candidate):
    """Returns ln(candidate / base). Requires positive values: zeros are reported, never logged."""
    base, candidate = numpy.asarray(base, float), numpy.asarray(candidate, float)
    if (base <= 0).any() or (candidate <= 0).any():
        raise ValueError("zero or negative value: it has no ratio, report it")
    return numpy.log(candidate) - numpy.log(base)


def sign_test_rank(n, level):
    """Returns (k, level): [x_(k), x_(n+1-k)] covers the median with the returned probability.

    k is the largest that keeps the level asked for, and 1 where none does.
    """
    if n < 1:
        raise ValueError("an interval needs at least one value")
    ranks = numpy.arange(1, (n + 1) // 2 + 1)
    levels = 1 - 2 * special.bdtr(ranks - 1, n, 0.5)
    enough = numpy.nonzero(levels >= level)[0]
    index = enough[-1] if len(enough) else 0
    return int(ranks[index]), max(0.0, float(levels[index]))


def median_interval(values, level=0.95, seed=1):
    """Returns the Interval of the median by the rule for the size of the sample."""
    values = numpy.asarray(values, float)
    if numpy.isnan(values).any():
        raise ValueError("NaN in a sample")
    if values.shape[-1] < BOOTSTRAP_FROM:
        return order_statistic_interval(values, level)
    return bca_interval(values, level, seed)


def order_statistic_interval(values, level=0.95):
    """The distribution-free interval that inverts the sign test."""
    ordered = numpy.sort(numpy.asarray(values, float), axis=-1)
    n = ordered.shape[-1]
    k, reached = sign_test_rank(n, level)
    return Interval(ordered[..., k - 1], ordered[..., n - k], level, reached, "sign_test")


def bca_interval(values, level=0.95, seed=1):
    """The bias-corrected and accelerated bootstrap interval of the median (10 000 resamples).

    The median of a resample is made of its middle order statistics, so only their ranks are drawn,
    and samples of one size share them: equal data and seed give an equal interval.
    """
    values = numpy.asarray(values, float)
    flat = numpy.sort(values.reshape(-1, values.shape[-1]), axis=-1)
    low, high = _bca(flat, *_resampled_ranks(flat.shape[-1], seed), level)
    shape = values.shape[:-1]
    return Interval(low.reshape(shape)[()], high.reshape(shape)[()], level, level, "bca")


@functools.lru_cache(maxsize=64)
def _resampled_ranks(n, seed):
    """Returns (lower, upper, weight): the middle ranks of resamples of size n and their shares.

    Sampling with replacement is n independent uniform numbers, and the middle one of n uniform
    numbers is a beta variate (Devroye, Non-Uniform Random Variate Generation, I.4.3).
    """
    rng = numpy.random.default_rng([seed, n])
    below = (n - 1) // 2
    first = rng.beta(below + 1, n - below, RESAMPLES)
    second = first
    if n % 2 == 0:
        second = first + (1 - first) * rng.beta(1, n // 2, RESAMPLES)
    ranks = numpy.minimum((numpy.stack([first, second]) * n).astype(int), n - 1)
    pairs, counts = numpy.unique(ranks, axis=1, return_counts=True)
    return pairs[0], pairs[1], counts / RESAMPLES


def _bca(ordered, lower, upper, weights, level):
    estimate = numpy.median(ordered, axis=-1)[:, None]
    replicas = (ordered[:, lower] + ordered[:, upper]) / 2
    share = ((replicas < estimate) @ weights + (replicas <= estimate) @ weights) / 2
    bias = special.ndtri(numpy.clip(share, 1 / RESAMPLES, 1 - 1 / RESAMPLES))
    acceleration = _acceleration(ordered)
    order = numpy.argsort(replicas, axis=-1)
    replicas = numpy.take_along_axis(replicas, order, axis=-1)
    cumulative = numpy.cumsum(weights[order], axis=-1)
    tail = special.ndtri((1 - level) / 2)
    return tuple(_quantile(replicas, cumulative, _shifted(bias, acceleration, z))
                 for z in (tail, -tail))


def _shifted(bias, acceleration, z):
    return special.ndtr(bias + (bias + z) / (1 - acceleration * (bias + z)))


def _quantile(ordered, cumulative, share):
    """The smallest value below which at least `share` of the weight lies, row by row."""
    index = (cumulative < share[:, None] - 1e-12).sum(axis=-1)
    index = numpy.minimum(index, ordered.shape[-1] - 1)
    return numpy.take_along_axis(ordered, index[:, None], axis=-1)[:, 0]


def _acceleration(ordered):
    """The jackknife's skewness. Leaving one out of n moves the median to one of three places."""
    n = ordered.shape[-1]
    if n % 2 == 0:  # Two places, equally often: no skewness.
        return numpy.zeros(len(ordered))
    middle = n // 2
    left, centre, right = (ordered[:, middle + step] for step in (-1, 0, 1))
    without = numpy.stack([(centre + right) / 2, (left + right) / 2, (left + centre) / 2])
    times = numpy.array([middle, 1, middle])[:, None]
    away = (times * without).sum(axis=0) / n - without
    square = (times * away**2).sum(axis=0)
    cube = (times * away**3).sum(axis=0)
    with numpy.errstate(invalid="ignore", divide="ignore"):
        return numpy.where(square > 0, cube / (6 * square**1.5), 0.0)
