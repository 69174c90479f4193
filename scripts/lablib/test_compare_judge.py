import numpy
import pytest
from hypothesis import given, settings, strategies as st

from lablib import compare_judge
from lablib.compare_judge import Rules, judge


def one(base, candidate, paired=True, **rules):
    """The decision on one row, as scalars."""
    defaults = {"margin": 0.03, "floor": 0.0, "direction": 1, "deterministic": False}
    decision = judge([base], [candidate], paired, Rules(**{**defaults, **rules}))
    return {name: value[0] if isinstance(value, numpy.ndarray) else value
            for name, value in vars(decision).items()}


def noisy(factor=1.0, n=20, spread=0.01, seed=1):
    rng = numpy.random.default_rng(seed)
    base = 1000 * numpy.exp(rng.normal(0, spread, n))
    return base, base * factor * numpy.exp(rng.normal(0, spread, n))


def test_ten_percent_more_is_worse_where_less_is_better():
    row = one(*noisy(1.1))
    assert (row["verdict"], row["reason"], row["kind"]) == ("worse", "beyond_margin", "ratio")
    assert row["ratio_low"] < 1.1 < row["ratio_high"] and row["shift"] == pytest.approx(100, rel=0.2)


def test_ten_percent_more_is_better_where_more_is_better():
    assert one(*noisy(1.1), direction=-1)["verdict"] == "better"


def test_a_difference_without_a_direction_is_told_but_not_judged():
    row = one(*noisy(1.1), direction=0)
    assert (row["verdict"], row["reason"]) == ("not_gated", "differs_without_direction")


def test_same_is_said_only_when_the_whole_interval_is_inside_the_margin():
    assert one(*noisy(1.0))["verdict"] == "same"
    wide = one(*noisy(1.0, spread=0.2))
    assert (wide["verdict"], wide["reason"]) == ("inconclusive", "wide_interval")
    assert wide["detectable"] > 0.1


def test_a_significant_difference_inside_the_margin_is_the_same():
    row = one(*noisy(1.01, spread=0.002))
    assert row["p_adjusted"] < 0.01 and row["verdict"] == "same"


def test_the_near_bound_must_pass_the_margin_not_only_the_estimate():
    row = one(*noisy(1.034, spread=0.01))
    assert row["ratio"] > 1.03 > row["ratio_low"]
    assert row["verdict"] == "inconclusive"


def test_the_absolute_floor_must_be_exceeded():
    row = one(*noisy(1.1), floor=500.0)
    assert row["verdict"] == "same"
    assert one(*noisy(1.1), floor=50.0)["verdict"] == "worse"


def test_three_blocks_are_too_few_whatever_they_show():
    row = one(*noisy(2.0, n=3))
    assert (row["verdict"], row["reason"]) == ("inconclusive", "too_few_blocks")
    assert row["level"] == 0.75 and numpy.isnan(row["detectable"])


def test_one_sample_is_named():
    assert one([5.0], [6.0])["reason"] == "one_sample"


def test_equal_constants_of_a_deterministic_metric_are_equal_without_a_test():
    row = one([7.0] * 3, [7.0] * 3, deterministic=True, margin=0.0)
    assert (row["verdict"], row["reason"], row["kind"]) == ("same", "equal", "exact")
    assert numpy.isnan(row["p"])


def test_one_more_of_a_deterministic_metric_is_worse():
    assert one([7.0] * 3, [8.0] * 3, deterministic=True, margin=0.0)["verdict"] == "worse"
    assert one([7.0] * 3, [6.0] * 3, deterministic=True, margin=0.0)["verdict"] == "better"


def test_work_that_differs_by_block_is_compared_exactly_block_by_block():
    base = numpy.array([100.0, 250.0, 175.0])
    row = one(base, base + 1, deterministic=True, margin=0.0)
    assert (row["kind"], row["verdict"], row["shift"]) == ("exact", "worse", 1)
    assert row["ratio_low"] == 251 / 250 and row["ratio_high"] == 101 / 100
    assert one(base, base, deterministic=True, margin=0.0)["reason"] == "equal"
    assert one(base, base + 1, paired=False, deterministic=True)["kind"] == "ratio"


