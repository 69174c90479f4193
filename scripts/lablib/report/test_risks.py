"""Every risk is found where it is, not found where it is not, and not measured where nothing was."""

import pytest

from lablib import record, testing
from lablib.report import risks

METRICS = {**testing.METRICS, "alignment_bytes": {**testing.METRICS["rss_anon_bytes"],
                                                  "kind": "observed", "better": "none"}}
START = 200000
MIB = 1 << 20

# name → (phases, point, values of a sound allocator, values of a bad one, ideal)
CASES = {
    "copying realloc": (
        "realloc_growth", ["allocate", "grow", "free"], {"from_bytes": "1MiB", "steps": "1"},
        {("grow", "minor_faults_count"): 256}, {("grow", "minor_faults_count"): 513},
        {"grow": {"minor_faults_count": 256}}),
    "touching calloc": (
        "calloc_touch", ["prepare", "calloc", "read"], {"block_bytes": "1MiB", "history": "fresh"},
        {("calloc", "rss_anon_bytes"): START + 4096}, {("calloc", "rss_anon_bytes"): START + MIB},
        {}),
    "malloc_trim without effect": (
        "release_calls", ["burst", "free", "trim"], {"burst_bytes": "32MiB", "block_bytes": "1KiB"},
        {("free", "rss_anon_bytes"): START + 30 * MIB, ("trim", "rss_anon_bytes"): START + 7 * MIB},
        {("free", "rss_anon_bytes"): START + 30 * MIB, ("trim", "rss_anon_bytes"): START + 30 * MIB},
        {"trim": {"rss_anon_bytes": 6 * MIB}}),
    "8-byte alignment": (
        "min_chunk", ["allocate"], {"request_bytes": "24"},
        {("allocate", "alignment_bytes"): 16}, {("allocate", "alignment_bytes"): 8}, {}),
    "slow return to the OS": (
        "delayed_return", ["burst", "free", "watch_8"],
        {"freed_percent": "100", "wait": "idle", "watch_ms": "12800"},
        {("burst", "rss_anon_bytes"): START + 32 * MIB, ("watch_8", "rss_anon_bytes"): START + MIB},
        {("burst", "rss_anon_bytes"): START + 32 * MIB,
         ("watch_8", "rss_anon_bytes"): START + 30 * MIB}, {}),
}


def find(folder, name, point=None, **shape):
    experiment, phases, usual, good, bad, ideal = CASES[name]
    point = point or usual
    described = testing.experiment(experiment, phases, point)

    def value(at):
        return (good if at.arm == "glibc" else bad).get((at.phase, at.metric), START)

    result = record.load(testing.write(
        folder, experiments=(described,), points=[point], knobs=[{}], metrics=METRICS, value=value,
        ideal=lambda at: ideal.get(at.phase, {}), **shape), warn=lambda text: None)
    return {risk.name: found for risk, found in risks.look(result, ["glibc", "jemalloc"])}


def test_every_risk_has_a_case():
    assert {risk.name for risk in risks.RISKS} == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_a_risk_is_found_only_where_it_is(tmp_path, name):
    found = find(tmp_path, name)
    assert found[name]["glibc"].state == risks.NOT_FOUND
    assert found[name]["jemalloc"].state == risks.FOUND
    others = {each.state for other in CASES if other != name for each in found[other].values()}
    assert others == {risks.NOT_MEASURED}


def test_what_was_measured_is_said_in_units(tmp_path):
    found = find(tmp_path, "slow return to the OS")["slow return to the OS"]["jemalloc"]
    assert found.measured == "30 MiB of 32 MiB kept 12.8 s after all was freed"


def test_small_blocks_may_be_copied(tmp_path):
    found = find(tmp_path, "copying realloc", {"from_bytes": "64KiB", "steps": "1"})
    assert found["copying realloc"]["jemalloc"].state == risks.NOT_MEASURED


def test_failed_runs_are_no_evidence(tmp_path):
    found = find(tmp_path, "touching calloc",
                 change=lambda row: {**row, "status": "failed", "reason": "x"})
    assert found["touching calloc"]["jemalloc"].state == risks.NOT_MEASURED


@pytest.mark.parametrize("verdict, state", [("confirmed", risks.NOT_FOUND), ("refuted", risks.FOUND),
                                            ("not_testable", risks.NOT_MEASURED)])
def test_a_claims_verdict_stands_in_for_an_experiment_that_was_not_run(tmp_path, verdict, state):
    claim = {"id": "aligned-16", "allocator": "jemalloc", "verdict": verdict, "measured": "8",
             "expected": "16", "explanation": ""}
    found = find(tmp_path, "touching calloc", manifest={"claims": [claim]})
    assert found["8-byte alignment"]["jemalloc"].state == state
    assert found["8-byte alignment"]["glibc"].state == risks.NOT_MEASURED
