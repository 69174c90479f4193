#!/usr/bin/python3
"""Shows metrics over many results in commit order, with the places where they changed level.

Advisory: it decides nothing. Pictures go to --out as SVG and PNG; the table lists the changes.

examples:
  scripts/history.py results/nightly-*
  scripts/history.py results/nightly-* --metric rss_peak_bytes,wall_ns --out /tmp/history

exit codes: 0 shown, whatever changed; 2 bad input
"""

import argparse
import pathlib

from lablib import errors

ROOT = pathlib.Path(__file__).resolve().parent.parent


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", metavar="DIR", type=pathlib.Path, help="two or more results")
    parser.add_argument("--metric", action="append", metavar="NAME", default=[],
                        help="only these metrics (comma or several times), or `all`")
    parser.add_argument("--absolute", action="store_true",
                        help="memory as it is, not as difference from the first mark")
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "results/history",
                        help="folder for the pictures (results/history)")
    parser.add_argument("--thresholds", metavar="FILE", help="margins (scripts/thresholds.toml)")
    parser.add_argument("--no-plots", action="store_true", help="the table only")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    if len(options.results) < 2:
        raise errors.BadInput(options.results[0], "one result has no history", "name at least two")
    from lablib import compare_rows, compare_run, gate_thresholds, history_series, history_table

    results, how = history_series.in_commit_order(compare_run.load(options.results))
    metrics = compare_rows.metrics_of(results, compare_run.words(options.metric) or None)
    thresholds = gate_thresholds.read(compare_run.machine_of(results), options.thresholds)
    series = history_series.collect(results, metrics, thresholds, not options.absolute)
    if not series:
        raise errors.BadInput("these results", "no metric was measured in two of them at the same point",
                              "they must agree in experiment, parameters, allocator and measure")
    labels = [history_series.label(result) for result in results]
    registry = compare_rows.registry_of(results)
    print(history_table.table(series, labels, how, registry))
    if not options.no_plots:
        for path in history_table.pictures(series, labels, registry, options.out):
            print(path)
    return 0


if __name__ == "__main__":
    errors.run(main)
