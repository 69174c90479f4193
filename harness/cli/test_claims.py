"""Claims from end to end: what is measured, what is said of it, and in which form."""

import json

import pytest

from conftest import Result

CHEAP = ("page-granular", "mmap-128k")
SMOKE = ("--profile", "smoke", "--quiet", "--allocators", "glibc")
KEYS = ["id", "allocator", "verdict", "measured", "expected", "explanation", "result"]
VERDICTS = {"confirmed", "refuted", "not_testable", "not_applicable"}


@pytest.fixture
def claims(lab):
    return lambda *arguments, **how: lab.call("claims", *arguments, *SMOKE, **how)[0]


def cells(line):
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def test_json_has_the_agreed_keys_and_names_the_result_that_decided(lab, claims):
    entries = json.loads(claims(*CHEAP, "--json"))["claims"]
    assert {entry["id"] for entry in entries} == set(CHEAP)
    for entry in entries:
        assert list(entry)[:len(KEYS)] == KEYS
        assert entry["verdict"] in VERDICTS
        assert entry["measured"] and entry["expected"]
        assert bool(entry["explanation"]) == (entry["verdict"] != "confirmed")
        manifest = json.loads((lab.folder / entry["result"] / "manifest.json").read_text())
        assert entry["id"] in {each["id"] for each in manifest["claims"]}
    allocators = {entry["id"]: entry["allocator"] for entry in entries}
    assert allocators == {"page-granular": None, "mmap-128k": "glibc"}


def test_the_result_of_claims_is_valid_searches_included(lab, claims):
    folder = claims("mmap-128k").splitlines()[-1]
    assert Result(lab.folder / folder).problems() == ""


def test_details_show_each_part_measured_against_expected(claims):
    out = claims("mmap-128k")
    assert out.startswith("mmap-128k under glibc: ")
    parts = [line for line in out.splitlines() if line.startswith("  mmap-128k/")]
    assert len(parts) >= 2
    assert out.count("\n    measured  ") == out.count("\n    expected  ") == len(parts)


def test_markdown_is_one_table_of_seven_columns(claims):
    header, rule, *rows = claims(*CHEAP, "--markdown").splitlines()
    assert cells(header) == ["claim", "sentence", "allocator", "verdict", "measured", "expected", "why"]
    assert rule == "|" + "---|" * 7
    assert {cells(row)[0] for row in rows} == set(CHEAP) and all(len(cells(row)) == 7 for row in rows)


def test_a_claim_about_time_is_measured_apart_and_few_blocks_do_not_decide(lab, claims):
    entry, = json.loads(claims("glibc-slow-threads", "--json"))["claims"]
    manifest = json.loads((lab.folder / entry["result"] / "manifest.json").read_text())
    assert manifest["measure"] == "time"
    assert {arm["name"] for arm in manifest["allocators"]} == {"glibc", "tcmalloc", "jemalloc"}
    assert entry["verdict"] == "not_testable" and "six blocks" in entry["explanation"]


def test_an_unknown_id_is_bad_input_and_names_the_nearest(lab):
    _, err = lab.call("claims", "mmap-182k", code=2)
    assert "unknown claim 'mmap-182k'" in err and "did you mean 'mmap-128k'" in err
