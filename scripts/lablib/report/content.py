"""Gathers what the page shows, as plain data. Text from outside stays text: page.py escapes it."""

import dataclasses
import shlex

from lablib import (boundary, caption, compare_format, compare_rows, errors, frame, gate_thresholds,
                    grid, pictures, units)
from lablib.compare_run import machine_of
from lablib.report import deploy, pareto, risks, sides, verdict

_MOST_COSTS, _MOST_COMPARISONS, _MOST_BAD_RUNS = 6, 400, 100


@dataclasses.dataclass
class Table:
    """Columns and rows of text; `numeric` columns are aligned right. `caption` may be empty."""

    caption: str
    header: list
    rows: list
    numeric: int = 0  # columns from here on are numbers
    notes: list = dataclasses.field(default_factory=list)


def gather(result, timed=None):
    """Returns the page's data for `result`, with times from the result `timed` when given."""
    table = sides.per_run(result)
    base = sides.choose_base(result, table)
    arms = [arm for arm in result.arms if (table["arm"] == arm).any()]
    choice = _choice(result, timed, table, base, arms)
    comparison = _comparison(result, base)
    looked = risks.look(result, arms)
    workloads = _workloads(result, table, base, choice)
    return {
        "result": result.path.resolve().name, "provenance": caption.provenance(result),
        "times_provenance": caption.provenance(timed) if timed else None,
        "manifest": result.manifest, "warnings": result.warnings, "base": base,
        "margin": verdict.MARGIN, **choice,
        "costs": _costs(comparison, choice["chosen"].side, base),
        "risks": _risk_table(looked, arms), "risk_meanings": risks.RISKS,
        "risks_of_chosen": {state: [risk.name for risk, found in looked
                                    if found[choice["chosen"].side].state == state]
                            for state in (risks.FOUND, risks.NOT_MEASURED)},
        "start_costs": _start_costs(result), "workloads": workloads,
        "other_choices": [f"{row[0]}: {row[1]}" for row in workloads.rows
                          if row[1] != choice["chosen"].side],
        "experiments": _experiments(result), "comparison": _comparison_table(result, comparison),
        "claims": _claims(result), "bad_runs": _bad_runs(result), "allocators": _allocators(result),
        "environments": _environments(result), "metrics": _metrics(result),
        "command": shlex.join(result.manifest["command_line"])}


def _choice(result, timed, table, base, arms):
    footprint_pairs = sides.against_base(result, table, base, sides.FOOTPRINT)
    cost_result, cost_table = (timed, sides.per_run(timed)) if timed else (result, table)
    cost = sides.TIME if cost_table["time"].notna().any() else sides.FAULTS
    cost_pairs = sides.against_base(cost_result, cost_table, base, cost)
    if timed:
        footprint_pairs, cost_pairs = _of_same_workloads(footprint_pairs, cost_pairs, timed)
    failed = table[table["status"] != "ok"].groupby("arm").size().to_dict()
    sound = [arm for arm in arms if (table.loc[table["arm"] == arm, "status"] == "ok").any()]
    footprints, costs = (
        sides.overall(pairs, sound) for pairs in (footprint_pairs, cost_pairs))
    found = verdict.candidates(sound, footprints, costs, failed)
    chosen, why = verdict.choose(found, base)
    edge = verdict.frontier(found)
    line, note = deploy.line(result, chosen.side)
    figure = (pareto.draw(found, edge, base, sides.FOOTPRINT.label, cost.label)
              if sum(bool(each.footprint and each.cost) for each in found) > 1 else None)
    return {"chosen": chosen, "why": why, "found": found, "frontier": edge, "cost": cost,
            "timed": cost is sides.TIME, "pairs": (footprint_pairs, cost_pairs), "line": line,
            "line_note": note, "pareto": figure, "candidates": _candidate_table(found, edge, cost),
            "workload_names": list(dict.fromkeys(footprint_pairs["experiment"]))}


def _of_same_workloads(footprint_pairs, cost_pairs, timed):
    """The rows of workloads that both have: a ratio of other workloads says nothing beside it."""
    same = set(footprint_pairs["experiment"]) & set(cost_pairs["experiment"])
    if not same:
        raise errors.BadInput(timed.path, "has no workload in common with the result",
                              "give --times a result of the same plan, run with --measure time")
    return [pairs[pairs["experiment"].isin(same)] for pairs in (footprint_pairs, cost_pairs)]


