"""Draws what `address_space` found as a map of each program's addresses: one bar a kind of object, from
high to low as a debugger prints them, and how far the next one lies below.

Distances range from bytes to a hundred TiB: rows are in order, not to scale, and say the distance.
"""

import textwrap

import matplotlib

matplotlib.use("Agg")

import matplotlib.figure
import matplotlib.patches

from lablib import caption, style, units

_METRIC, _EXPERIMENT = "object_address", "address_space"
_COLUMN, _ROW, _HEAD, _FOOT, _EDGE = 2.75, 0.5, 0.95, 0.62, 0.12  # inches
_BAR = 0.3  # inches
_COLOURS = {"code": "#0072B2", "read_only": "#56B4E9", "data": "#009E73", "zeroed": "#8BC9A9",
            "heap": "#E69F00", "mapping": "#CC79A7", "stack": "#D55E00"}
_END = "end_of_user_space"


def pictures(result):
    """Yields (file stem, figure) when the result has runs of the experiment."""
    maps = _maps(result)
    if maps:
        yield f"{_EXPERIMENT}-map", _draw(maps, caption.provenance(result))


def _maps(result):
    """{program: [(kind, address), highest first]} of the first good run of each program."""
    runs = result.runs[(result.runs["experiment"] == _EXPERIMENT) & (result.runs["status"] == "ok")]
    found = {}
    for row, program in runs["param.program"].items():
        if program in found:
            continue
        values = result.values[result.values["row"] == row]
        places = values.loc[values[_METRIC].notna(), ["phase", _METRIC]].to_numpy()
        found[program] = sorted(((kind, int(address)) for kind, address in places),
                                key=lambda each: -each[1])
    order = [case["params"]["program"] for case in result.manifest["plan"]["cases"]
             if case["experiment"] == _EXPERIMENT]
    return {program: found[program] for program in dict.fromkeys(order) if program in found}


def _draw(maps, provenance):
    with matplotlib.rc_context(style.RC):
        rows = max(map(len, maps.values()))
        width, height = 2 * _EDGE + _COLUMN * len(maps), _HEAD + _ROW * rows + _FOOT
        figure = matplotlib.figure.Figure(figsize=(width, height))
        figure.text(_EDGE / width, 1 - 0.1 / height, "Where the objects of a program lie, from high to "
                    "low addresses", va="top", fontsize=12, weight="bold")
        figure.text(_EDGE / width, 1 - 0.36 / height, "in order but not to scale; between two rows, how "
                    "far the lower lies below", va="top", fontsize=8.5,
                    color=style.QUIET)
        axes = figure.add_axes([0, _FOOT / height, 1, _ROW * rows / height])
        axes.set(xlim=(0, width), ylim=(_ROW * rows, 0))
        axes.axis("off")
        for column, (program, places) in enumerate(maps.items()):
            left = _EDGE + column * _COLUMN
            figure.text(left / width, 1 - 0.72 / height, f"program = {units.printable(program)}",
                        va="top", fontsize=9, weight="bold")
            _column(axes, left, places)
        foot = ["Question: Where do code, data, heap, mappings and stack lie, and how high can they "
                "reach?", *textwrap.wrap(f"Run: {provenance}", int(width * 15.6))]
        figure.text(_EDGE / width, 0.1 / height, "\n".join(foot), fontsize=7.8, color=style.QUIET,
                    linespacing=1.4, va="bottom")
        return figure


def _column(axes, left, places):
    bar = _COLUMN - 0.2
    for row, (kind, address) in enumerate(places):
        top = row * _ROW
        if kind == _END:
            axes.plot([left, left + bar], [top + _BAR] * 2, color=style.INK, linewidth=2)
        else:
            axes.add_patch(matplotlib.patches.Rectangle((left, top), 0.14, _BAR,
                                                        facecolor=_COLOURS.get(kind, style.QUIET)))
        axes.text(left + 0.22, top + _BAR / 2, kind.replace("_", " "), va="center", fontsize=9)
        axes.text(left + bar, top + _BAR / 2, hex(address), va="center", ha="right", fontsize=8.5,
                  family="monospace")
        if row + 1 < len(places):
            gap = units.human(address - places[row + 1][1], "byte")
            axes.text(left + 0.22, top + (_BAR + _ROW) / 2, f"{gap} below:", va="center",
                      fontsize=7.5, color=style.QUIET)
