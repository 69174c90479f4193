"""Draws a Picture: small multiples, one colour and marker a series, medians with min–max whiskers.

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

from lablib import scales, style, units
from lablib.frame import axes_of, shown

_PANEL_WIDTH, _PANEL_HEIGHT, _MOST_COLUMNS = 3.3, 2.5, 3
_LEFT, _RIGHT, _GAP_X, _GAP_Y, _TICKS = 1.0, 0.15, 0.3, 0.62, 0.45
_LINE, _SMALL_LINE = 0.165, 0.148  # inches of a line of the subtitle and of the caption
_ADDRESS = 0.55  # inches by which the label of an address is longer than others
_IDEAL_NAME = "ideal"
_LABEL = 36  # letters of a line beside a panel


def draw(picture, caption):
    """Returns a matplotlib figure of `picture` with the `caption` (a list of sentences) below."""
    with matplotlib.rc_context(style.RC):
        facets = picture.order["facet"] or [""]
        columns = 2 if len(facets) == 4 else min(_MOST_COLUMNS, len(facets))
        rows = math.ceil(len(facets) / columns)
        longer = _ADDRESS if picture.unit == "address" else 0.0
        gap = _GAP_X if scales.shared_y(picture) else _GAP_X + _TICKS + longer
        left = _LEFT + longer
        width = max(7.2, left + _RIGHT + columns * _PANEL_WIDTH + (columns - 1) * gap)
        head = textwrap.wrap(units.printable(picture.title), int(width * 10))
        quiet = textwrap.wrap(_subtitle(picture), int(width * 14))
        foot = [line for each in caption for line in textwrap.wrap(units.printable(each),
                                                                   int(width * 15.6))]
        entries = _legend_entries(picture)
        longest = max((len(label) for _, label in entries), default=0)
        legend_columns = max(1, int(width / (0.66 + 0.066 * longest)))
        top = 0.2 * len(head) + _LINE * len(quiet) + 0.26 * math.ceil(
            len(entries) / legend_columns) + (0.3 if picture.facet else 0.15) + 0.1
        bottom = 0.12 + _SMALL_LINE * len(foot) + (0.55 if foot else 0.45) + _label_room(picture)
        height = top + bottom + rows * _PANEL_HEIGHT + (rows - 1) * (_GAP_Y + _label_room(picture))
        figure = matplotlib.figure.Figure(figsize=(width, height))
        _texts(figure, width, height, head, quiet, foot)
        _legend(figure, entries, height, 0.2 * len(head) + _LINE * len(quiet), legend_columns, width)
        grid = figure.add_gridspec(
            rows, columns, left=left / width, right=1 - _RIGHT / width, top=1 - top / height,
            bottom=bottom / height, wspace=gap / _PANEL_WIDTH,
            hspace=(_GAP_Y + _label_room(picture)) / _PANEL_HEIGHT)
        together, first = scales.shared_y(picture), None
        for index, facet in enumerate(facets):
            axes = figure.add_subplot(grid[index // columns, index % columns],
                                      sharey=first if together else None)
            first = first or axes
            _panel(axes, picture, facet, together)
            axes.tick_params(labelleft=index % columns == 0 or not together)
            if index % columns == 0:
                axes.set_ylabel(_y_label(picture, axes))
            if index + columns >= len(facets):
                axes.set_xlabel(_x_label(picture))
        return figure


def save(figure, stem):
    """Writes stem.svg and stem.png and returns their paths."""
    paths = [stem.with_suffix(".svg"), stem.with_suffix(".png")]
    with matplotlib.rc_context(style.RC):
        figure.savefig(paths[0], metadata={"Date": None})
        figure.savefig(paths[1], dpi=150)
    return paths


def _texts(figure, width, height, head, quiet, foot):
    margin = 0.12 / width
    figure.text(margin, 1 - 0.08 / height, "\n".join(head), va="top", fontsize=11.5, weight="bold")
    figure.text(margin, 1 - (0.1 + 0.2 * len(head)) / height, "\n".join(quiet), va="top",
                fontsize=8.5, color=style.QUIET)
    figure.text(margin, 0.1 / height, "\n".join(foot), va="bottom", fontsize=7.8, linespacing=1.35,
                color=style.QUIET)


def _subtitle(picture):
    parts = [f"phase {picture.phase}"] if picture.phase else []
    for name, value in picture.fixed.items():
        parts.append(f"{name} = {shown(picture, name, value)}")
    return units.printable(" · ".join(parts))


def _label_room(picture):
    if scales.numeric_x(picture):
        return 0.0
    labels = [units.printable(each) for each in picture.order["x"]]
    return min(1.2, 0.036 * max(map(len, labels), default=0)) if sum(map(len, labels)) > 34 else 0.0


def _x_label(picture):
    meaning = axes_of(picture.experiment).get(picture.x, {}).get("meaning", "")
    words = units.printable(picture.x.replace("_", " "))
    return f"{words}: {units.printable(meaning)}" if 0 < len(meaning) < 32 else words


def _y_label(picture, axes):
    scale = ("(each panel its own scale)" if not scales.shared_y(picture) else
             "(log scale)" if axes.get_yscale() != "linear" else "")
    lines = textwrap.wrap(units.printable(picture.meaning), _LABEL)
    if not lines or len(lines) + bool(scale) > 2:
        lines = [units.words(picture.metric)]
    lines[-1] += " since the start" if picture.since_start else ""
    return "\n".join([*lines, *([scale] if scale else [])])


def _legend_entries(picture):
    named = [] if picture.series == picture.x else picture.order["series"]
    looks = style.looks(named)
    entries = []
    for index, name in enumerate(named):
        label = shown(picture, picture.series, name)
        entries.append((_line(looks[name], _weight(picture, index)), label))
    if picture.frame["ideal"].notna().any():
        entries.append((matplotlib.lines.Line2D([], [], color=style.IDEAL, linestyle=(0, (4, 2)),
                                                linewidth=1.4), _IDEAL_NAME))
    if picture.searched and picture.frame["open"].any():
        entries.append((matplotlib.lines.Line2D([], [], color=style.INK, marker="o", markersize=6.5,
                                                linestyle="none", **_hollow(style.INK)),
                        "at most (lowest tried)"))
    bad = sorted(set(picture.failures["status"]))
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
        return {"linewidth": 1.0 if picture.x == "phase" else 0.0, "markersize": 6.5}
    part = 1 - index / max(len(picture.order["series"]) - 1, 1)
    return {"linewidth": 1.2 + 2.2 * part, "markersize": 4.5 + 4.5 * part}


def _legend(figure, entries, height, above, columns, width):
    handles, labels = zip(*entries) if entries else ((), ())
    labels = [" " + label if label.startswith("_") else label for label in labels]
    figure.legend(handles, labels, loc="upper left", ncol=columns, handlelength=1.8,
                  columnspacing=1.4, borderaxespad=0,
                  bbox_to_anchor=(0.12 / width, 1 - (above + 0.14) / height))


def _panel(axes, picture, facet, together):
    place = scales.set_x(axes, picture)
    seen = picture.frame if together else picture.frame[picture.frame["facet"] == facet]
    fitted = scales.fitted(seen)
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
