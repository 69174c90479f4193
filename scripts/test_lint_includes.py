"""The include lint finds each kind of breach, and the tree has none."""

from pathlib import Path

import pytest

from lint_includes import breaches

ROOT = Path(__file__).resolve().parent.parent


def test_the_tree_keeps_to_the_rules():
    assert list(breaches(ROOT)) == []


@pytest.mark.parametrize("file, include", [
    ("experiments/x.cpp", '"harness/run/plan.h"'),
    ("experiments/x.cpp", '"allocators/reference/slab.h"'),
    ("experiments/x.cpp", "<jemalloc/jemalloc.h>"),
    ("experiments/workload/x.h", '"experiments/other.h"'),
    ("allocators/x.cpp", '"experiments/workload/touch.h"'),
    ("allocators/reference/x.cpp", '"harness/contract/rng.h"'),
    ("harness/contract/x.h", '"harness/child/protocol.h"'),
    ("harness/child/x.cpp", "<nlohmann/json.hpp>"),
    ("harness/sample/x.cpp", '"harness/record/plan.h"'),
    ("harness/run/x.cpp", '"harness/cli/options.h"'),
    ("harness/run/x.cpp", "<linux/perf_event.h>"),
    ("harness/claim/catalogue/x.cpp", '"harness/sample/host.h"'),
    ("harness/record/x.cpp", "<gtest/gtest.h>"),
])
def test_a_breach_is_named_with_file_and_line(tmp_path, file, include):
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(f"#pragma once\n#include {include}\n")
    [breach] = breaches(tmp_path)
    assert breach.startswith(f"{file}:2: {include[1:-1]}: ")


@pytest.mark.parametrize("file, include", [
    ("experiments/x.cpp", '"experiments/workload/touch.h"'),
    ("experiments/x.cpp", "<vector>"),
    ("allocators/reference/x.cpp", '"slab.h"'),
    ("harness/run/x.cpp", '"harness/child/protocol.h"'),
    ("harness/record/x_test.cpp", "<gtest/gtest.h>"),
    ("harness/sample/x_bench.cpp", "<benchmark/benchmark.h>"),
    ("harness/cli/x.cpp", '"harness/sample/host.h"'),
])
def test_what_the_rules_allow_passes(tmp_path, file, include):
    (tmp_path / file).parent.mkdir(parents=True)
    (tmp_path / file).write_text(f"#include {include}\n")
    assert list(breaches(tmp_path)) == []
