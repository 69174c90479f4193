"""A comparison for a terminal, as Markdown, JSON and CSV."""

import json
import math

import numpy
import pandas

from lablib import compare_format, units

_COLUMNS = ("base_arm", "candidate_arm", "experiment", "point", "point_text", "phase", "metric", "verdict",
            "reason", "detail", "kind", "pairs", "base", "candidate", "ratio", "ratio_low",
            "ratio_high", "shift", "shift_low", "shift_high", "level", "p", "p_adjusted",
            "detectable", "margin", "floor", "gate")


MAX_REASONS = 6
_HEAD = ("verdict", "side", "ratio", "metric", "phase", "where", "units", "remark")


def terminal(comparison, registry, limit):
    """At most `limit` lines of rows, most important first, and what was left out."""
    lines = [units.printable(headline(comparison)), ""]
    table, shown = _table(comparison, registry, units.printable, limit)
    if table:
        lines += aligned(_HEAD, table)
    else:
        lines.append("every value is equal in every run of both sides")
    return "\n".join([*lines, "", *footer(comparison, shown)])


def markdown(comparison, registry, limit):
    table, shown = _table(comparison, registry, markdown_text, limit)
    lines = [f"### {markdown_text(headline(comparison))}", "",
             "| " + " | ".join(_HEAD) + " |", "|" + "---|" * len(_HEAD)]
    lines += ["| " + " | ".join(row) + " |" for row in table]
    return "\n".join([*lines, "", *(f"- {markdown_text(line)}" for line in footer(comparison, shown))])


def _table(comparison, registry, clean, limit):
    """Returns (rows of texts, how many comparisons they show). Equal values are told by number only."""
    rows = compare_format.by_importance(comparison.rows)
    if limit is not None:
        rows = rows[~rows["reason"].isin(["equal", "no_run"])]
    cells = [_cells(row, registry, clean) for row in rows.to_dict("records")]
    if limit is None:
        return cells, len(cells)
    merged = merge(cells, _HEAD.index("where"))[:limit]
    return [row for row, _ in merged], sum(count for _, count in merged)


def merge(cells, where):
    """Rows that say the same of several points become one. Returns [(row, how many it stands for)]."""
    groups = {}
    for row in cells:
        groups.setdefault((*row[:where], *row[where + 1:]), []).append(row)
    merged = []
    for rows in groups.values():
        row = list(rows[0])
        if len(rows) > 1:
            row[where] += f" and {len(rows) - 1} more"
        merged.append((row, len(rows)))
    return merged


def to_json(comparison, extra=None, rows=None):
    """All rows (or those given) as strict JSON: what has no value is null."""
    rows = comparison.rows if rows is None else rows
    rows = [{name: _plain(value) for name, value in row.items()}
            for row in rows[list(_COLUMNS)].to_dict("records")]
    head = {"schema_version": 1, "by": str(comparison.factor), "base": comparison.base,
            "candidates": comparison.candidates, "paired": comparison.paired,
            "family_count": comparison.family, "alpha": comparison.alpha,
            "level": comparison.level, "adjust": comparison.adjust,
            "machine": comparison.machine, "notes": comparison.notes,
            "points": comparison.points, **(extra or {})}
    text = json.dumps({**head, "rows": []}, indent=1, allow_nan=False)
    body = ",\n  ".join(json.dumps(row, allow_nan=False) for row in rows)
    return text.replace('"rows": []', f'"rows": [\n  {body}\n ]')


def csv(comparison):
    return comparison.rows[list(_COLUMNS)].to_csv(index=False)


def headline(comparison):
    how = "paired by block" if comparison.paired else "unpaired: not the same session"
    sides = f"{', '.join(map(str, comparison.candidates))} against {comparison.base}"
    return f"{comparison.fixed}: ".lstrip(": ") + f"{sides} (by {comparison.factor}, {how})"


def footer(comparison, shown):
    rows = comparison.rows
    lines = [f"{len(rows)} comparisons: {compare_format.tally(rows)}"]
    if shown < len(rows):
        equal = int((rows["reason"] == "equal").sum())
        lines.append(f"left out: {len(rows) - shown} rows ({equal} of them equal in every run); "
                     "--all shows them, --metric and --phase choose")
        lines += _not_compared(rows)
    adjust = {"holm": "Holm", "benjamini_hochberg": "Benjamini–Hochberg"}[comparison.adjust]
    lines.append(f"{comparison.family} tests in the family ({adjust}), α = {comparison.alpha:g}, "
                 f"intervals {100 * comparison.level:g} %, margins of {comparison.machine}")
    weak = rows.loc[(rows["level"] < comparison.level) & (rows["kind"] != "exact"), "level"]
    if len(weak):
        lines.append(f"{len(weak)} intervals cannot reach {100 * comparison.level:g} % with so few "
                     f"blocks; theirs is {100 * weak.min():.0f} % or more: alloclab run --extend")
    return lines + comparison.notes


def _not_compared(rows):
    """Points where a side did not run, by reason: as an allocator that does not have the knob."""
    reasons = rows.loc[rows["reason"] == "no_run", "detail"].value_counts(sort=False)
    lines = [f"not compared in {count} rows: {reason}" for reason, count in reasons.items()]
    more = [f"… and {len(lines) - MAX_REASONS} more reasons"] if len(lines) > MAX_REASONS else []
    return lines[:MAX_REASONS] + more


def _cells(row, registry, clean):
    unit = registry[row["metric"]].unit
    remark = compare_format.remark(row, unit)
    texts = [row["verdict"], row["candidate_arm"], compare_format.ratio(row), row["metric"],
             row["phase"], row["where"], compare_format.natural(row, unit),
             "; ".join(filter(None, [remark, row["detail"]]))]
    return [clean(str(each)) for each in texts]


def aligned(head, table):
    widths = [max(len(row[i]) for row in [head, *table]) for i in range(len(head))]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip()
            for row in [head, *table]]


def markdown_text(text):
    """Text from outside that stays inside its cell: no table bars, no HTML, no links, no mentions."""
    text = units.printable(text)
    for sign in "\\`*_[]<>|@":
        text = text.replace(sign, f"&#{ord(sign)};" if sign in "<>|@" else "\\" + sign)
    return text


def _plain(value):
    if isinstance(value, (float, numpy.floating)):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, numpy.generic):
        return value.item()
    return None if value is pandas.NA else value
