"""The simulations of simulate.py in small: same rules, same seeds every time."""

import numpy
import pytest

import simulate
from lablib import stats_simulate


@pytest.fixture
def rng():
    return numpy.random.default_rng(1)


@pytest.mark.parametrize("noise", stats_simulate.NOISES)
def test_suites_of_equal_sides_alarm_at_most_as_often_as_claimed(rng, noise):
    shares = stats_simulate.false_alarms(rng, suites=2000, noise=noise)
    assert shares[0] <= simulate._limit(0.01, 2000)
    assert shares[2] == 0  # nothing of ten percent where there is nothing


def test_the_alarm_rate_is_not_zero_either_so_the_simulation_can_fail(rng):
    assert stats_simulate.false_alarms(rng, suites=2000, alpha=0.3)[0] > 0.2


def test_a_known_slowdown_is_found_and_no_other_metric_is_blamed(rng):
    found, other, told = stats_simulate.power(rng, 0.06, suites=100, pairs=15, spread=0.01)
    assert found > 0.9 and other == 0 and 0.03 < told < 0.06


def test_an_effect_inside_the_margin_is_not_a_regression(rng):
    assert stats_simulate.power(rng, 0.02, suites=100, pairs=15, spread=0.01)[0] == 0


def test_the_smallest_detectable_effect_is_found_in_about_eight_of_ten(rng):
    _, _, told = stats_simulate.power(rng, 0.0, suites=100, metrics=1, spread=0.02)
    found, _, _ = stats_simulate.power(rng, told, suites=300, metrics=1, spread=0.02)
    assert 0.7 < found < 0.95


@pytest.mark.parametrize("pairs, least", [(6, 0.95), (14, 0.95), (15, 0.90), (20, 0.90), (40, 0.92)])
def test_intervals_hold_the_median_about_as_often_as_they_say(rng, pairs, least):
    assert stats_simulate.coverage(rng, pairs, repetitions=2000) > least


@pytest.mark.parametrize("arms", [2, 3, 4, 5])
def test_a_balanced_square_puts_every_arm_before_every_other_equally_often(arms):
    rows = [stats_simulate.latin_row(arms, row) for row in range(arms if arms % 2 == 0 else 2 * arms)]
    pairs = [(a, b) for row in rows for a, b in zip(row, row[1:])]
    assert len({pairs.count(pair) for pair in set(pairs)}) == 1
    assert len(set(pairs)) == arms * (arms - 1)


@pytest.mark.parametrize("arms", [2, 4])
def test_a_linear_drift_biases_a_fixed_order_and_not_the_balanced_one(rng, arms):
    ratio, share = stats_simulate.drift_bias(rng, arms, balanced=True, suites=500)
    assert abs(ratio - 1) < 0.002 and share < simulate._limit(0.05, 500)
    biased, _ = stats_simulate.drift_bias(rng, arms, balanced=False, suites=500)
    assert biased > ratio + 0.004


def test_correlation_within_a_process_raises_no_alarms_unless_every_timing_counts(rng):
    reduced, pooled = stats_simulate.correlated(rng, suites=2000)
    assert reduced <= simulate._limit(0.05, 2000)
    assert pooled > 0.12
