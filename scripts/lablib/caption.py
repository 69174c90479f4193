"""The sentences below a picture or table: the question, what was run, what is missing."""

import re

from lablib import units


_NOT_A_TIME = "Note: counts runs count events, which takes time of its own; measure times with --measure time."


def sentences(result, picture, with_provenance=True):
    """Returns the caption of `picture` as a list of sentences."""
    blocks = picture.frame.groupby(["facet", "series", "x"])["value"].count()
    reading = _reading(picture, blocks)
    return [f"Question: {picture.experiment['question']}", f"Shown: {reading}",
            *([f"Run: {provenance(result)}"] if with_provenance else []),
            *([_NOT_A_TIME] if picture.unit == "ns" and result.manifest.get("measure") == "counts" else []),
            *(f"Missing: {note}." for note in picture.notes)]


def _reading(picture, blocks):
    parts = []
    if len(blocks):
        runs = f"{blocks.min()}" if blocks.min() == blocks.max() else f"{blocks.min()}–{blocks.max()}"
        spread = ", whiskers from lowest to highest" if blocks.max() > 1 else ""
        parts.append("one run a point" if runs == "1" else f"medians of {runs} runs a point{spread}")
    if len(picture.frame) and picture.frame["ideal"].notna().any():
        parts.append("dashed is the ideal")
    return "; ".join(parts or ["nothing was measured"]) + "."


def provenance(result):
    """Versions, profile, measure, number of runs and kernel, in one line."""
    manifest = result.manifest
    blocks = result.runs.loc[result.runs["block"] > 0, "block"].nunique()
    kernels = dict.fromkeys(str(each.get("kernel") or "kernel unknown")
                            for each in manifest["environments"].values())
    return " · ".join([
        ", ".join(versions(result)) or "no allocator",
        f"profile {manifest.get('profile')}", f"measure {manifest.get('measure')}",
        f"{len(result.runs)} runs in {blocks} block{'s' * (blocks != 1)}", *kernels])


def versions(result):
    """["glibc 2.36", …] of the arms that ran."""
    ran = set(result.runs.loc[result.runs["status"] != "skipped", "arm"])
    return [units.printable(f"{_called(arm, each)} {_short(each.get('version')) or '(' + (each.get('origin') or 'version unknown') + ')'}")
            for arm, each in result.arms.items() if arm in ran]


def _short(version):
    """"5.3.0" for "5.3.0-0-g54eaed1d8b56…": the record has the commit."""
    return re.sub(r"-\d+-g[0-9a-f]{12,}$", "", version or "")


def _called(arm, allocator):
    return arm if arm == allocator["name"] else f"{arm} = {allocator['name']}"
