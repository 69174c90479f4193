"""Draws Pictures: small multiples, one colour and marker a series, medians with min–max whiskers.

Nothing that was not measured is drawn as a number: gaps stay gaps, failed runs are marked at the
top edge. Series that lie on each other stay visible: names are dodged, lines get thinner in order.
"""

import math
import textwrap

import matplotlib

matplotlib.use("Agg")

import matplotlib.figure
import matplotlib.lines
import matplotlib.transforms
import pandas

from lablib import caption as caption_, layout, scales, style, units
from lablib.frame import axes_of, shown

_IDEAL_NAME = "ideal"
_LABEL = 36  # letters of a line beside a panel


def draw(pictures, caption):
    """Returns a matplotlib figure of `pictures`, a row of panels each, with the `caption` (a list of
    sentences) below. They differ in their metric only."""
    with matplotlib.rc_context(style.RC):
        entries = _legend_entries(pictures)
        plan = layout.plan(pictures, _subtitle(pictures[0]), caption, [label for _, label in entries])
        figure = matplotlib.figure.Figure(figsize=(plan.width, plan.height))
        _texts(figure, plan)
        _legend(figure, entries, plan)
        grid, first = figure.add_gridspec(**plan.grid), {}
        named_everywhere = layout.side_by_side(pictures)
        for place in plan.panels:
            picture = place.picture
            together = scales.shared_y(picture)
            axes = figure.add_subplot(grid[place.row, place.column],
                                      sharey=first.get(picture.metric) if together else None)
            first.setdefault(picture.metric, axes)
            _panel(axes, picture, place.facet, together)
            leftmost = place.column == 0 or named_everywhere
            axes.tick_params(labelleft=leftmost or not together)
            if leftmost:
                axes.set_ylabel(_y_label(picture, axes))
            if place.last and picture is pictures[-1] or named_everywhere:
                axes.set_xlabel(_x_label(picture))
        return figure


def save(figure, stem):
    """Writes stem.svg and stem.png and returns their paths."""
    paths = [stem.with_suffix(".svg"), stem.with_suffix(".png")]
    with matplotlib.rc_context(style.RC):
        figure.savefig(paths[0], metadata={"Date": None})
        figure.savefig(paths[1], dpi=150)
    return paths


def _texts(figure, plan):
    width, height = plan.width, plan.height
    margin = layout.MARGIN / width
    figure.text(margin, 1 - 0.08 / height, "\n".join(plan.head), va="top", fontsize=11.5, weight="bold")
    figure.text(margin, 1 - (0.1 + layout.HEAD_LINE * len(plan.head)) / height, "\n".join(plan.quiet),
                va="top", fontsize=8.5, color=style.QUIET)
    figure.text(margin, 0.1 / height, "\n".join(plan.foot), va="bottom", fontsize=7.8, linespacing=1.35,
                color=style.QUIET)


def _subtitle(picture):
    parts = [f"phase {picture.phase}"] if picture.phase else []
    for name, value in picture.fixed.items():
        parts.append(f"{name} = {shown(picture, name, value)}")
    return units.printable(" · ".join(parts))


def _x_label(picture):
    meaning = axes_of(picture.experiment).get(picture.x, {}).get("meaning", "")
    words = units.printable(picture.x.replace("_", " "))
    return f"{words}: {units.printable(meaning)}" if 0 < len(meaning) < 32 else words


def _y_label(picture, axes):
    scale = ("(each panel its own scale)" if not scales.shared_y(picture) else
             "(log scale)" if axes.get_yscale() != "linear" else "")
    beside = f"× that of {caption_.elsewhere(picture)}" if picture.relative_to else ""
    lines = textwrap.wrap(units.printable(picture.meaning), _LABEL)
    if not lines or len(lines) + bool(scale) > 2:
        lines = [units.words(picture.metric)]
    lines[-1] += " since the start" if picture.since_start else ""
    return "\n".join([*lines, *filter(None, (beside, scale))])


