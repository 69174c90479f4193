#!/usr/bin/python3
"""Prints the table that answers each experiment's question: medians with their spread, and the ideal.

examples:
  scripts/table.py results/latest
  scripts/table.py results/latest --experiment first_touch --markdown
  scripts/table.py results/latest --json | jq '.[0].cells[] | select(.series == "glibc")'

exit codes: 0 printed, 2 bad input
"""

import argparse
import json
import pathlib
import shutil

from lablib import errors


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("result", metavar="DIR", type=pathlib.Path, help="a result")
    parser.add_argument("--experiment", action="append", default=[], metavar="NAME",
                        help="only this experiment (may be given several times)")
    parser.add_argument("--times", type=pathlib.Path, metavar="DIR",
                        help="its time runs (default: the folder DIR-times, where there is one)")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--markdown", action="store_true", help="as Markdown")
    form.add_argument("--json", action="store_true", help="every cell's numbers, in base units")
    return parser.parse_args(arguments)


def pictures_of(result, experiment):
    """Yields the Pictures of an experiment's tables: its `table` view, then its searches."""
    from lablib import boundary, frame

    view = experiment.get("table")
    if view and view.get("metric"):
        try:
            yield frame.select(result, experiment, view, fix_free=False)
        except errors.BadInput as error:
            errors.warn(f"no table: {error}")
    for search in boundary.searches(result, experiment):
        picture = boundary.select(result, experiment, search)
        if picture is not None:
            yield picture


def as_json(picture):
    from lablib import cells

    table = cells.summarise(picture).astype(object)
    rows = table.where(table.notna(), None).to_dict("records")
    roles = {role: getattr(picture, role) for role in ("facet", "series", "x")}
    return {"experiment": picture.experiment["name"], "title": picture.title, "unit": picture.unit,
            "metric": picture.metric, "phase": picture.phase, "since_start": picture.since_start,
            **roles, "cells": rows, "notes": picture.notes}


def main(arguments):
    options = parse(arguments)
    from lablib import grid, record

    result = record.load_with_times(options.result, options.times)
    names = options.experiment or list(result.experiments)
    tables = {name: list(pictures_of(result, result.experiment(name))) for name in names}
    if options.json:
        everything = [as_json(picture) for each in tables.values() for picture in each]
        print(json.dumps(everything, indent=1, allow_nan=False, default=float))
        return 0
    for name, pictures in tables.items():
        question = result.experiments[name]["question"]
        print(f"## {name}: {question}\n" if options.markdown else f"{name}: {question}\n")
        for picture in pictures:
            flat = grid.lay_out(picture)
            print((grid.markdown(flat) if options.markdown else
                   grid.plain(flat, max(100, shutil.get_terminal_size().columns))) + "\n")
        if not pictures:
            print("no table: its runs are not in this result, or it declares none\n")
    return 0


if __name__ == "__main__":
    errors.run(main)
