"""Turns a comparison into a gate: what is gated, what is incomplete, and the exit code."""

import dataclasses

import numpy
import pandas

from lablib import (compare_cube, compare_judge, compare_rows, gate_exact, gate_noise,
                    stats_family)
from lablib.errors import BadInput, unknown

PASS, REGRESSION, BAD_INPUT, INCOMPLETE, INCONCLUSIVE, ENVIRONMENT = range(6)
_BLOCKS = {"deterministic": ("block", "seed")}  # equal seeds are equal work, in any result


@dataclasses.dataclass
class Gate:
    """One decision. `rows` are the gated rows with their verdicts."""

    comparison: compare_rows.Comparison
    rows: object
    thresholds: object
    notes: list
    refused: list  # why the machine must not gate; empty when it may
    confirmation: str = ""

    def exit_code(self, fail_on_inconclusive=False):
        """A regression wins; then what makes the comparison meaningless; then what is missing."""
        verdicts = set(self.rows["verdict"])
        if "worse" in verdicts:
            return REGRESSION
        if "env_mismatch" in verdicts:
            return ENVIRONMENT
        if self.refused or self.rows.empty or verdicts & {"failed", "missing"}:
            return INCOMPLETE
        if fail_on_inconclusive and "inconclusive" in verdicts:
            return INCONCLUSIVE
        return PASS


def decide(results, thresholds, by, base=None, candidate=None, noise=None, exempt=(), only=None,
           without=(), require=(), seed=1):
    """Returns the Gate on the results. `only` are the keys of the rows that a rerun must confirm.

    Raises BadInput for a gate that could never fail.
    """
    deterministic = thresholds.machine == "deterministic"
    comparison = compare_rows.compare(results, compare_rows.Options(
        by=by, base=base, candidates=[candidate] if candidate else None,
        metrics=gated_metrics(results, thresholds, without), thresholds=thresholds,
        alpha=thresholds.alpha, level=1 - thresholds.alpha, adjust="holm", floors=True, only=only,
        exempt=exempt, require=require, seed=seed, noise=None if deterministic else noise,
        block_columns=_BLOCKS.get(thresholds.machine, ("source", "block")),
        judge=gate_exact.judge if deterministic else compare_judge.judge))
    rows = comparison.rows[comparison.rows["gate"]].reset_index(drop=True)
    if only is None:
        rows = _with_absent(rows, comparison, thresholds)
    if rows.empty and only is None:
        raise BadInput("this gate", "nothing to gate: none of the gated metrics is in these results",
                       "see scripts/thresholds.toml")
    _spare_new_points(rows, by)
    _mark_collapsed(rows, {name: thresholds.of(name) for name in rows["metric"].unique()})
    _mark_fewer(rows, comparison, results)
    if only is None:
        _refuse_toothless(rows, comparison, thresholds, results[-1].path)
    refused = [] if deterministic else gate_noise.too_noisy(noise, rows, thresholds, results)
    return Gate(comparison, rows, thresholds, comparison.notes, refused)


def gated_metrics(results, thresholds, without=()):
    """Those of the thresholds that these results should hold: times from time runs, the rest from counts."""
    for name in without:
        if name not in thresholds.gated:
            raise unknown("gated metric", name, thresholds.gated)
    known = compare_rows.registry_of(results)
    measures = {result.manifest["measure"] for result in results}
    return [name for name in thresholds.gated if name in known and name not in without
            and ("time" if known[name].unit == "ns" else "counts") in measures]


def key_of(row):
    return row["point_text"], row["phase"], row["metric"]


def _with_absent(rows, comparison, thresholds):
    """Adds a row for each gated metric that nobody measured: it must not be forgotten."""
    absent = [name for name in comparison.absent if not thresholds.of(name).optional]
    if not absent:
        return rows
    why = {note.split(" ")[0]: note for note in comparison.notes}
    more = pandas.DataFrame({
        "metric": absent, "verdict": "missing", "reason": "not_measured", "phase": compare_cube.EVERY,
        "detail": [why.get(name, "") for name in absent], "point_text": "everywhere", "kind": "",
        "where": "everywhere", "experiment": "", "gate": True, "pairs": 0, "point": -1,
        "base_arm": comparison.base, "candidate_arm": comparison.candidates[0],
        "base_runs": 0, "candidate_runs": 0, "margin": 0.0, "floor": 0.0,
        "metric_index": range(1000, 1000 + len(absent))})
    flags = [name for name in rows.select_dtypes(bool) if name not in more]
    more[flags] = False
    return pandas.concat([rows, more.reindex(columns=rows.columns)], ignore_index=True)


