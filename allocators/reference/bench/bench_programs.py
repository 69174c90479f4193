#!/usr/bin/python3
"""Times whole programs under each allocator, side by side in one run: git log, g++, python3, sqlite3, perl.

Each program runs once per block under every allocator, in random order; its output must be the same under all. Ratios
to glibc of CPU time and of peak resident memory are medians over blocks. Exit: 0 done, 2 bad input.
"""

import argparse
import hashlib
import os
import random
import shutil
import sys
import tempfile

import bench_reference as bench

PYTHON = "d = {str(i): [i] * 5 for i in range(200000)}; print(sum(len(k) for k in sorted(d)))"
PERL = 'my %h; $h{$_ % 5000} .= "x" x ($_ % 50) for 1..400000; my $n = 0; $n += length for values %h; print "$n\\n"'
SQL = ("create table t(a integer primary key, b text); with recursive c(x) as (select 1 union all select x+1 from c "
       "where x < 100000) insert into t select x, hex(x * 7919) from c; "
       "select count(*), max(b) from (select b from t order by b);")
SOURCE = "#include <algorithm>\n#include <map>\n#include <string>\nstd::map<std::string, int> m;\nint main() { m[\"a\"]; }\n"


def programs(folder):
    source = os.path.join(folder, "one.cpp")
    with open(source, "w", encoding="utf-8") as file:
        file.write(SOURCE)
    root = os.path.dirname(os.path.abspath(__file__))
    return {
        "git_log": ["git", "-C", root, "log", "--stat", "HEAD"],
        "gxx": ["/usr/bin/g++", "-std=c++20", "-O1", "-S", "-o", "-", source],
        "python3": ["/usr/bin/python3", "-c", PYTHON],
        "sqlite3": ["sqlite3", ":memory:", SQL],
        "perl": ["perl", "-e", PERL],
    }


def run_once(name, command, library):
    """CPU time and the largest resident set of the program and its children."""
    with tempfile.TemporaryFile() as output:
        actions = [(os.POSIX_SPAWN_DUP2, output.fileno(), 1)]
        child = os.posix_spawnp(command[0], command, bench.environment(library), file_actions=actions)
        _, status, usage = os.wait4(child, 0)
        if status != 0:
            raise bench.BadInput(f"{name} ended with status {status}")
        output.seek(0)
        digest = hashlib.sha256(output.read()).hexdigest()
    return {"cpu_ns": (usage.ru_utime + usage.ru_stime) * 1e9, "peak_bytes": usage.ru_maxrss * 1024, "output": digest}


def run_blocks(cases, libraries, blocks, seed):
    order = random.Random(seed)
    results = {name: {library: [] for library in libraries} for name in cases}
    for _ in range(blocks):
        for name, command in cases.items():
            shuffled = list(libraries)
            order.shuffle(shuffled)
            for library in shuffled:
                results[name][library].append(run_once(name, command, libraries[library]))
        for name, by_library in results.items():
            if len({record["output"] for records in by_library.values() for record in records}) != 1:
                raise bench.BadInput(f"{name} gives other output under another allocator")
    return results


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--build", default="build/release", help="folder with bench_reference and the library")
    parser.add_argument("--blocks", type=int, default=5, help="runs of every program (default 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the order within a block")
    options = parser.parse_args(arguments)
    libraries = bench.find_libraries(list(bench.ALLOCATORS), os.path.join(options.build, "liballoclab_reference.so"))
    for name, library in libraries.items():  # the dynamic linker ignores what it cannot open
        bench.run_once(os.path.join(options.build, "bench_reference"), "pair_small", name, library, 0.001)
    with tempfile.TemporaryDirectory() as folder:
        cases = {name: command for name, command in programs(folder).items() if shutil.which(command[0])}
        results = run_blocks(cases, libraries, options.blocks, options.seed)
    bench.print_ratios("CPU time of programs", results, libraries, "cpu_ns")
    bench.print_ratios("Peak resident memory of programs", results, libraries, "peak_bytes")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except bench.BadInput as problem:
        print(f"bench_programs: {problem}", file=sys.stderr)
        sys.exit(2)
