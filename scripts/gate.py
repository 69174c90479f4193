#!/usr/bin/python3
"""Decides whether a change made memory or speed worse, and says so with its exit code.

One DIR: its arm `candidate` against its arm `base` (alloclab run --arm base=… --arm candidate=…).
Two: the second result against the first, a stored baseline.

examples:
  scripts/gate.py results/latest
  scripts/gate.py results/latest --deterministic --markdown summary.md
  scripts/gate.py --baseline results/baseline/counts --candidate results/latest --deterministic
  scripts/gate.py --calibrate

exit codes: 0 pass, 1 regression, 2 usage or bad input, 3 incomplete (failed, missing, machine too
noisy), 4 inconclusive (only with --fail-on inconclusive), 5 environment mismatch. A regression wins.
"""

import argparse
import pathlib

from lablib import errors

ROOT = pathlib.Path(__file__).resolve().parent.parent


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="*", metavar="DIR", type=pathlib.Path,
                        help="one result with two arms, or a baseline and a candidate")
    parser.add_argument("--baseline", type=pathlib.Path, metavar="DIR", help="a stored result")
    parser.add_argument("--candidate", type=pathlib.Path, metavar="DIR", help="what is judged")
    parser.add_argument("--arms", nargs=2, default=("base", "candidate"), metavar=("BASE", "CANDIDATE"),
                        help="the names of the arms (base candidate)")
    parser.add_argument("--deterministic", action="store_true",
                        help="counters only, exactly or within tiny margins: for noisy runners")
    parser.add_argument("--machine", choices=("quiet", "shared_vm"),
                        help="whose margins apply (default: by the recorded hypervisor)")
    parser.add_argument("--thresholds", metavar="FILE", help="the rules (scripts/thresholds.toml)")
    parser.add_argument("--noise", metavar="FILE", default=ROOT / "results/noise_floor.json",
                        help="this machine's noise floor (results/noise_floor.json)")
    parser.add_argument("--exempt", action="append", metavar="KEY", default=[],
                        help="an environment key that may differ")
    parser.add_argument("--require", action="append", metavar="KEY", default=[],
                        help="an environment key that must agree beside those of the metrics")
    parser.add_argument("--without", action="append", metavar="METRIC", default=[],
                        help="declare that this gated metric cannot be had here")
    parser.add_argument("--fail-on", choices=("inconclusive",), help="exit 4 when not decided")
    parser.add_argument("--no-confirm", action="store_true",
                        help="declare that a regression needs no confirming rerun")
    parser.add_argument("--lab", default=str(ROOT / "build/release/alloclab"), help="the lab's program")
    parser.add_argument("--markdown", metavar="FILE", type=pathlib.Path, help="write a summary")
    parser.add_argument("--markdown-bytes", type=int, default=60_000, metavar="N",
                        help="its size at most (60000: one comment)")
    parser.add_argument("--json", metavar="FILE", type=pathlib.Path, help="write all rows")
    _add_calibration(parser.add_argument_group("the noise of this machine"))
    return parser.parse_args(arguments)


def _add_calibration(group):
    group.add_argument("--calibrate", action="store_true", help="measure it, and write --noise")
    group.add_argument("--experiments", metavar="NAME,…", help="what to run (three quick ones)")
    group.add_argument("--allocator", default="glibc", help="what to run them under (glibc)")
    group.add_argument("--profile", default="smoke", choices=("smoke", "quick", "full"))
    group.add_argument("--out", default=ROOT / "results", help="where its results go (results)")


def main(arguments):
    options = parse(arguments)
    from lablib import gate_run

    if options.calibrate:
        return gate_run.calibrate(options)
    return gate_run.gate(options)


if __name__ == "__main__":
    errors.run(main)
