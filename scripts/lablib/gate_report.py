"""A gate's decision for a terminal, for a pull request and as JSON."""

from lablib import compare_format, compare_output, units
from lablib.compare_output import markdown_text

COMMENT_BYTES = 60_000  # GitHub refuses comments above 65 536 characters
MEANING = {0: "pass", 1: "regression", 2: "usage or bad input", 3: "incomplete", 4: "inconclusive",
           5: "environment mismatch"}
_SHOWN = 40
_SIGN = {0: "✅", 1: "❌"}


def terminal(gate, registry, code):
    lines = [compare_output.headline(gate.comparison), ""]
    told = gate.rows["verdict"].isin(["same", "env_mismatch"])
    rows = compare_format.by_importance(gate.rows[~told])
    merged = compare_output.merge([_cells(row, registry, units.printable)
                                   for row in rows.to_dict("records")], _HEAD.index("where"))
    if merged:
        lines += compare_output.aligned(_HEAD, [row for row, _ in merged[:_SHOWN]])
        rest = sum(count for _, count in merged[_SHOWN:])
        lines += [f"… and {rest} more rows", ""] if rest else [""]
    return "\n".join(lines + _facts(gate) + [verdict(gate, code)])


def verdict(gate, code):
    return f"{MEANING[code]} (exit {code}): {compare_format.tally(gate.rows)}"


def markdown(gate, registry, code, size=COMMENT_BYTES):
    """Fits a pull-request comment: what decides is open, the rest folded, and cut by whole rows."""
    title = f"## {_SIGN.get(code, '⚠️')} Allocator gate: {MEANING[code]}"
    head = [title, "", markdown_text(compare_output.headline(gate.comparison)), "",
            *(f"- {markdown_text(each)}" for each in [compare_format.tally(gate.rows), *_facts(gate)])]
    rows = compare_format.by_importance(gate.rows)
    bad = rows["verdict"].isin(["worse", "failed", "missing"])
    text = "\n".join(head) + "\n"
    text += _table(rows[bad], registry, size * 2 // 3 - len(text.encode()))
    for name in ("better", "inconclusive", "not_gated", "same"):
        part = rows[rows["verdict"] == name]
        if len(part):
            room = size - len(text.encode()) - 200
            text += _folded(f"{len(part)} {name}", _table(part, registry, room), room)
    return text


def to_json(gate, code):
    return compare_output.to_json(gate.comparison, {
        "exit_code": code, "meaning": MEANING[code], "refused": gate.refused,
        "confirmation": gate.confirmation}, gate.rows)


_HEAD = ("verdict", "metric", "phase", "where", "ratio", "units", "margin", "remark")


def _cells(row, registry, clean):
    unit = registry[row["metric"]].unit
    remark = "; ".join(filter(None, [compare_format.remark(row, unit), row["detail"]]))
    texts = (row["verdict"], row["metric"], row["phase"], row["point_text"],
             compare_format.ratio(row), compare_format.natural(row, unit), _margin(row, unit), remark)
    return [clean(str(each)) for each in texts]


def _margin(row, unit):
    words = [f"{100 * row['margin']:.3g} %"] if row["margin"] else []
    if row["floor"]:
        words.append(units.human(row["floor"], unit))
    return " and ".join(words) or "exact"


def _facts(gate):
    comparison = gate.comparison
    facts = [f"{comparison.family} tests in the family (Holm), α = {comparison.alpha:g}, "
             f"margins of {comparison.machine}" if comparison.machine != "deterministic"
             else "compared exactly or within the declared margins, without a test"]
    if gate.confirmation:
        facts.append(gate.confirmation)
    facts += _mismatches(gate.rows)
    return facts + [f"refused: {each}" for each in gate.refused] + comparison.notes


def _mismatches(rows):
    """One line for each way in which the environments differ: every row of it says the same."""
    differing = rows.loc[rows["verdict"] == "env_mismatch", "detail"].value_counts(sort=False)
    return [f"not comparable in {count} rows: {units.printable(detail)}"
            for detail, count in differing.items()]


def _table(rows, registry, room):
    """A table of as many rows as fit into `room` bytes, and how many did not."""
    if rows.empty:
        return ""
    lines = ["", "| " + " | ".join(_HEAD) + " |", "|" + "---|" * len(_HEAD)]
    room -= sum(len(line.encode()) + 1 for line in lines) + 60
    left = len(rows)
    for row, count in compare_output.merge([_cells(row, registry, markdown_text)
                                            for row in rows.to_dict("records")], _HEAD.index("where")):
        line = "| " + " | ".join(row) + " |"
        room -= len(line.encode()) + 1
        if room < 0:
            return "\n".join(lines) + f"\n\n… and {left} more rows\n"
        lines.append(line)
        left -= count
    return "\n".join(lines) + "\n"


def _folded(title, body, room):
    if room < 500:
        return f"\n{title}\n"
    return f"\n<details><summary>{title}</summary>\n{body}\n</details>\n"
