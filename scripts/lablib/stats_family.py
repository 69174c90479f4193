"""Many metrics at once, and what a plan of n runs can find: adjustment, minimal pairs, power.

Pure functions; nothing here knows what is measured.
"""

import math

import numpy
from scipy import special

POWER = 0.8


def holm(p):
    """Returns p adjusted so that rejecting those below α keeps the chance of any false one below α."""
    return _step(p, descending=False)


def benjamini_hochberg(p):
    """Returns p adjusted so that below α the expected share of false discoveries stays below α."""
    return _step(p, descending=True)


def _step(p, descending):
    p = numpy.asarray(p, float)
    order = numpy.argsort(p, axis=-1, kind="stable")
    ordered = numpy.take_along_axis(p, order, axis=-1)
    count = p.shape[-1]
    rank = numpy.arange(1, count + 1)
    if descending:
        factor = ordered * count / rank
        adjusted = numpy.minimum.accumulate(factor[..., ::-1], axis=-1)[..., ::-1]
    else:
        adjusted = numpy.maximum.accumulate(ordered * (count + 1 - rank), axis=-1)
    result = numpy.empty_like(p)
    numpy.put_along_axis(result, order, numpy.minimum(1.0, adjusted), axis=-1)
    return result


def minimal_pairs(family, alpha):
    """Returns the least number of pairs with which one of `family` exact tests can fall below alpha.

    The smallest two-sided p of n signs is 2 / 2^n, and Holm multiplies it by the family's size.
    """
    return math.ceil(math.log2(2 * max(1, family) / alpha))


def minimal_per_side(family, alpha):
    """The same for the unpaired test, whose smallest p is 2 / C(2n, n)."""
    n = 1
    while 2 * max(1, family) / math.comb(2 * n, n) > alpha:
        n += 1
    return n


def smallest_detectable(half_width, margin, level):
    """Returns the true effect that would be found in 8 of 10 repetitions (log units).

    Found means: the interval's near bound lies beyond the margin. The half-width of an interval at
    `level` stands for the standard error of its centre.
    """
    quantile = special.ndtri((1 + level) / 2)
    return margin + numpy.asarray(half_width) * (1 + special.ndtri(POWER) / quantile)
