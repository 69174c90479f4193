"""The picture of the choice: footprint against cost, both relative to the base, with intervals."""

import matplotlib
import matplotlib.figure
import matplotlib.ticker
import numpy

from lablib import style, units

_SAME = 0.004        # log units: closer points share a label
_LEAST_SPAN = 1.06   # an axis shows at least six percent, so that noise does not look like a difference


def draw(found, frontier, base, footprint_label, cost_label):
    """Returns a figure of Candidates: lower left is better; the frontier is joined."""
    known = [each for each in found if each.footprint and each.cost]
    with matplotlib.rc_context({**style.RC, "axes.grid.axis": "both"}):
        figure = matplotlib.figure.Figure(figsize=(5.6, 4.4), layout="constrained")
        axes = figure.add_subplot()
        looks = style.looks([each.side for each in known])
        for each in known:
            _point(axes, each, looks[each.side])
        edge = sorted(((each.footprint.value, each.cost.value) for each in known
                       if each.side in frontier))
        axes.plot(*zip(*edge), color=style.IDEAL, linestyle=(0, (4, 2)), linewidth=1.2, zorder=2)
        _scale(axes, known)
        axes.axvline(1, color=style.QUIET, linewidth=0.8, zorder=1)
        axes.axhline(1, color=style.QUIET, linewidth=0.8, zorder=1)
        axes.set_xlabel(f"{footprint_label} relative to {units.printable(base)}  (left is smaller)")
        axes.set_ylabel(f"{cost_label} relative to {units.printable(base)}  (down is less)")
        figure.draw_without_rendering()
        _name_points(axes, known)
        return figure


def _point(axes, each, look):
    colour, marker = look
    x, y = each.footprint, each.cost
    axes.errorbar(x.value, y.value, xerr=[[x.value - x.low], [x.high - x.value]],
                  yerr=[[y.value - y.low], [y.high - y.value]], color=colour, marker=marker,
                  markersize=8 * style.SIZES.get(marker, 1), markeredgecolor="white", elinewidth=1.4, zorder=4)


def _name_points(axes, known):
    """One label for points that lie on each other; labels keep off other labels and points."""
    groups = []
    for each in sorted(known, key=lambda each: (each.footprint.value, each.cost.value)):
        place = numpy.log([each.footprint.value, each.cost.value])
        near = next((group for group in groups if numpy.abs(group[0] - place).max() < _SAME), None)
        if near:
            near[1].append(each.side)
        else:
            groups.append((place, [each.side]))
    spots = [axes.transData.transform(numpy.exp(place)) * 72 / axes.figure.dpi for place, _ in groups]
    taken = [(x - 5, y - 5, x + 5, y + 5) for x, y in spots]
    for (place, names), (x, y) in zip(groups, spots):
        text = units.printable(", ".join(names))
        room = 5.4 * len(text)
        choices = [(8, 6), (8, -14), (-8 - room, 6), (-8 - room, -14), (8, 18), (8, -26)]
        offset = next((each for each in choices if _free(_box(x, y, each, room), taken)), choices[0])
        taken.append(_box(x, y, offset, room))
        axes.annotate(text, numpy.exp(place), xytext=offset, textcoords="offset points",
                      color=style.INK, fontsize=9)


def _box(x, y, offset, room):
    left, bottom = x + offset[0], y + offset[1] - 2
    return left, bottom, left + room, bottom + 12


def _free(box, taken):
    return not any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]
                   for other in taken)


def _scale(axes, known):
    for axis, name in ((axes.xaxis, "footprint"), (axes.yaxis, "cost")):
        ends = [getattr(getattr(each, name), part) for each in known for part in ("low", "high")]
        low, high = min([*ends, 1.0]), max([*ends, 1.0])
        room = max(high / low, _LEAST_SPAN) ** 0.12
        if high / low < _LEAST_SPAN:
            low, high = low / _LEAST_SPAN ** 0.5, high * _LEAST_SPAN ** 0.5
        limits = (low / room, high * room ** 1.6)
        if axis is axes.xaxis:
            axes.set_xscale("log", base=2)
            axes.set_xlim(*limits)
        else:
            axes.set_yscale("log", base=2)
            axes.set_ylim(*limits)
        axis.set_major_locator(matplotlib.ticker.FixedLocator(_ticks(*limits)))
        axis.set_major_formatter(matplotlib.ticker.FuncFormatter(lambda value, _: f"×{value:.3g}"))
        axis.set_minor_locator(matplotlib.ticker.NullLocator())


def _ticks(low, high):
    """Three to eight round ratios within the limits."""
    for steps in (2.0 ** numpy.arange(-8, 9), 2.0 ** numpy.arange(-4, 4.5, 0.5),
                  numpy.arange(0.2, 4, 0.2), numpy.arange(0.5, 2, 0.1), numpy.arange(0.5, 2, 0.05),
                  numpy.arange(0.5, 2, 0.02), numpy.arange(0.5, 2, 0.01)):
        inside = [each for each in steps if low <= each <= high]
        if len(inside) >= 3:
            break
    return inside[::-(-len(inside) // 8)]
