"""The table and the pictures of a history."""

from lablib import compare_output, history_change, style, units

_HEAD = ("metric", "phase", "experiment", "where", "since", "ratio", "units", "chance", "environment")


def table(series, labels, how, registry):
    """The changes, largest first, and how many series have none."""
    lines = [f"{len(labels)} results {how}: {labels[0]} … {labels[-1]}"]
    rows = [(each, change) for each in series for change in each.changes]
    rows.sort(key=lambda row: -_size(row[1]))
    if rows:
        cells = [[units.printable(text) for text in _cells(each, change, labels, registry)]
                 for each, change in rows]
        lines += ["", *compare_output.aligned(_HEAD, cells)]
    still = [each for each in series if not each.changes]
    short = sum(each.short for each in still)
    lines += ["", f"{len(rows)} changes in {len(series) - len(still)} of {len(series)} series; "
              f"{len(still) - short} are steady. Chance: of so clear a split in a series without one "
              "(exact: the same number in every run)."]
    if short:
        lines.append(f"{short} are too short to say: of a metric that varies within a result, {history_change.fewest()} "
                     "results are the fewest that can show a change.")
    return "\n".join(lines)


def pictures(series, labels, registry, out):
    """Draws one picture for each experiment and metric. Yields their paths."""
    from lablib import history_plot

    out.mkdir(parents=True, exist_ok=True)
    groups = {}
    for each in series:
        groups.setdefault((each.experiment, each.metric), []).append(each)
    for (experiment, metric), group in groups.items():
        names = {each.where: each.where.strip("()") for each in group}  # "(glibc)" is glibc
        looks = style.looks(list(names.values()))
        colours = {where: looks[name] for where, name in names.items()}
        drawn = history_plot.draw(group, labels, registry[metric].unit, colours)
        yield from history_plot.save(drawn, out / f"{experiment}-{metric}")


def _cells(series, change, labels, registry):
    unit = registry[series.metric].unit
    return (series.metric, series.phase, series.experiment, series.where, labels[change.at], change.size,
            f"{units.human(change.before, unit)} → {units.human(change.after, unit)}",
            f"{change.p:.3f}" if change.p else "exact", series.causes.get(change.at) or "equal")


def _size(change):
    import math

    return abs(math.log(change.ratio)) if change.ratio == change.ratio else float("inf")
