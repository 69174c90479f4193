#!/usr/bin/python3
"""Compares the sides of one result, or several results: ratio, interval and verdict for each metric.

Within one result the sides are its allocators or arms, or what --by names; blocks pair them. Several
results are compared without pairs, the first being the base.

examples:
  scripts/compare.py results/latest
  scripts/compare.py results/latest --by knob:mmap_threshold_bytes --metric minor_faults_count
  scripts/compare.py results/before results/after --markdown
  scripts/compare.py results/latest --metric wall_ns --until-width 1% --budget-s 600

exit codes: 0 compared, whatever the verdicts; 2 bad input
"""

import argparse
import pathlib
import shutil
import sys

from lablib import errors

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_SHOWN = 30


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", nargs="+", metavar="DIR", type=pathlib.Path, help="results")
    parser.add_argument("--by", metavar="FACTOR",
                        help="allocator, knob[:NAME], param[:NAME], commit, image, arm or result")
    parser.add_argument("--base", metavar="SIDE", help="the side to compare against (glibc, base, "
                        "absent, or the first)")
    parser.add_argument("--metric", action="append", metavar="NAME", default=[],
                        help="only these metrics (comma or several times), or `all`")
    parser.add_argument("--phase", action="append", metavar="NAME", default=[],
                        help="only these phases; `start` is the first mark")
    parser.add_argument("--absolute", action="store_true",
                        help="memory as it is, not as difference from the first mark")
    parser.add_argument("--machine", choices=("quiet", "shared_vm", "deterministic"),
                        help="whose margins apply (default: by the recorded hypervisor)")
    parser.add_argument("--thresholds", metavar="FILE", help="margins (scripts/thresholds.toml)")
    parser.add_argument("--exempt", action="append", metavar="KEY", default=[],
                        help="an environment key that may differ")
    parser.add_argument("--level", type=float, default=0.95, help="of the intervals (0.95)")
    form = parser.add_mutually_exclusive_group()
    for name in ("json", "markdown", "csv"):
        form.add_argument(f"--{name}", action="store_true", help=f"print {name}")
    parser.add_argument("--all", action="store_true", help="every row, not the most important ones")
    _add_width(parser.add_argument_group("more blocks until intervals are narrow"))
    return parser.parse_args(arguments)


def _add_width(group):
    group.add_argument("--until-width", metavar="W", nargs="?", const="margin",
                       help="extend the result until every interval's half-width is at most W "
                       "(0.01 or 1%%; without W: half the margin)")
    group.add_argument("--max-blocks", type=int, help="ceiling (runs_max of the thresholds)")
    group.add_argument("--budget-s", type=float, default=1800, help="wall time to spend (1800)")
    group.add_argument("--lab", default=str(ROOT / "build/release/alloclab"), help="the lab's program")


def main(arguments):
    options = parse(arguments)
    if not 0.5 <= options.level < 1:
        raise errors.BadInput("--level", f"{options.level} is not a level", "try 0.95")
    from lablib import compare_extend, compare_rows, compare_run

    if options.until_width:
        results, comparison, extra = compare_extend.until_width(options)
    else:
        results = compare_run.load(options.results)
        comparison, extra = compare_run.compare(results, options), {}
    _print(options, comparison, compare_rows.registry_of(results), extra)
    return 0


def _print(options, comparison, registry, extra):
    from lablib import compare_output

    limit = None if options.all else MAX_SHOWN
    if options.json:
        print(compare_output.to_json(comparison, extra))
    elif options.csv:
        print(compare_output.csv(comparison), end="")
    elif options.markdown:
        print(compare_output.markdown(comparison, registry, limit))
    else:
        if limit and sys.stdout.isatty():
            limit = max(5, shutil.get_terminal_size().lines - 10)
        print(compare_output.terminal(comparison, registry, limit))
    stop = extra.get("until_width")
    if stop and not (options.json or options.csv):
        print(f"stopped by {stop['reason']} after {stop['blocks']} blocks "
              f"(widest half-width {stop['half_width']:.2%})")


if __name__ == "__main__":
    errors.run(main)
