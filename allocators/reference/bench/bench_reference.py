#!/usr/bin/python3
"""Compares the reference allocator with glibc, tcmalloc, jemalloc and mimalloc, side by side in one run.

Every workload runs in a fresh process under LD_PRELOAD, in blocks: each block runs all allocators once, in random
order. Ratios are medians over blocks of the ratio within a block. A run whose malloc came from another library than
the one asked for is an error. Exit: 0 done, 2 bad input.
"""

import argparse
import json
import math
import os
import random
import re
import statistics
import subprocess
import sys

ALLOCATORS = {
    "glibc": None,
    "tcmalloc": "libtcmalloc_minimal.so.4",
    "jemalloc": "libjemalloc.so.2",
    "mimalloc": "libmimalloc.so.2",
    "reference": None,  # --library
}
RIVALS = ("tcmalloc", "jemalloc", "mimalloc")
SCALING = ("local_one_thread", "local_all_threads", "control_one_thread", "control_all_threads")


class BadInput(Exception):
    """Something the user has to put right."""


def environment(library):
    clean = {"PATH": os.environ.get("PATH", "/usr/bin:/bin")}
    for name, value in os.environ.items():
        if name.startswith("ALLOCLAB_"):
            clean[name] = value
    if library:
        clean["LD_PRELOAD"] = library
    return clean


def prove_preload(record, name, library):
    """A library that cannot be opened is silently ignored by the dynamic linker."""
    expected = os.path.basename(library) if library else "libc.so"
    if not os.path.basename(record["library"]).startswith(expected.split(".so")[0]):
        raise BadInput(f"{name}: malloc is served by {record['library']}, not by {expected}; is it installed?")


