#!/usr/bin/python3
"""Counts the user instructions of fixed workloads under allocators, with callgrind, into a result.

The same counts in every run (single-threaded), also on a noisy machine: gate them with
scripts/gate.py DIR --deterministic.

examples:
  scripts/instructions.py --arm base=/old/libjemalloc.so.2 --arm candidate=/new/libjemalloc.so.2 --out DIR
  scripts/instructions.py --arm base=glibc --arm candidate=mimalloc --out DIR

exit codes: 0 measured (what could not be counted is null with its reason), 2 bad input
"""

import argparse
import pathlib
import sys

from lablib import errors

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--arm", action="append", required=True, metavar="ARM=WHAT",
                        help="ALLOCATOR, /path/library.so or ALLOCATOR=/path/library.so")
    parser.add_argument("--out", required=True, type=pathlib.Path, metavar="DIR", help="a new folder")
    parser.add_argument("--workload", metavar="NAME,…", default="churn,mixed,batches",
                        help="churn, mixed, batches (all)")
    parser.add_argument("--operations", type=int, default=100_000, help="requests a run (100000)")
    parser.add_argument("--runs", type=int, default=3, help="runs a side (3)")
    parser.add_argument("--lab", default=str(ROOT / "build/release/alloclab"), help="the lab's program")
    parser.add_argument("--build-dir", default=ROOT / "build/instructions", type=pathlib.Path,
                        help="where the workload is compiled (build/instructions)")
    return parser.parse_args(arguments)


def main(arguments):
    options = parse(arguments)
    from lablib import gate_callgrind, gate_instructions

    workloads = options.workload.split(",")
    for name in workloads:
        if name not in gate_callgrind.WORKLOADS:
            raise errors.unknown("workload", name, gate_callgrind.WORKLOADS)
    if options.runs < 1 or options.operations < 1:
        raise errors.BadInput("--runs and --operations", "must be at least 1")
    arms = [gate_instructions.resolve(text, options.lab) for text in options.arm]
    if len({arm for arm, _, _ in arms}) < len(arms):
        raise errors.BadInput("--arm", "an arm is named twice")
    gate_callgrind.valgrind()
    program = gate_callgrind.build(HERE / "instructions_workload.cpp", options.build_dir)
    folder = gate_instructions.write(options.out, arms, workloads, options.operations, options.runs,
                                     program, [sys.argv[0], *arguments])
    print(folder)
    return 0


if __name__ == "__main__":
    errors.run(main)
