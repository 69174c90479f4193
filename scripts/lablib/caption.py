"""The sentences below a picture or table: the question, what was run, what is missing."""

import re

from lablib import units


def sentences(pictures, with_provenance=True):
    """Returns the caption of `pictures` of one view as a list of sentences."""
    runs = provenances(pictures) if with_provenance else ()
    notes = dict.fromkeys(note for each in pictures for note in each.notes)
    return [f"Question: {pictures[0].experiment['question']}", f"Shown: {_reading(pictures)}.",
            *(f"Run: {each}" for each in runs), *(f"Missing: {each}." for each in notes)]


def _reading(pictures):
    counts = {}
    for picture in pictures:
        counts.setdefault(_runs_a_point(picture), []).append(units.words(picture.metric))
    parts = [text if len(counts) == 1 else f"{', '.join(names)}: {text}" for text, names in counts.items()]
    if pictures[0].relative_to:
        parts.append(f"as multiples of {elsewhere(pictures[0])}, divided block by block")
    elif any(len(each.frame) and each.frame["ideal"].notna().any() for each in pictures):
        parts.append("dashed is the ideal")
    return "; ".join(parts)


def _runs_a_point(picture):
    blocks = picture.frame.groupby(["facet", "series", "x"])["value"].count()
    if blocks.empty:
        return "nothing was measured"
    runs = f"{blocks.min()}" if blocks.min() == blocks.max() else f"{blocks.min()}–{blocks.max()}"
    spread = ", whiskers from lowest to highest" if blocks.max() > 1 else ""
    return "one run a point" if runs == "1" else f"medians of {runs} runs a point{spread}"


def elsewhere(picture):
    """What the values are multiples of: "workload = control", "phase control_…"."""
    return picture.relative_to.replace("phase=", "phase ").replace("=", " = ").replace("*", "…")


def provenances(pictures):
    """One line for each result that the pictures come from; versions are said once."""
    results = list({id(each.result): each.result for each in pictures}.values())
    return [provenance(result, named=index == 0 or versions(result) != versions(results[0]))
            for index, result in enumerate(results)]


def provenance(result, named=True):
    """Versions, profile, measure, number of runs and kernel, in one line."""
    manifest = result.manifest
    blocks = result.runs.loc[result.runs["block"] > 0, "block"].nunique()
    kernels = dict.fromkeys(str(each.get("kernel") or "kernel unknown")
                            for each in manifest["environments"].values())
    return " · ".join([
        *([", ".join(versions(result)) or "no allocator"] if named else []),
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
