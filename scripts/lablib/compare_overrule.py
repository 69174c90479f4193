"""Verdicts that no number can give: runs that failed or are not there, environments that differ, arms
that did different work. They overrule what the numbers say.
"""

import numpy

from lablib.columns import CHECKSUM
from lablib.compare_environment import Environments, blocks_metric


def overrule(rows, cube, paired, registry, results, factor, exempt, require=()):
    """Verdicts that no number can give. The last that applies wins."""
    environments = Environments(results, factor.kind, exempt, require)
    rows["detail"] = ""
    doubts = set()
    for (point, base, candidate), part in rows.groupby(["point", "base_side", "candidate_side"]):
        sides = [frozenset(cube.environments.get((point, side), ())) for side in (base, candidate)]
        if all(sides):
            differ = environments.differences(*sides)
            if differ:
                _mark_environment(rows, part, differ, registry, require)
            measured = part.loc[part["pairs"] > 0, "metric"].unique()
            if any(registry[metric].blocking == "times" for metric in measured):
                doubts.update(environments.doubts(*sides))
        _mark_runs(rows, part.index, cube, point, base, candidate)
    if paired and factor.kind != "param":
        rows.loc[_different_work(rows, cube), ["verdict", "reason"]] = "failed", "different_work"
    return [f"not known to be equal, and can move times: {', '.join(sorted(doubts))}"] if doubts else []


def _mark_environment(rows, part, differ, registry, require):
    for metric, mine in part.groupby("metric"):
        keys = [key for key in differ
                if key in require or blocks_metric(key, registry[metric].blocking)]
        if keys:
            rows.loc[mine.index, ["verdict", "reason"]] = "env_mismatch", "environment:" + ",".join(keys)
            rows.loc[mine.index, "detail"] = "; ".join(
                f"{key}: {differ[key][0]} against {differ[key][1]}" for key in keys)


def _mark_runs(rows, index, cube, point, base, candidate):
    for side in (base, candidate):
        ok, bad = cube.ok[point, side], cube.bad[point, side]
        if bad:
            rows.loc[index, ["verdict", "reason"]] = "failed", f"failed_runs:{bad}/{ok + bad}"
        elif not ok:
            rows.loc[index, ["verdict", "reason"]] = "missing", "no_run"
        if bad or not ok:
            why = cube.reasons.get((point, side), "no run at this point")
            rows.loc[index, "detail"] = f"{cube.sides[side]}: {why}"


def _different_work(rows, cube):
    """Rows at whose block and phase the sides' requests have different checksums."""
    sums = cube.values[..., cube.metrics.index(CHECKSUM)]
    first, second = (sums[rows["cell"], rows[side]] for side in ("base_side", "candidate_side"))
    return ((first != second) & ~numpy.isnan(first) & ~numpy.isnan(second)).any(axis=1)
