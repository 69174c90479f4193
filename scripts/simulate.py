#!/usr/bin/python3
"""Proves the statistics by simulation: false alarms, power, coverage, drift, correlated timings.

Prints Markdown tables; the kept run is in scripts/simulated.md.

examples:
  scripts/simulate.py > scripts/simulated.md
  scripts/simulate.py --suites 2000

exit codes: 0 every rate is as claimed, 1 one is not, 2 bad input
"""

import argparse

from lablib import errors


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suites", type=int, default=20_000, help="A/A suites a row (20000)")
    parser.add_argument("--seed", type=int, default=1, help="of the simulation (1)")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    if options.suites < 100:
        raise errors.BadInput("--suites", f"{options.suites} are too few to show a rate", "try 2000")
    import numpy

    from lablib import stats_simulate

    rng = numpy.random.default_rng(options.seed)
    print(f"# Simulated sessions\n\n`scripts/simulate.py --suites {options.suites} "
          f"--seed {options.seed}`: the truth is known, the rules are those of the gate.")
    parts = (_false_alarms, _power, _coverage, _drift, _correlation)
    held = [part(rng, stats_simulate, options.suites) for part in parts]
    return 0 if all(held) else 1


def _table(title, head, rows):
    print(f"\n## {title}\n\n| " + " | ".join(head) + " |\n|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |", flush=True)


def _percent(value):
    return f"{100 * value:.2f} %"


def _limit(rate, count):
    """What a true `rate` shows at most, in 999 of 1000 simulations of `count` suites."""
    return rate + 3.1 * (rate * (1 - rate) / count) ** 0.5


def _false_alarms(rng, simulate, suites):
    rows, held = [], True
    cases = [(noise, 10, 20, True) for noise in simulate.NOISES]
    cases += [("normal", 1, 15, True), ("normal", 40, 20, True), ("normal", 10, 20, False)]
    for noise, metrics, pairs, paired in cases:
        shares = simulate.false_alarms(rng, suites, metrics, pairs, noise=noise, paired=paired)
        held &= shares[0] <= _limit(0.01, suites)
        rows.append([noise, str(metrics), f"{pairs} {'pairs' if paired else 'a side'}", str(suites),
                     *map(_percent, shares)])
    _table("A against A: suites with any false alarm (claimed: at most 1 %)",
           ["noise", "metrics", "runs", "suites", "p after Holm", "and its interval off 1",
            "regression by the full rule"], rows)
    return held


def _power(rng, simulate, suites):
    rows, held, many = [], True, max(100, suites // 40)
    for name, margin, spread, pairs in (("quiet", 0.03, 0.01, 15), ("shared VM", 0.10, 0.06, 20)):
        for effect in (0.0, 0.02, 0.05, 0.08, 0.15, 0.20, 0.30):
            found, other, told = simulate.power(rng, effect, many, pairs=pairs, spread=spread,
                                                margin=margin)
            held &= found > 0.8 if effect > 1.1 * told else found < 0.02 if effect < margin else True
            rows.append([name, f"{spread:.0%}", str(pairs), _percent(effect), _percent(found),
                         _percent(other), _percent(told)])
    _table("A true slowdown of one metric among ten: how often it is found",
           ["machine", "spread", "pairs", "effect", "found", "alarm on another metric",
            "smallest detectable, as told"], rows)
    return held


def _coverage(rng, simulate, suites):
    rows, held, many = [], True, max(500, suites // 5)
    for pairs in (6, 8, 14, 15, 20, 40):
        for noise in ("normal", "skewed (exponential)", "heavy tails (t, 3 degrees)"):
            share = simulate.coverage(rng, pairs, noise, repetitions=many)
            held &= share > (0.94 if pairs < 15 else 0.90)
            rows.append([str(pairs), "sign test" if pairs < 15 else "BCa", noise, _percent(share)])
    _table("Intervals of 95 %: how often they hold the true median",
           ["pairs", "method", "noise", "holds it"], rows)
    print("\nThe bootstrap of a median holds it somewhat less often than it says (BCa, 15 to 40 "
          "pairs).\nAlarms do not rest on it alone: the exact test must agree.")
    return held


def _drift(rng, simulate, suites):
    rows, held, many = [], True, max(500, suites // 5)
    for arms, balanced in ((2, True), (2, False), (4, True), (4, False), (5, True)):
        ratio, share = simulate.drift_bias(rng, arms, balanced, suites=many)
        if balanced:
            held &= abs(ratio - 1) < 0.001 and share < _limit(0.05, many)
        rows.append([str(arms), "balanced (the lab's)" if balanced else "always the same",
                     f"×{ratio:.4f}", _percent(share)])
    _table("Equal arms while the session slows by 30 %",
           ["arms", "order", "mean ratio of last to first arm", "p < 0.05"], rows)
    return held


def _correlation(rng, simulate, suites):
    reduced, pooled = simulate.correlated(rng, suites=suites // 2)
    _table("Equal arms, five timings a process, correlation 0.4 within a process",
           ["sample", "p < 0.05"], [["one value a process (the lab's)", _percent(reduced)],
                                    ["every timing", _percent(pooled)]])
    return reduced < _limit(0.05, suites // 2)


if __name__ == "__main__":
    errors.run(main)
