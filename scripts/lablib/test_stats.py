import itertools
import math

import numpy
import pytest
from hypothesis import given, settings, strategies as st
from scipy import stats

from lablib import stats_family, stats_interval, stats_rank

NUMBERS = st.floats(-1e6, 1e6, allow_nan=False).map(lambda value: round(value, 3))
SMALL = st.lists(st.integers(-4, 4), min_size=1, max_size=9)


def signed_rank_by_enumeration(differences):
    """All 2^n signs, ranks with zeros kept (Pratt)."""
    ranks = stats.rankdata(numpy.abs(differences))
    ranks[numpy.array(differences) == 0] = 0
    observed = abs(sum(r * numpy.sign(d) for r, d in zip(ranks, differences)))
    totals = [abs(sum(s * r for s, r in zip(signs, ranks)))
              for signs in itertools.product((-1, 1), repeat=len(ranks))]
    return sum(total >= observed - 1e-9 for total in totals) / len(totals)


def rank_sum_by_enumeration(first, second):
    ranks = stats.rankdata(first + second)
    observed = sum(ranks[: len(first)])
    sums = [sum(chosen) for chosen in itertools.combinations(ranks, len(first))]
    lower = sum(each <= observed + 1e-9 for each in sums) / len(sums)
    upper = sum(each >= observed - 1e-9 for each in sums) / len(sums)
    return min(1.0, 2 * min(lower, upper))


@given(SMALL)
@settings(deadline=None)
def test_signed_rank_counts_every_sign_also_with_ties_and_zeros(differences):
    assert stats_rank.signed_rank_p(differences) == pytest.approx(
        signed_rank_by_enumeration(differences))


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5),
       st.lists(st.integers(0, 4), min_size=1, max_size=5))
@settings(deadline=None)
def test_rank_sum_counts_every_split_also_with_ties(first, second):
    assert stats_rank.rank_sum_p(first, second) == pytest.approx(
        rank_sum_by_enumeration(first, second))


def test_rank_tests_agree_with_scipy_without_ties():
    rng = numpy.random.default_rng(3)
    first, second = rng.normal(size=(40, 12)), rng.normal(0.4, size=(40, 12))
    ours = stats_rank.signed_rank_p(second - first), stats_rank.rank_sum_p(first, second)
    for row in range(40):
        assert ours[0][row] == pytest.approx(
            stats.wilcoxon(second[row] - first[row]).pvalue)
        assert ours[1][row] == pytest.approx(
            stats.mannwhitneyu(first[row], second[row], method="exact").pvalue)


@given(st.lists(NUMBERS, min_size=2, max_size=30))
@settings(deadline=None)
def test_swapping_the_sides_leaves_p_and_turns_the_shift_round(differences):
    array = numpy.array(differences)
    assert stats_rank.signed_rank_p(array) == pytest.approx(stats_rank.signed_rank_p(-array))
    shift, low, high, _ = stats_rank.paired_shift(array)
    turned, turned_low, turned_high, _ = stats_rank.paired_shift(-array)
    assert (shift, low, high) == pytest.approx((-turned, -turned_high, -turned_low))
    assert low <= shift <= high


def test_a_large_sample_falls_back_to_the_normal_approximation():
    rng = numpy.random.default_rng(5)
    differences = rng.normal(0.1, size=300)
    assert stats_rank.signed_rank_p(differences) == pytest.approx(
        stats.wilcoxon(differences, correction=True).pvalue, rel=0.02)


def test_paired_shift_is_the_exact_interval_of_the_signed_rank_test():
    differences = numpy.array([1.1, 2.3, 0.4, 1.9, -0.2, 1.4, 0.8, 2.2])
    shift, low, high, level = stats_rank.paired_shift(differences)
    assert level == pytest.approx(1 - 2 * 4 / 256 - 2 * 1 / 256, abs=0.02) and level >= 0.95
    outside = [stats_rank.signed_rank_p(differences - at) for at in (low - 1e-6, high + 1e-6)]
    inside = [stats_rank.signed_rank_p(differences - at) for at in (low + 1e-6, high - 1e-6)]
    assert max(outside) <= 0.05 < min(inside)
    assert low < shift < high


def test_unpaired_shift_is_the_exact_interval_of_the_rank_sum_test():
    rng = numpy.random.default_rng(8)
    first, second = rng.normal(size=7), rng.normal(1, size=9)
    _, low, high, level = stats_rank.unpaired_shift(first, second)
    assert level >= 0.95
    assert stats_rank.rank_sum_p(first + high + 1e-6, second) <= 0.05
    assert stats_rank.rank_sum_p(first + high - 1e-6, second) > 0.05
    assert stats_rank.rank_sum_p(first + low - 1e-6, second) <= 0.05


