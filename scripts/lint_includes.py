#!/usr/bin/python3
"""Who may include what, by folder: closes what the build targets leave open.

  lint_includes.py [ROOT]     exit 1 with one line per breach

A folder may include itself and the folders its rule names. Tests and benchmarks may drive the harness, and
include the test libraries. Outside libraries are named too: JSON belongs to the record (and to what prints it),
perf to the sampler.
"""

import re
import sys
from pathlib import Path

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
SUFFIXES = {".h", ".cpp", ".inc"}

# Folder: what it may include beside itself. The longest folder that fits a file applies.
RULES = {
    "harness/contract": [],
    "harness/child": ["harness/contract"],
    "harness/sample": ["harness/contract"],
    "harness/record": ["harness/contract", "harness/sample"],
    "harness/run": ["harness/contract", "harness/child/protocol.h", "harness/sample", "harness/record"],
    "harness/claim": ["harness/contract", "harness/record"],
    "harness/claim/catalogue": ["harness/contract", "harness/claim"],
    "harness/cli": ["harness"],
    "experiments": ["harness/contract", "experiments/workload"],
    "experiments/workload": ["harness/contract", "allocators/reference/region.h"],
    "experiments/micro": ["harness/contract", "harness/child/serve.h"],  # a measured program of its own
    "allocators": ["harness/contract"],
    "allocators/reference": [],
}

# Outside libraries: the folders that may include them, tests and benchmarks apart.
LIBRARIES = {
    "nlohmann/": ["harness/record", "harness/cli"],
    "CLI/": ["harness/cli"],
    "linux/perf_event.h": ["harness/sample"],
    "jemalloc/": [], "mimalloc": [], "gperftools/": [], "sanitizer/": [],
    "gtest/": [], "gmock/": [],
    "benchmark/": ["experiments/micro"],
}
TEST_LIBRARIES = ("gtest/", "gmock/", "nlohmann/")


def is_test(path):
    return path.stem.endswith(("_test", "_bench")) or path.stem.startswith(("test_", "fake_")) or "testing" in path.parts


def rule_for(path):
    """Returns (folder, what it may include) for a file, or None where no rule applies."""
    for folder in path.parents:
        if folder.as_posix() in RULES:
            return folder.as_posix(), RULES[folder.as_posix()]
    return None


def below(name, folder):
    return name == folder or name.startswith(folder + "/")


def own_breach(path, name):
    """Why a project header may not be included here, or None."""
    if "/" not in name or not name.startswith(("harness/", "experiments/", "allocators/")):
        return None  # a header beside the file, or a generated one
    rule = rule_for(path)
    if rule is None:
        return None
    folder, allowed = rule
    test_reach = ["harness", "experiments/workload"] if is_test(path) else []
    if any(below(name, each) for each in [folder, *allowed, *test_reach]):
        return None
    return f"{folder} may include only itself{''.join(', ' + each for each in allowed)}"


def library_breach(path, name):
    """Why an outside header may not be included here, or None."""
    for library, folders in LIBRARIES.items():
        if not name.startswith(library) or any(below(path.as_posix(), each) for each in folders):
            continue
        if is_test(path) and library in TEST_LIBRARIES:
            continue
        if path.stem.endswith("_bench") and library == "benchmark/":
            continue
        return f"<{library.rstrip('/')}> is for {', '.join(folders) or 'tests' if library in TEST_LIBRARIES else 'nobody'}"
    return None


def breaches(root):
    """Yields "file:line: header: why" for each include that a rule forbids."""
    for top in ("harness", "experiments", "allocators"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in SUFFIXES:
                continue
            path = file.relative_to(root)
            for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
                match = INCLUDE.match(line)
                why = match and (own_breach(path, match[2]) or library_breach(path, match[2]))
                if why:
                    yield f"{path}:{number}: {match[2]}: {why}"


def main(arguments):
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    found = list(breaches(root))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
