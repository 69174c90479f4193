#!/usr/bin/python3
"""Writes one self-contained HTML file on a result: which allocator, why, at what cost and risk.

Footprint comes from DIR; so does speed when DIR was measured with --measure time, else give such a
result of the same plan with --times. Views of time are drawn from it, or from DIR-times, which
`make experiment` leaves beside DIR for the experiments that show times.

examples:
  scripts/report.py results/latest
  scripts/report.py results/counts --times results/time --out report.html

exit codes: 0 written, 2 bad input
"""

import argparse
import pathlib

from lablib import errors


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", metavar="DIR", type=pathlib.Path, help="a result")
    parser.add_argument("--times", metavar="DIR", type=pathlib.Path,
                        help="a result of the same plan made with --measure time")
    parser.add_argument("--out", metavar="FILE", type=pathlib.Path,
                        help="the file to write (DIR/report.html)")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    from lablib import record
    from lablib.report import content, page

    result = record.load_with_times(options.result, options.times)
    out = options.out or options.result / "report.html"
    out.write_text(page.render(content.gather(result, result.times if options.times else None)), encoding="utf-8")
    print(out)
    return 0


if __name__ == "__main__":
    errors.run(main)