@pytest.mark.parametrize("n, rank, level", [(5, 1, 0.9375), (6, 1, 0.96875), (9, 2, 0.9609375),
                                             (14, 3, 0.9870605), (1, 1, 0.0)])
def test_sign_test_picks_the_innermost_order_statistics_that_keep_the_level(n, rank, level):
    assert stats_interval.sign_test_rank(n, 0.95) == (rank, pytest.approx(level))


def test_five_blocks_cannot_reach_95_percent_and_the_interval_says_so():
    interval = stats_interval.median_interval([0.1, 0.2, 0.3, 0.4, 0.5])
    assert (interval.low, interval.high, interval.reached) == (0.1, 0.5, False)
    assert interval.level == 0.9375


@pytest.mark.parametrize("n", [15, 20, 31, 40])
def test_bca_agrees_with_scipy(n):
    values = numpy.random.default_rng(n).lognormal(size=n)
    ours = stats_interval.median_interval(values)
    theirs = stats.bootstrap((values,), numpy.median, n_resamples=20_000, method="BCa",
                             random_state=1, vectorized=True).confidence_interval
    spacing = numpy.diff(numpy.sort(values))[n // 5: -n // 5].max()
    assert ours.method == "bca"
    assert ours.low == pytest.approx(theirs.low, abs=spacing)
    assert ours.high == pytest.approx(theirs.high, abs=spacing)


def test_bca_is_the_same_for_the_same_seed_and_for_rows_apart_or_together():
    rows = numpy.random.default_rng(2).normal(size=(3, 20))
    together = stats_interval.median_interval(rows, seed=7)
    apart = [stats_interval.median_interval(row, seed=7) for row in rows]
    assert together.low.tolist() == [float(each.low) for each in apart]
    assert together.high.tolist() == [float(each.high) for each in apart]


@given(st.lists(NUMBERS, min_size=1, max_size=45))
@settings(deadline=None)
def test_an_interval_holds_its_median_and_stays_within_the_sample(values):
    interval = stats_interval.median_interval(values)
    assert min(values) <= interval.low <= numpy.median(values) <= interval.high <= max(values)


@given(st.floats(-1e9, 1e9), st.integers(1, 40))
@settings(deadline=None)
def test_a_constant_sample_has_an_interval_without_width(value, n):
    interval = stats_interval.median_interval(numpy.full(n, value))
    assert interval.low == interval.high == value


def test_nan_is_refused_not_sorted_to_the_end():
    with pytest.raises(ValueError, match="NaN"):
        stats_interval.median_interval([1.0, float("nan")])


def test_zeros_are_never_logged():
    with pytest.raises(ValueError, match="zero"):
        stats_interval.log_ratios([1, 0], [1, 2])


PS = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(PS)
@settings(deadline=None)
def test_adjusted_p_is_never_smaller_than_p_and_keeps_the_order(p):
    p = numpy.array(p)
    for adjust in (stats_family.holm, stats_family.benjamini_hochberg):
        adjusted = adjust(p)
        assert (adjusted >= p - 1e-15).all() and (adjusted <= 1).all()
        order = numpy.argsort(p, kind="stable")
        assert (numpy.diff(adjusted[order]) >= -1e-15).all()
    assert (stats_family.holm(p) >= stats_family.benjamini_hochberg(p) - 1e-15).all()


def test_holm_and_benjamini_hochberg_give_the_textbook_values():
    p = [0.01, 0.04, 0.03, 0.005]
    assert stats_family.holm(p) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert stats_family.benjamini_hochberg(p) == pytest.approx([0.02, 0.04, 0.04, 0.02])


def test_minimal_pairs_are_those_of_the_rule():
    assert [stats_family.minimal_pairs(k, 0.01) for k in (1, 10, 100)] == [8, 11, 15]


@given(st.integers(1, 200), st.sampled_from([0.05, 0.01]))
@settings(deadline=None)
def test_with_minimal_pairs_the_strongest_result_passes_and_with_one_less_it_cannot(k, alpha):
    n = stats_family.minimal_pairs(k, alpha)
    least = stats_rank.signed_rank_p(numpy.arange(1, n + 1))
    assert least * k <= alpha + 1e-12
    assert n == 1 or stats_rank.signed_rank_p(numpy.arange(1, n)) * k > alpha


def test_minimal_per_side_matches_the_strongest_rank_sum():
    n = stats_family.minimal_per_side(10, 0.01)
    assert stats_rank.rank_sum_p(range(n), range(n, 2 * n)) * 10 <= 0.01
    assert 2 * 10 / math.comb(2 * n - 2, n - 1) > 0.01


def test_the_smallest_detectable_effect_grows_with_margin_and_width():
    effect = stats_family.smallest_detectable(0.02, 0.03, 0.95)
    assert effect == pytest.approx(0.03 + 0.02 * (1 + 0.8416 / 1.96), abs=1e-4)