def shown(ratio):
    """"×0.93 [0.91, 0.95]", "–" when it is not known."""
    if not ratio:
        return "–"
    if ratio.low == ratio.high:
        return f"×{ratio.value:.3f}"
    return f"×{ratio.value:.3f} [{ratio.low:.3f}, {ratio.high:.3f}]"


def _candidate_table(found, edge, cost):
    rows = []
    for each in found:
        value, low, high = each.score
        score = f"×{value:.3f}" if low == high else f"×{value:.3f} [{low:.3f}, {high:.3f}]"
        score = score if each.whole else "–"
        rows.append([each.side, score, shown(each.footprint), shown(each.cost),
                     "yes" if each.side in edge else "no", str(each.failed)])
    return Table("All sides at default knobs, best score first", [
        "side", "score", "footprint", cost.label, "on the frontier", "runs that failed"], rows, 1)


def _comparison(result, base):
    """Every metric of every phase against the base, or None with one arm only."""
    thresholds = gate_thresholds.read(machine_of([result]), None)
    try:
        return compare_rows.compare([result], compare_rows.Options(
            base=base, thresholds=thresholds, leave_out_skipped=True,
            by="allocator" if (result.runs["arm"] == result.runs["allocator"]).all() else "arm"))
    except errors.BadInput:
        return None


def _costs(comparison, side, base):
    """Where the chosen side is worse than the base, the largest ratios first, one a metric and
    experiment."""
    if comparison is None or side == base:
        return []
    rows = comparison.rows
    worse = rows[(rows["candidate_arm"] == side) & (rows["verdict"] == "worse")]
    worse = worse.sort_values("ratio", ascending=False, na_position="last")
    worse = worse.drop_duplicates(["experiment", "metric"])
    return [{"metric": row["metric"], "where": f"{row['point_text']}, phase {row['phase']}",
             "numbers": f"{units.human(row['base'], _unit(row['metric']))} → "
                        f"{units.human(row['candidate'], _unit(row['metric']))}"}
            for row in worse.head(_MOST_COSTS).to_dict("records")]


def _unit(metric):
    return {"bytes": "byte", "ns": "ns"}.get(metric.rsplit("_", 1)[-1], "count")


def _risk_table(looked, arms):
    rows = [[risk.name, *(f"{found[arm].state}: {found[arm].measured}" for arm in arms)]
            for risk, found in looked]
    return Table("Risks looked for", ["risk", *arms], rows)


def _start_costs(result):
    """What an empty program holds under each arm."""
    runs = result.runs
    empty = runs[(runs["experiment"] == "empty_program") & (runs["status"] == "ok")]
    if empty.empty or "rss_anon_bytes" not in result.starts:
        return None
    start = result.starts.loc[empty.index, "rss_anon_bytes"].groupby(empty["arm"], sort=False).median()
    rows = [[arm, units.human(start[arm], "byte")] for arm in result.arms if arm in start]
    return Table("RSS anon of a program that does nothing", ["side", "RSS anon"], rows, 1)


def _workloads(result, table, base, choice):
    """For each experiment the best side, knobs included, with the line that deploys it."""
    footprints, costs = (sides.by_workload(pairs) for pairs in choice["pairs"])
    rows = []
    for name in choice["workload_names"]:
        own = table[table["experiment"] == name]
        names = list(dict.fromkeys(own["side"]))
        failed = own[own["status"] != "ok"].groupby("side").size().to_dict()
        reference = sides.base_side(result, table, name, base)
        found = verdict.candidates(names, {side: footprints.get((name, side)) for side in names},
                                   {side: costs.get((name, side)) for side in names}, failed)
        if found:
            best, _ = verdict.choose(found, reference)
            arm, _, knobs = best.side.partition(" ")
            rows.append([name, best.side, shown(best.footprint), shown(best.cost),
                         deploy.line(result, arm, knobs)[0] or "–"])
    return Table(f"Which side for which workload (relative to {base})",
                 ["workload", "choice", "footprint", choice["cost"].label, "deploy line"], rows)


def _experiments(result):
    """One entry an experiment: its description, its tables and its figures with their captions."""
    for experiment in result.experiments.values():
        figures = [{"stem": stem, "pictures": drawn,
                    "empty": all(each.frame.empty and each.failures.empty for each in drawn),
                    "caption": caption.sentences(drawn, with_provenance=False)}
                   for stem, drawn in pictures.of_experiment(result, experiment)]
        if figures or (result.runs["experiment"] == experiment["name"]).any():
            yield {**experiment, "tables": _tables(result, experiment), "figures": figures}