def _legend_entries(pictures):
    picture = pictures[0]
    named = [] if picture.series == picture.x else picture.order["series"]
    looks = style.looks(named)
    entries = []
    if named and picture.series != "allocator":
        title = f"{picture.series.replace('_', ' ')}:"
        entries.append((matplotlib.lines.Line2D([], [], linestyle="none"), units.printable(title)))
    for index, name in enumerate(named):
        label = shown(picture, picture.series, name)
        entries.append((_line(looks[name], _weight(picture, index)), label))
    if any(each.frame["ideal"].notna().any() for each in pictures):
        name = f"as {caption_.elsewhere(picture)}" if picture.relative_to else _IDEAL_NAME
        entries.append((matplotlib.lines.Line2D([], [], color=style.IDEAL, linestyle=(0, (4, 2)),
                                                linewidth=1.4), name))
    if picture.searched and picture.frame["open"].any():
        entries.append((matplotlib.lines.Line2D([], [], color=style.INK, marker="o", markersize=6.5,
                                                linestyle="none", **_hollow(style.INK)),
                        "at most (lowest tried)"))
    bad = sorted({status for each in pictures for status in each.failures["status"]})
    if bad:
        entries.append((matplotlib.lines.Line2D([], [], color=style.INK, marker="x", markersize=7,
                                                linestyle="none"), "no value: " + ", ".join(bad)))
    return entries


def _line(look, weight):
    colour, marker = look
    return matplotlib.lines.Line2D([], [], color=colour, marker=marker, markeredgecolor="white",
                                   markeredgewidth=0.6, linewidth=weight["linewidth"],
                                   markersize=weight["markersize"] * style.SIZES.get(marker, 1))


def _weight(picture, index):
    """On a numeric axis earlier series are drawn wider: equal ones lie inside, and all are seen."""
    if not scales.numeric_x(picture):
        return {"linewidth": 1.0 if scales.ordered_x(picture) else 0.0, "markersize": 6.5}
    part = 1 - index / max(len(picture.order["series"]) - 1, 1)
    return {"linewidth": 1.2 + 2.2 * part, "markersize": 4.5 + 4.5 * part}


def _legend(figure, entries, plan):
    handles, labels = zip(*entries) if entries else ((), ())
    labels = [" " + label if label.startswith("_") else label for label in labels]
    above = layout.HEAD_LINE * len(plan.head) + layout.LINE * len(plan.quiet)
    figure.legend(handles, labels, loc="upper left", ncol=plan.legend_columns, handlelength=1.8,
                  columnspacing=1.4, borderaxespad=0,
                  bbox_to_anchor=(layout.MARGIN / plan.width, 1 - (above + 0.14) / plan.height))


def _panel(axes, picture, facet, together):
    place = scales.set_x(axes, picture)
    seen = picture.frame if together else picture.frame[picture.frame["facet"] == facet]
    fitted = scales.fitted(picture, seen)
    everything = [each for name in ("value", "ideal") for each in fitted[name].dropna()]
    scales.set_y(axes, picture, everything or [0.0, 1.0])
    if picture.facet:
        label = f"{picture.facet} = {shown(picture, picture.facet, facet)}"
        axes.set_title(units.printable(label), loc="left", fontsize=9, color=style.INK)
    here = picture.frame[picture.frame["facet"] == facet]
    if here.empty:
        axes.text(0.5, 0.5, "not measured", transform=axes.transAxes, ha="center",
                  color=style.QUIET)
    names = picture.order["series"]
    looks = style.looks(names)
    _ideals(axes, picture, here, place, looks)
    for index, name in enumerate(names):
        _series(axes, picture, here[here["series"] == name], place, looks[name], index)
    _failed(axes, picture, facet, place, looks)


def _dodge(picture, index, count):
    if scales.numeric_x(picture) or picture.x == picture.series:
        return 0.0
    widest = 0.09 if picture.x == "phase" else 0.14
    return (index - (count - 1) / 2) * min(0.72 / count, widest)


