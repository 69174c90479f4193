#!/usr/bin/python3
"""Writes a result in another tool's format. Failed runs, nulls and zeros never appear as numbers.

examples:
  scripts/export.py results/latest --to csv --metric rss_anon_bytes --out rss.csv
  scripts/export.py results/base --to google-benchmark --out base.json
  scripts/export.py results/latest --to github-action-benchmark | jq length

formats:
{formats}

exit codes: 0 written, 2 bad input
"""

import argparse
import pathlib
import sys

from lablib import errors, export


def parse(arguments):
    known = export.summaries()
    listed = "\n".join(f"  {name:25}{summary}" for name, summary in known.items())
    parser = argparse.ArgumentParser(description=__doc__.replace("{formats}", listed),
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", metavar="DIR", type=pathlib.Path, help="a result")
    parser.add_argument("--to", required=True, choices=list(known), help="the format")
    parser.add_argument("--metric", action="append", default=[], metavar="NAME",
                        help="this metric (may be given several times; `all` for every one; "
                             "without it those that the experiments' plots and tables show)")
    parser.add_argument("--out", type=pathlib.Path, metavar="FILE", help="write here, not to stdout")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    from lablib import measurements, record

    result = record.load(options.result)
    metrics = measurements.chosen_metrics(result, options.metric)
    out = open(options.out, "w", encoding="utf-8", newline="") if options.out else sys.stdout
    try:
        left_out = export.module(options.to).write(result, metrics, out)
    finally:
        if options.out:
            out.close()
    if left_out:
        print(f"note: {left_out} values are no numbers in this format (zero, null or failed)",
              file=sys.stderr)
    return 0


if __name__ == "__main__":
    errors.run(main)