def _tables(result, experiment):
    found = []
    view = experiment.get("table")
    try:
        if view and view.get("metric"):
            found.append(frame.select(result, experiment, view, fix_free=False))
    except errors.BadInput as error:
        errors.warn(f"no table: {error}")
    found += [each for each in (boundary.select(result, experiment, search) for search in
                                boundary.searches(result, experiment)) if each is not None]
    tables = []
    for picture in found:
        flat = grid.lay_out(picture)
        flat = grid.merged(flat) if flat.numeric and len(flat.header) > 8 else flat
        tables.append(Table(flat.title, [*flat.keys, *flat.header], flat.rows, len(flat.keys),
                            flat.notes))
    return tables


def _comparison_table(result, comparison):
    if comparison is None:
        return None
    rows = compare_format.by_importance(comparison.rows)
    missing = int((rows["reason"] == "no_run").sum())
    rows = rows[~rows["reason"].isin(["equal", "no_run"])]
    lines = [[row["verdict"], row["candidate_arm"], row["metric"], row["phase"], row["point_text"],
              *_numbers(row, result.metric(row["metric"]).unit), row["reason"]]
             for row in rows.head(_MOST_COMPARISONS).to_dict("records")]
    notes = [f"{len(rows)} of {len(comparison.rows)} comparisons differ; "
             f"{len(lines)} are listed", *comparison.notes]
    notes += [f"{missing} more have no run of one side"] if missing else []
    return Table(f"Every metric against {comparison.base}", [
        "verdict", "side", "metric", "phase", "where", "ratio", "base", "value", "reason"],
        lines, 5, notes)


def _numbers(row, unit):
    ratio = "–"
    if row["ratio"] == row["ratio"]:
        ratio = f"×{row['ratio']:.3f} [{row['ratio_low']:.3f}, {row['ratio_high']:.3f}]"
    return ratio, units.human(row["base"], unit), units.human(row["candidate"], unit)


def _claims(result):
    columns = ["id", "allocator", "verdict", "measured", "expected", "explanation"]
    claims = result.manifest.get("claims") or []
    judged = [claim for claim in claims if claim.get("verdict") != "not_applicable"]
    rows = [[str(claim.get(column) or "–") for column in columns] for claim in judged]
    others = len(claims) - len(judged)
    notes = [f"{others} more are about another allocator than the one they were asked of"] if others else []
    return Table("Claims judged in this result", columns, rows, notes=notes) if rows else None


def _bad_runs(result):
    bad = result.runs[result.runs["status"] != "ok"]
    rows = [[row["run"], row["status"], row["experiment"], row["arm"], row["reason"] or "–",
             row["stderr_tail"] or ""] for row in bad.head(_MOST_BAD_RUNS).to_dict("records")]
    notes = [f"{len(bad)} in all"] if len(bad) > len(rows) else []
    return Table("Runs that did not end as meant", [
        "run", "status", "experiment", "side", "reason", "end of stderr"], rows, notes=notes)


def _allocators(result):
    columns = ["name", "version", "origin", "path", "sha256", "reason"]
    rows = [[arm, *(str(each.get(column) or "–") for column in columns)]
            for arm, each in result.arms.items()]
    return Table("Allocators", ["side", *columns], rows)


def _environments(result):
    tables = []
    for name, facts in result.manifest["environments"].items():
        nulls = facts.get("nulls") or {}
        rows = [[key, _fact(value, nulls.get(key))] for key, value in facts.items() if key != "nulls"]
        count = int((result.runs["environment"] == name).sum())
        tables.append(Table(f"Environment {name}, {count} runs", ["fact", "value"], rows))
    return tables


def _fact(value, reason):
    if value is None:
        return f"unknown: {reason or 'no reason recorded'}"
    if isinstance(value, dict):
        return ", ".join(f"{key}={each}" for key, each in value.items()) or "–"
    return str(value)


def _metrics(result):
    rows = [[each.name, each.unit, each.kind, each.better, each.source, each.meaning]
            for name, each in result.metrics.items() if name in result.values]
    return Table("Metrics in this result", ["metric", "unit", "kind", "better", "source", "meaning"],
                 rows)