def _series(axes, picture, points, place, look, index):
    if points.empty:
        return
    colour, marker = look
    groups = points.groupby("x", sort=False)["value"]
    table = groups.agg(["median", "min", "max"]).reindex(picture.order["x"])
    shift = _dodge(picture, index, len(picture.order["series"]))
    xs = [place(each) + shift for each in table.index]
    weight = _weight(picture, index)
    axes.plot(xs, table["median"], color=colour, linewidth=weight["linewidth"], zorder=2)
    table = _within_axis(axes, picture, table, xs, colour)
    mark = {"color": colour, "marker": marker, "linestyle": "none", "clip_on": False,
            "markersize": weight["markersize"] * style.SIZES.get(marker, 1), "zorder": 4 + index}
    hollow = _at_most(picture, points).reindex(table.index, fill_value=False).to_numpy(dtype=bool)
    axes.plot(xs, table["median"].mask(hollow), markeredgecolor="white", markeredgewidth=0.6, **mark)
    if hollow.any():
        axes.plot(xs, table["median"].where(hollow), **{**mark, **_hollow(colour)})
    if picture.searched and picture.series == picture.x:
        _values_beside(axes, picture, xs, table["median"], hollow)
    spread = table["max"] > table["min"]
    axes.vlines([x for x, wide in zip(xs, spread) if wide], table["min"][spread],
                table["max"][spread], color=colour, linewidth=1.3, zorder=3)


def _hollow(colour):
    return {"markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 1.4}


def _at_most(picture, points):
    """For each x of `points`: whether the search found no lower value that does not hold."""
    if not picture.searched:
        return pandas.Series(dtype=bool)
    return points.groupby("x", sort=False)["open"].any()


def _values_beside(axes, picture, xs, values, hollow):
    for x, value, at_most in zip(xs, values, hollow):
        if not math.isnan(value):
            axes.annotate("≤ " * at_most + units.human(value, picture.unit), (x, value), (0, 7),
                          ha="center", textcoords="offset points", fontsize=8, color=style.INK)


def _within_axis(axes, picture, table, xs, colour):
    """Marks what lies above the axis by an arrow and its highest value; returns the rest."""
    above = table["median"] > axes.get_ylim()[1]
    if not above.any():
        return table
    edge = matplotlib.transforms.blended_transform_factory(axes.transData, axes.transAxes)
    last = [x for x, high in zip(xs, above) if high][-1]
    highest = units.human(table["median"].max(), picture.unit)
    axes.text(last, 0.97, f"\N{UPWARDS ARROW} up to {highest}", transform=edge, ha="right",
              va="center", fontsize=8, color=colour)
    return table.mask(above)


def _ideals(axes, picture, points, place, looks):
    known = points[points["ideal"].notna()]
    for series, own in _ideal_groups(known):
        colour = style.IDEAL if series is None else looks[series][0]
        table = own.groupby("x", sort=False)["ideal"].median().reindex(picture.order["x"])
        xs = [place(each) for each in table.index]
        line = {"color": colour, "linewidth": 1.4, "zorder": 3.5, "linestyle": (0, (4, 2))}
        if scales.numeric_x(picture):
            axes.plot(xs, table, **line)
        else:
            seen = [(x, y) for x, y in zip(xs, table) if not math.isnan(y)]
            axes.hlines([y for _, y in seen], [x - 0.42 for x, _ in seen],
                        [x + 0.42 for x, _ in seen], **line)


def _ideal_groups(known):
    """One ideal for all series where they agree, else each its own (absolute gauges)."""
    if known.empty:
        return []
    if known.groupby("x")["ideal"].nunique().max() == 1:
        return [(None, known)]
    return list(known.groupby("series", sort=False))


def _failed(axes, picture, facet, place, looks):
    """Marks cells in which a run gave no value, at the top edge so that no value is suggested."""
    bad = picture.failures
    bad = bad[bad["facet"] == facet]
    edge = matplotlib.transforms.blended_transform_factory(axes.transData, axes.transAxes)
    names = picture.order["series"]
    for series, x in dict.fromkeys(zip(bad["series"], bad["x"])):
        shift = _dodge(picture, names.index(series), len(names))
        axes.plot([place(x) + shift], [0.96], transform=edge, marker="x", color=looks[series][0],
                  markersize=7, markeredgewidth=1.8, linestyle="none", zorder=20)