def test_two_equal_values_do_not_prove_that_a_metric_is_constant():
    assert one([7.0] * 2, [8.0] * 2, deterministic=True)["verdict"] == "inconclusive"


def test_constants_of_a_metric_that_is_not_deterministic_are_tested():
    row = one([7.0] * 20, [8.0] * 20)
    assert row["kind"] == "ratio" and row["verdict"] == "worse" and row["p"] < 1e-5


def test_zeros_are_reported_as_a_shift_and_never_logged():
    base, candidate = numpy.zeros(20), numpy.arange(20.0) + 5
    row = one(base, candidate)
    assert (row["kind"], row["verdict"]) == ("shift", "worse")
    assert numpy.isnan(row["ratio"]) and row["shift_low"] > 0


def test_zeros_on_both_sides_are_the_same():
    assert one([0.0] * 5, [0.0] * 5, deterministic=True)["verdict"] == "same"
    assert one([0.0] * 20, [0.0] * 20)["verdict"] == "same"


def test_a_side_without_values_is_missing():
    row = one([1.0, 2.0], [numpy.nan, numpy.nan])
    assert (row["verdict"], row["reason"]) == ("missing", "no_value")


def test_a_block_that_lacks_one_side_is_dropped_from_both():
    base, candidate = noisy(1.1)
    base[3], candidate[7] = numpy.nan, numpy.nan
    assert one(base, candidate)["pairs"] == 18


def test_unpaired_sides_may_differ_in_size():
    rng = numpy.random.default_rng(4)
    base = numpy.append(rng.lognormal(0, 0.01, 15), [numpy.nan] * 5)
    row = one(base, 1.2 * rng.lognormal(0, 0.01, 20), paired=False)
    assert row["verdict"] == "worse" and row["pairs"] == 15
    assert row["ratio_low"] < 1.2 < row["ratio_high"]


def test_a_drift_that_hides_in_unpaired_data_is_removed_by_blocks():
    drift = numpy.linspace(1, 3, 20)
    base, candidate = noisy(1.1)
    assert one(base * drift, candidate * drift)["verdict"] == "worse"
    assert one(base * drift, candidate * drift, paired=False)["verdict"] == "inconclusive"


def test_every_row_more_makes_the_family_larger_and_p_larger():
    base, candidate = noisy(1.1)
    alone = one(base, candidate, adjust="holm")
    among = one(base, candidate, adjust="holm", family=50)
    assert (alone["family"], among["family"]) == (1, 50)
    assert among["p_adjusted"] == pytest.approx(50 * alone["p_adjusted"])


def test_rows_of_different_sizes_are_judged_as_if_alone():
    rng = numpy.random.default_rng(6)
    base, candidate = rng.lognormal(size=(30, 20)), rng.lognormal(size=(30, 20))
    for row in range(30):
        base[row, : row % 12] = numpy.nan
    rules = Rules(0.03, 0.0, 1, False)
    together = judge(base, candidate, True, rules)
    for row in range(30):
        alone = judge(base[row: row + 1], candidate[row: row + 1], True, rules)
        for name in ("p", "ratio", "ratio_low", "ratio_high", "shift_low", "level"):
            numpy.testing.assert_equal(getattr(together, name)[row], getattr(alone, name)[0])


VALUES = st.lists(st.integers(0, 50), min_size=1, max_size=20)


@given(VALUES, st.booleans(), st.booleans())
@settings(deadline=None)
def test_a_sample_against_itself_is_never_better_or_worse(values, paired, deterministic):
    row = one(values, values, paired, deterministic=deterministic)
    assert row["verdict"] in ("same", "inconclusive")


@given(VALUES.flatmap(lambda a: st.tuples(st.just(a), st.lists(
    st.integers(0, 50), min_size=len(a), max_size=len(a)))), st.booleans())
@settings(deadline=None)
def test_swapping_the_sides_swaps_better_and_worse(sides, deterministic):
    turned = {"better": "worse", "worse": "better"}
    there = one(*sides, deterministic=deterministic, margin=0.0)
    back = one(*reversed(sides), deterministic=deterministic, margin=0.0)
    assert back["verdict"] == turned.get(there["verdict"], there["verdict"])
    assert there["verdict"] in compare_judge.VERDICTS
