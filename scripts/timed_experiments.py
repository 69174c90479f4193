#!/usr/bin/python3
"""Prints the experiments of a result whose pictures or table show times, which only time runs tell.

examples:
  alloclab run $(scripts/timed_experiments.py results/latest) --measure time --out results/latest-times

exit codes: 0 printed (an empty line: none does), 2 bad input
"""

import argparse
import pathlib

from lablib import errors


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", metavar="DIR", type=pathlib.Path, help="a result")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    from lablib import record

    result = record.load(options.result)
    print(*(name for name, each in result.experiments.items() if shows_times(result, each)))
    return 0


def shows_times(result, experiment):
    views = [*experiment["plots"], experiment.get("table") or {}]
    metrics = " ".join(view.get("metric") or "" for view in views).split()
    return any(result.metric(name).is_time for name in metrics)


if __name__ == "__main__":
    errors.run(main)
