"""Exports are read by the tools they are for, and no failure, null or zero is a number in them."""

import io
import json
import pathlib
import shutil
import subprocess
import sys

import pytest

from lablib import export, testing

SCRIPT = pathlib.Path(__file__).parent / "export.py"
COMPARE = pathlib.Path("/usr/share/benchmark/compare.py")
METRICS = {**testing.METRICS, "cpu_ns": {**testing.METRICS["wall_ns"], "source": "clock"}}


def value(at):
    if at.metric == "cpu_ns":
        return 900 if at.params["touched_pages"] != "0" else 0
    return testing.plain_value(at)


def fail(row):
    if row["allocator"] == "jemalloc" and row["params"]["touched_pages"] == "23":
        row.update(status="failed", reason="exit code 3", exit_code=3)
    return row


def timed(folder, factor=1):
    def slower(at):
        number = value(at)
        return number * factor if at.metric.endswith("_ns") and number else number

    return testing.write(folder, metrics=METRICS, value=slower, change=fail, measure="time",
                         blocks=12)


def run(folder, form, *arguments):
    return subprocess.run([sys.executable, SCRIPT, folder, "--to", form, *arguments],
                          capture_output=True, text=True)


def test_formats_are_found_by_their_files():
    assert set(export.summaries()) == {"csv", "github-action-benchmark", "google-benchmark"}
    assert all(hasattr(export.module(name), "write") for name in export.summaries())


def test_google_benchmark_rows_have_only_measured_times(tmp_path):
    done = run(timed(tmp_path), "google-benchmark")
    rows = json.loads(done.stdout, parse_constant=pytest.fail)["benchmarks"]
    names = {row["name"] for row in rows}
    assert all(row["real_time"] > 0 and row["cpu_time"] > 0 for row in rows)
    assert not any("touched_pages:0/" in name for name in names)
    assert not any("jemalloc" in name and "touched_pages:23/" in name for name in names)
    assert "first_touch/glibc/block_bytes:1MiB/touched_pages:23/touch:write/touch" in names
    assert all(number != 0 for row in rows for key, number in row.items() if key.endswith("_count"))
    assert "no numbers in this format" in done.stderr


@pytest.mark.skipif(not COMPARE.exists(), reason="libbenchmark-tools is not installed")
def test_google_benchmarks_compare_finds_the_slowdown(tmp_path):
    for name, factor in (("base", 1), ("slow", 2)):
        run(timed(tmp_path / name, factor), "google-benchmark", "--out", tmp_path / f"{name}.json")
    done = subprocess.run([sys.executable, COMPARE, "--no-color", "benchmarks",
                           tmp_path / "base.json", tmp_path / "slow.json"],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    name = "first_touch/glibc/block_bytes:1MiB/touched_pages:23/touch:write/touch"
    rows = [line.split() for line in done.stdout.splitlines() if line.startswith(name + " ")]
    assert len(rows) == 12 and all(0.9 < float(row[1]) < 1.1 for row in rows)
    pvalue = next(line for line in done.stdout.splitlines() if line.startswith(name + "_pvalue"))
    assert "U Test, Repetitions: 12 vs 12" in pvalue and float(pvalue.split()[1]) < 0.01


def test_times_of_counts_runs_are_refused(tmp_path):
    done = run(testing.write(tmp_path), "google-benchmark")
    assert done.returncode == 2 and "run with --measure time" in done.stderr


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is not installed")
def test_github_action_benchmark_entries_satisfy_jq(tmp_path):
    run(timed(tmp_path), "github-action-benchmark", "--out", tmp_path / "out.json")
    check = ('length > 0 and all(.[]; (.name|type) == "string" and (.unit|type) == "string" and '
             '(.value|type) == "number" and .value > 0 and (.range|startswith("±"))) and '
             '([.[].name] | length == (unique | length))')
    done = subprocess.run(["jq", "-e", check, tmp_path / "out.json"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_github_action_benchmark_takes_medians_of_what_should_be_lower(tmp_path):
    metrics = {**METRICS, "rate_count": {**METRICS["wall_ns"], "better": "higher"}}
    folder = testing.write(tmp_path, metrics=metrics, change=fail)
    entries = json.loads(run(folder, "github-action-benchmark", "--metric", "all").stdout)
    by_name = {entry["name"]: entry for entry in entries}
    point = "first_touch/glibc/block_bytes:1MiB/touched_pages:23/touch:write/touch"
    assert by_name[f"{point} minor_faults_count"] == {
        "name": f"{point} minor_faults_count", "unit": "count", "value": 23, "range": "± 0",
        "extra": "median of 3 runs"}
    assert not any("rate_count" in name or "mmap_calls" in name for name in by_name)
    assert not any("jemalloc" in name and "touched_pages:23/" in name for name in by_name)


def test_pandas_reads_the_csv_and_sees_no_number_that_is_none(tmp_path):
    import pandas
    done = run(timed(tmp_path), "csv", "--metric", "all")
    table = pandas.read_csv(io.StringIO(done.stdout))
    assert set(table["state"]) == {"measured", "zero", "missing", "failed"}
    assert table.loc[table["state"] != "measured", "value"].isna().all()
    assert (table.loc[table["state"] == "measured", "value"] > 0).all()
    assert (table["state"] == "failed").sum() == 12
    touch = table[(table["metric"] == "minor_faults_count") & (table["phase"] == "touch")
                  & (table["param.touched_pages"] == 23) & (table["allocator"] == "glibc")]
    assert list(touch["value"]) == [23] * 12


def test_a_result_of_failures_only_exports_nothing(tmp_path):
    folder = testing.write(tmp_path, change=lambda row: {**row, "status": "failed", "reason": "x"})
    done = run(folder, "csv")
    assert done.returncode == 2 and "nothing to export" in done.stderr


def test_unknown_names_are_refused(tmp_path):
    folder = testing.write(tmp_path)
    assert run(folder, "xml").returncode == 2
    done = run(folder, "csv", "--metric", "wall_n")
    assert done.returncode == 2 and "did you mean wall_ns?" in done.stderr
