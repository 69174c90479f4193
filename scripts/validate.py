#!/usr/bin/python3
"""Checks result folders against the record's schemas and rules.

examples:
  scripts/validate.py results/latest
  scripts/validate.py results/*/

exit codes: 0 every result is valid, 2 one is not
"""

import argparse
import pathlib

from lablib import checks, errors, journal, schema

_SHOWN_PROBLEMS = 20


def problems_of(folder):
    """Yields `file:line: path: cause` for everything wrong with the result in `folder`."""
    found = []

    def report(line, path, cause):
        name = f"{folder / 'runs.jsonl'}:{line}" if line else str(folder / "manifest.json")
        found.append(f"{name}: {path}: {cause}")

    manifest = journal.read_manifest(folder)
    for path, cause in schema.problems("manifest", manifest):
        report(0, path, cause)
    if found:
        return found
    rules = checks.Checks(manifest, report)
    rules.manifest()
    for line, row in journal.read_rows(folder / "runs.jsonl", errors.warn):
        wrong = list(schema.problems("run", row))
        for path, cause in wrong:
            report(line, path, cause)
        if not wrong:
            rules.row(line, row)
    if not any(".jsonl" in each for each in found):
        rules.end()
    return found


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", metavar="DIR", type=pathlib.Path, help="a result")
    parser.add_argument("--quiet", action="store_true", help="say nothing about valid results")
    options = parser.parse_args(arguments)
    code = 0
    for folder in options.folders:
        try:
            found = problems_of(folder)
        except errors.BadInput as error:
            found = [str(error)]
        if found:
            code = errors.EXIT_BAD_INPUT
            print("\n".join(found[:_SHOWN_PROBLEMS]))
            if len(found) > _SHOWN_PROBLEMS:
                print(f"{folder}: {len(found) - _SHOWN_PROBLEMS} more problems")
        elif not options.quiet:
            print(f"{folder}: valid")
    return code


if __name__ == "__main__":
    errors.run(main)