def run_once(program, workload, name, library, scale):
    command = [program, workload]
    if scale != 1:
        command.append(str(scaled_operations(program, workload, scale)))
    done = subprocess.run(command, env=environment(library), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BadInput(f"{workload} under {name} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    record = json.loads(done.stdout)
    prove_preload(record, name, library)
    return record


def scaled_operations(program, workload, scale):
    listing = subprocess.run([program, "--operations", workload], capture_output=True, text=True, check=False)
    return max(1, int(int(listing.stdout) * scale))


def run_blocks(program, workloads, libraries, blocks, scale, seed):
    """Returns {workload: {allocator: [record per block]}}."""
    order = random.Random(seed)
    results = {workload: {name: [] for name in libraries} for workload in workloads}
    for block in range(blocks):
        cases = [(workload, name) for workload in workloads for name in libraries]
        order.shuffle(cases)
        if len(workloads) > 1:  # keep the allocators of one workload close together in time
            cases.sort(key=lambda case: workloads.index(case[0]))
        for workload, name in cases:
            results[workload][name].append(run_once(program, workload, name, libraries[name], scale))
        print(f"block {block + 1} of {blocks} done", file=sys.stderr)
    return results


def ratio(results, name, base, key):
    pairs = zip(results[name], results[base])
    return statistics.median(max(a[key], 1) / max(b[key], 1) for a, b in pairs)


def geometric_mean(values):
    return math.exp(statistics.fmean(math.log(value) for value in values))


def print_ratios(title, results, libraries, key):
    others = [name for name in libraries if name != "glibc"]
    rivals = [name for name in RIVALS if name in libraries]
    print(f"\n{title} (ratio to glibc; last column: reference to the best of {', '.join(rivals)})")
    print(f"{'':20}" + "".join(f"{name:>11}" for name in others) + f"{'to best':>11}")
    columns = {name: [] for name in others}
    for workload, by_name in results.items():
        row = {name: ratio(by_name, name, "glibc", key) for name in others}
        for name in others:
            columns[name].append(row[name])
        best = min((ratio(by_name, "reference", name, key) for name in rivals), default=float("nan"), key=lambda r: -r)
        print(f"{workload:20}" + "".join(f"{row[name]:11.3f}" for name in others) + f"{best:11.3f}")
    means = {name: geometric_mean(columns[name]) for name in others}
    print(f"{'geometric mean':20}" + "".join(f"{means[name]:11.3f}" for name in others))


def print_absolute(results, libraries):
    print("\nTime, ms (median)")
    print(f"{'':20}" + "".join(f"{name:>11}" for name in libraries))
    for workload, by_name in results.items():
        times = (statistics.median(r["wall_ns"] for r in by_name[name]) / 1e6 for name in libraries)
        print(f"{workload:20}" + "".join(f"{time:11.1f}" for time in times))


def print_released(results, libraries):
    print("\nAnonymous memory after free and release, above that at the start, % of the peak (median)")
    print(f"{'':20}" + "".join(f"{name:>11}" for name in libraries))
    for workload, by_name in results.items():
        shares = []
        for name in libraries:
            kept = (max(r["released_bytes"] - r["base_bytes"], 0) / r["peak_bytes"] for r in by_name[name])
            shares.append(100 * statistics.median(kept))
        print(f"{workload:20}" + "".join(f"{share:11.1f}" for share in shares))


def count_pairs(program, library, bytes_):
    """User instructions of one malloc/free pair, the calling loop included."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=workload_pairs"]
    counts = []
    for pairs in (1000, 21000):
        done = subprocess.run([*command, program, "--pairs", str(bytes_), str(pairs)], env=environment(library),
                              capture_output=True, text=True, check=False)
        found = re.search(r"Collected : (\d+)", done.stderr)
        if not found:
            raise BadInput(f"callgrind gave no count: {done.stderr.strip()[-300:]}")
        counts.append(int(found.group(1)))
    return (counts[1] - counts[0]) / 20000


def print_instructions(program, libraries):
    print("\nInstructions per malloc/free pair (callgrind, calling loop included)")
    print(f"{'':20}" + "".join(f"{name:>11}" for name in libraries))
    for bytes_ in (16, 32, 100, 1000, 4000, 30000):
        counts = (count_pairs(program, libraries[name], bytes_) for name in libraries)
        print(f"{f'{bytes_} bytes':20}" + "".join(f"{count:11.1f}" for count in counts))


def print_scaling(program, libraries, blocks, scale, seed):
    """Work done by all threads over work done by one, relative to a loop that does not allocate."""
    results = run_blocks(program, list(SCALING), libraries, blocks, scale, seed)
    print("\nScaling of thread-local work, relative to the control loop (median)")
    for name in libraries:
        relative = []
        for one, every, control_one, control_every in zip(*(results[workload][name] for workload in SCALING)):
            control = control_one["wall_ns"] / control_every["wall_ns"]
            relative.append(one["wall_ns"] / every["wall_ns"] / control)
        print(f"{name:20}{statistics.median(relative):11.3f}")


def find_libraries(chosen, reference):
    unknown = [name for name in chosen if name not in ALLOCATORS]
    if unknown:
        raise BadInput(f"unknown allocator {unknown[0]!r}; known: {', '.join(ALLOCATORS)}")
    if not os.path.exists(reference):
        raise BadInput(f"{reference} does not exist; build the target alloclab_reference")
    libraries = {name: ALLOCATORS[name] for name in chosen}
    libraries["reference"] = os.path.abspath(reference)
    return libraries


def choose_workloads(program, chosen):
    if not os.access(program, os.X_OK):
        raise BadInput(f"{program} is not a program; build the target bench_reference")
    listing = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout.split()
    unknown = [name for name in chosen if name not in listing]
    if unknown:
        raise BadInput(f"unknown workload {unknown[0]!r}; known: {', '.join(listing)}")
    return chosen or [name for name in listing if name not in SCALING]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build/release", help="folder with bench_reference and the library")
    parser.add_argument("--blocks", type=int, default=5, help="runs of every case (default 5)")
    parser.add_argument("--scale", type=float, default=1, help="share of the operations to do (default 1)")
    parser.add_argument("--allocators", default=",".join(ALLOCATORS), help="comma-separated; reference always runs")
    parser.add_argument("--workloads", default="", help="comma-separated (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the order within a block")
    parser.add_argument("--json", metavar="FILE", help="write every record to FILE")
    parser.add_argument("--skip", default="", help="comma-separated parts to leave out: instructions, scaling")
    options = parser.parse_args(arguments)
    if options.blocks < 1 or options.scale <= 0:
        raise BadInput("--blocks and --scale must be positive")
    return options


def main(arguments):
    options = parse(arguments)
    program = os.path.join(options.build, "bench_reference")
    workloads = choose_workloads(program, [name for name in options.workloads.split(",") if name])
    chosen = dict.fromkeys(["glibc", *options.allocators.split(",")])
    libraries = find_libraries(chosen, os.path.join(options.build, "liballoclab_reference.so"))
    results = run_blocks(program, workloads, libraries, options.blocks, options.scale, options.seed)
    print_absolute(results, libraries)
    print_ratios("Time", results, libraries, "wall_ns")
    print_ratios("CPU time", results, libraries, "cpu_ns")
    print_ratios("Peak footprint", results, libraries, "peak_bytes")
    print_released(results, libraries)
    skipped = options.skip.split(",")
    if "instructions" not in skipped:
        print_instructions(program, libraries)
    if "scaling" not in skipped:
        print_scaling(program, libraries, options.blocks, options.scale, options.seed)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(results, file)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BadInput as problem:
        print(f"bench_reference: {problem}", file=sys.stderr)
        sys.exit(2)
