#!/usr/bin/python3
"""Draws every view of every experiment in a result, from its JSON alone.

Pictures go to DIR/plots/ as SVG and PNG; their paths are printed.

examples:
  scripts/plot.py results/latest
  scripts/plot.py results/latest --experiment first_touch --out /tmp/pictures

exit codes: 0 drawn, 2 bad input
"""

import argparse
import itertools
import pathlib

from lablib import errors


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", metavar="DIR", type=pathlib.Path, help="a result")
    parser.add_argument("--experiment", action="append", default=[], metavar="NAME",
                        help="only this experiment (may be given several times)")
    parser.add_argument("--times", type=pathlib.Path, metavar="DIR",
                        help="its time runs (default: the folder DIR-times, where there is one)")
    parser.add_argument("--out", type=pathlib.Path, help="folder for the pictures (DIR/plots)")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    from lablib import caption, drawings, figure, pictures, record

    result = record.load_with_times(options.result, options.times)
    out = options.out or options.result / "plots"
    out.mkdir(parents=True, exist_ok=True)
    drawn = 0
    for stem, drawing in itertools.chain(
            ((stem, figure.draw(drawn, caption.sentences(drawn)))
             for stem, drawn in pictures.of_result(result, options.experiment)),
            drawings.of_result(result, options.experiment)):
        print("\n".join(map(str, figure.save(drawing, out / stem))))
        drawn += 1
    if not drawn:
        raise errors.BadInput(options.result, "nothing to draw",
                              "its experiments have no plots, or none of their runs is here")
    return 0


if __name__ == "__main__":
    errors.run(main)
