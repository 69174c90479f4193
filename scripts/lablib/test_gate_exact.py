"""The deterministic gate: counters compared exactly or within tiny margins."""

import random

import pytest

from lablib import testing
from lablib.gate_testing import FAULTS, MMAPS, LEVELS, on, write, run, rows_of, fresh


def test_three_equal_runs_are_enough_for_the_deterministic_gate(tmp_path):
    assert run(write(tmp_path / "r", blocks=3), "--deterministic") == 0


@pytest.mark.parametrize("change, code", [(lambda value: value + 1, 1), (lambda value: value - 1, 0)])
def test_one_more_mmap_in_a_thousand_is_a_regression(tmp_path, change, code):
    result = write(tmp_path / "r", on(MMAPS, change), blocks=3)
    assert run(result, "--deterministic", "--no-confirm") == code


def test_one_percent_more_instructions_are_a_regression_and_a_jitter_is_none(tmp_path):
    metric = {**testing.METRICS, "callgrind_instructions_count": {
        **testing.METRICS[FAULTS], "source": "callgrind"}}
    def instructions(factor):
        return lambda at: (int(28_527_682 * (factor if at.arm == "candidate" else 1)) + at.block % 2 * 14
                           if at.metric.startswith("callgrind") else LEVELS[at.metric])
    for factor, code in ((1.01, 1), (1.004, 0), (1.0, 0), (0.98, 0)):
        result = write(tmp_path / f"r{factor}", instructions(factor), blocks=3, metrics=metric)
        assert run(result, "--deterministic", "--no-confirm") == code


def test_a_counter_that_varies_gives_no_false_alarm_in_100_comparisons_with_itself(tmp_path):
    rng, reasons = random.Random(1), set()

    def jitter(at):
        extra = at.metric == FAULTS and at.phase == "touch" and rng.randrange(8) == 0
        return LEVELS[at.metric] + extra

    for number in range(100):
        result = write(tmp_path / f"r{number}", jitter, blocks=3)
        code, rows = rows_of(result, "--deterministic", tmp_path=tmp_path,
                             runner=fresh(jitter, "counts"))
        assert code == 0
        reasons |= {row["reason"] for row in rows}
    assert "not_deterministic" in reasons


def test_equal_seeds_are_compared_block_by_block_across_results(tmp_path):
    def by_block(more):
        return lambda at: LEVELS[at.metric] + 100 * at.block + (more if at.metric == MMAPS else 0)
    base = write(tmp_path / "a", by_block(0), blocks=3, arms={"glibc": "glibc"})
    same = write(tmp_path / "b", by_block(0), blocks=3, arms={"glibc": "glibc"})
    more = write(tmp_path / "c", by_block(1), blocks=3, arms={"glibc": "glibc"})
    assert run(base, same, "--deterministic", "--no-confirm") == 0
    assert run(base, more, "--deterministic", "--no-confirm") == 1
