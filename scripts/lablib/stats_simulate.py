"""Simulated sessions with known truth: how often the rules of compare and gate are right.

Every function returns plain numbers; times are simulated as base level × exp(noise). Vectorised over
suites: one suite is one gate with `metrics` rows of `pairs` blocks.
"""

import numpy

from lablib import compare_judge, stats_family, stats_interval, stats_rank

NOISES = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "skewed (exponential)": lambda rng, shape: rng.exponential(size=shape),
    "heavy tails (t, 3 degrees)": lambda rng, shape: rng.standard_t(3, size=shape),
    "ties (whole numbers)": lambda rng, shape: numpy.round(rng.normal(size=shape)),
}
_CHUNK = 2000


def false_alarms(rng, suites=20_000, metrics=10, pairs=20, alpha=0.01, noise="normal", spread=0.05,
                 margin=0.10, paired=True):
    """Returns the shares of A/A suites with any adjusted p below alpha, any interval off zero too,
    and any regression by the full rule."""
    counts = numpy.zeros(3)
    for start in range(0, suites, _CHUNK):
        many = min(_CHUNK, suites - start)
        sides = [numpy.exp(spread * NOISES[noise](rng, (many, metrics, pairs))) for _ in range(2)]
        if paired:
            session = numpy.exp(0.1 * rng.normal(size=(many, 1, pairs)))
            sides = [side * session for side in sides]
        counts += _alarms(*sides, alpha, margin, paired)
    return counts / suites


def _alarms(base, candidate, alpha, margin, paired):
    if paired:
        logs = numpy.round(numpy.log(candidate) - numpy.log(base), 12)
        p = stats_rank.signed_rank_p(logs)
    else:
        p = stats_rank.rank_sum_p(base, candidate)
    suspicious = numpy.nonzero((stats_family.holm(p) < alpha).any(axis=1))[0]
    found = numpy.array([
        [_judged(base[suite], candidate[suite], alpha, each, paired) for each in (0.0, margin)]
        for suite in suspicious]).reshape(-1, 2)
    either, regression = found[:, 0] > 0, found[:, 1] > 1
    return numpy.array([len(suspicious), either.sum(), regression.sum()])


def _judged(base, candidate, alpha, margin, paired):
    """0 nothing found, 1 something better, 2 something worse."""
    rules = compare_judge.Rules(margin, 0.0, 1, False, alpha=alpha, level=1 - alpha, adjust="holm")
    verdicts = compare_judge.judge(base, candidate, paired, rules).verdict
    return 2 if "worse" in verdicts else int("better" in verdicts)


def power(rng, effect, suites=500, metrics=10, pairs=20, alpha=0.01, spread=0.05, margin=0.03):
    """Returns (share of suites that find a true `effect` on one metric of many, share with an alarm
    on another, median of the smallest detectable effect that the rows told)."""
    hits = others = 0
    told = []
    rules = compare_judge.Rules(margin, 0.0, 1, False, alpha=alpha, level=1 - alpha, adjust="holm")
    for _ in range(suites):
        base, candidate = numpy.exp(spread * rng.normal(size=(2, metrics, pairs)))
        candidate[0] *= 1 + effect
        decision = compare_judge.judge(base, candidate, True, rules)
        hits += decision.verdict[0] == "worse"
        others += "worse" in decision.verdict[1:]
        told.append(numpy.nanmedian(decision.detectable))
    return hits / suites, others / suites, float(numpy.median(told))


def coverage(rng, pairs, noise="normal", level=0.95, repetitions=4000):
    """Returns the share of intervals that hold the true median."""
    truth = float(numpy.median(NOISES[noise](rng, 2_000_001)))
    values = NOISES[noise](rng, (repetitions, pairs))
    interval = stats_interval.median_interval(values, level)
    return float(((interval.low <= truth) & (truth <= interval.high)).mean())


def latin_row(arms, row):
    """The order of the arms in block `row`, as the lab plans it (a balanced square of Williams)."""
    zigzag = [(i + 1) // 2 if i % 2 else (arms - i // 2) % arms for i in range(arms)]
    order = [(each + row % arms) % arms for each in zigzag]
    return order[::-1] if arms % 2 and row // arms % 2 else order


def drift_bias(rng, arms=2, balanced=True, drift=0.3, pairs=20, suites=4000, spread=0.02):
    """Returns (mean estimated ratio of the last arm to the first, share of p below 0.05).

    Both arms are equal; the session slows by `drift` in a straight line.
    """
    place = numpy.empty((pairs, arms))
    for block in range(pairs):
        order = latin_row(arms, block) if balanced else range(arms)
        for position, arm in enumerate(order):
            place[block, arm] = block * arms + position
    slow = numpy.log1p(drift * place / (pairs * arms - 1))
    logs = slow + spread * rng.normal(size=(suites, pairs, arms))
    ratios = logs[..., -1] - logs[..., 0]
    p = stats_rank.signed_rank_p(ratios)
    return float(numpy.exp(numpy.median(ratios, axis=1).mean())), float((p < 0.05).mean())


def correlated(rng, correlation=0.4, within=5, pairs=20, suites=20_000):
    """Returns the shares of A/A comparisons with p below 0.05: one value a process, and every value
    as if it were a process of its own."""
    own, shared = numpy.sqrt(1 - correlation), numpy.sqrt(correlation)
    sides = [shared * rng.normal(size=(suites, pairs, 1)) + own * rng.normal(size=(suites, pairs, within))
             for _ in range(2)]
    processes = numpy.median(sides[1], axis=2) - numpy.median(sides[0], axis=2)
    pooled = (sides[1] - sides[0]).reshape(suites, -1)
    return (float((stats_rank.signed_rank_p(processes) < 0.05).mean()),
            float((stats_rank.signed_rank_p(pooled) < 0.05).mean()))
