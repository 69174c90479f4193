"""Writes harness/testdata/journals/: small results, whole and broken in every way that matters.

    python3 -m lablib.fixtures        (in scripts/) writes them anew
"""

import json
import pathlib

from lablib import testing

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "harness" / "testdata" / "journals"
_POINTS = [{"block_bytes": "1MiB", "touched_pages": pages, "touch": "write"} for pages in ("0", "23")]


def write(folder, blocks=2, **changes):
    return testing.write(folder, points=_POINTS, blocks=blocks, **changes)


def _edit_journal(folder, edit):
    path = folder / "runs.jsonl"
    path.write_bytes(b"".join(edit(path.read_bytes().splitlines(keepends=True))))


def _in_row(number, edit):
    def change(row):
        if row["run"] == f"r{number:06}":
            edit(row)
        return row

    return change


def _fail(row):
    row.update(status="oom_killed", reason="the cgroup's memory limit was reached", signal=9,
               exit_code=None, phases=row["phases"][:1])


def _skip(row):
    if row["allocator"] == "absent":
        row.update(status="skipped", reason="libabsent.so is not installed", exit_code=None,
                   phases=[], at_start={}, environment=None, serving=None)
    return row


def _supersede(lines):
    mark = {"run": "r000005", "status": "superseded", "by": "resume"}
    again = {**json.loads(lines[5]), "run": "r000008"}
    return lines + [json.dumps(each).encode() + b"\n" for each in (mark, again)]


def _nan(lines):
    return [lines[0].replace(b'"wall_ns": ', b'"wall_ns": NaN, "cpu_ns": ')] + lines[1:]


def write_all(root):
    """Writes every fixture below `root`. The good ones first."""
    write(root / "whole")
    write(root / "failed_runs", change=_in_row(2, _fail))
    write(root / "skipped_allocator", change=_skip, allocators=(
        "glibc", testing.allocator("absent", False, "libabsent.so is not installed")),
        arms={"glibc": "glibc", "absent": "absent"})
    write(root / "interrupted", manifest={"outcome": "interrupted", "ended": None},
          change=lambda row: None if row["block"] == 2 and row["position"] > 1 else row)
    _edit_journal(write(root / "torn_last_line"), lambda lines: lines[:-1] + [lines[-1][:200]])
    _running(root / "torn_last_line")
    _edit_journal(write(root / "superseded"), _supersede)

    _edit_journal(write(root / "torn_in_the_middle"),
                  lambda lines: lines[:2] + [lines[2][:200] + b"\n"] + lines[3:])
    _edit_journal(write(root / "nan"), _nan)
    write(root / "other_version", manifest={"schema_version": 2})
    write(root / "missing_arm", change=lambda row: None if row["arm"] == "jemalloc" else row)
    write(root / "no_runs", change=lambda row: None)
    write(root / "text_for_a_number", change=_in_row(
        3, lambda row: row["phases"][1]["metrics"].update(wall_ns="1200")))
    write(root / "null_without_reason", change=_in_row(3, lambda row: row.update(nulls={})))


def _running(folder):
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "outcome": "running", "ended": None}, indent=1) + "\n")


if __name__ == "__main__":
    write_all(FOLDER)