def _spare_new_points(rows, by):
    """What a stored baseline does not have yet is told, not judged. What the candidate lacks is missing."""
    if by == "result":
        new = (rows["base_runs"] == 0) & (rows["candidate_runs"] > 0) & (rows["reason"] == "no_run")
        rows.loc[new, ["verdict", "reason"]] = "not_gated", "new"


def _mark_collapsed(rows, thresholds):
    """A counter that reads zero where it cannot, or everywhere on one side only, is broken.

    Counters of one group come from one instrument: while one of them counts, another's zero is true.
    """
    zero = rows["candidate_zero"].astype(bool) & (rows["verdict"] != "failed")
    group = rows["metric"].map({name: each.group for name, each in thresholds.items()})
    alive = (~zero & (rows["candidate_runs"] > 0)).groupby(group).transform("any")
    possible = rows["metric"].map({name: each.may_be_zero for name, each in thresholds.items()}).astype(bool)
    one_sided = zero & ~rows["base_zero"].astype(bool) & ~alive
    impossible = zero & ~alive & ~possible
    constant = (rows["metric"].str.endswith("_ns") & (rows["candidate_cv"] == 0)
                & (rows["base_cv"] > 0) & (rows["candidate_runs"] >= 5))
    rows.loc[one_sided | impossible, ["verdict", "reason"]] = "missing", "collapsed"
    rows.loc[constant, ["verdict", "reason"]] = "missing", "constant"


def _mark_fewer(rows, comparison, results):
    """Values that some planned runs did not give: never green, whatever the others say."""
    planned = [_planned_blocks(result) for result in results]
    base, candidate = planned[0], planned[-1]
    fewer = (rows["base_runs"] < base) | (rows["candidate_runs"] < candidate)
    plain = rows["verdict"].isin(["same", "better", "inconclusive"])
    rows.loc[fewer & plain, ["verdict", "reason"]] = "missing", "fewer_runs"
    lost = rows["base_runs"].where(rows["base_runs"] < base, rows["candidate_runs"])
    rows.loc[fewer & plain, "detail"] = lost.astype(int).astype(str) + f" of {candidate} runs have a value"


def _planned_blocks(result):
    plan = result.manifest["plan"]
    if plan["shard"]["count"] > 1:
        return int(result.runs["block"].nunique())
    return int(plan["blocks"])


def _refuse_toothless(rows, comparison, thresholds, path):
    """A gate that could never fail is a usage error, not a pass."""
    judged = rows[rows["pairs"] > 0]
    if judged.empty:
        return
    runs = int(judged["pairs"].max())
    if thresholds.machine == "deterministic":
        least, why = compare_judge.EXACT_FROM, "exact comparison"
    elif not (judged["kind"] != "exact").any():
        return
    else:
        needed = stats_family.minimal_pairs if comparison.paired else stats_family.minimal_per_side
        least = needed(comparison.family, thresholds.alpha)
        why = f"{comparison.family} tests at α = {thresholds.alpha:g}"
    if runs < least:
        raise BadInput("this gate", f"could never fail: {runs} runs a side, {why} need {least}",
                       f"run more: alloclab run --extend {path} --blocks {least - runs}")
    if runs < thresholds.runs:
        comparison.notes.append(f"{runs} runs a side; {thresholds.runs} are recommended on "
                                f"{thresholds.machine}: small effects stay unseen")


def confirm(first, again):
    """Keeps the regressions of `first` that `again`, made of fresh runs, finds too."""
    rows, found = first.rows, {key_of(row): row for row in again.rows.to_dict("records")}
    confirmed = 0
    for index in numpy.nonzero((rows["verdict"] == "worse").to_numpy())[0]:
        other = found.get(key_of(rows.loc[index]))
        if other is not None and other["verdict"] == "worse":
            confirmed += 1
        elif other is None or other["verdict"] in ("missing", "failed", "env_mismatch"):
            rows.loc[index, ["verdict", "reason"]] = "failed", "confirmation_failed"
        else:
            rows.loc[index, ["verdict", "reason"]] = "inconclusive", "not_confirmed"
    return confirmed
