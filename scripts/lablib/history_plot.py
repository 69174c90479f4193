"""Draws series over results: one picture for each experiment and metric, one panel for each phase."""

import numpy

from lablib import figure, style, units

MAX_LINES = 6
MAX_PANELS = 6


def draw(series, labels, unit, colours):
    """Returns a matplotlib figure of Series that share experiment and metric."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    phases = list(dict.fromkeys(each.phase for each in series))[:MAX_PANELS]
    with pyplot.rc_context(style.RC):
        drawn, panels = pyplot.subplots(len(phases), 1, sharex=True, squeeze=False, layout="constrained",
                                        figsize=(max(8, 1.5 + 0.5 * len(labels)), 1.2 + _height(series, phases)))
        first = series[0]
        drawn.suptitle(f"{units.printable(first.experiment)}: {units.words(first.metric)}", x=0.01,
                       ha="left", fontsize=11)
        for axes, phase in zip(panels[:, 0], phases):
            _panel(axes, [each for each in series if each.phase == phase], phase, unit, colours)
        panels[-1, 0].set_xticks(range(len(labels)), [units.printable(each) for each in labels],
                                 rotation=45, ha="right")
    return drawn


def _height(series, phases):
    """In inches: each panel and the legend below it."""
    lines = [min(MAX_LINES, sum(each.phase == phase for each in series)) for phase in phases]
    return sum(2.1 + 0.19 * count for count in lines)


def save(drawn, stem):
    return figure.save(drawn, stem)


def _panel(axes, series, phase, unit, colours):
    """Lines with changes come first; what does not fit is said, not dropped silently."""
    series = sorted(series, key=lambda each: -len(each.changes))
    for each in series[:MAX_LINES]:
        colour, marker = colours[each.where]
        x = numpy.arange(len(each.medians))
        axes.fill_between(x, each.low, each.high, color=colour, alpha=0.15, linewidth=0)
        axes.plot(x, each.medians, marker=marker, markersize=4, color=colour, linewidth=1.2,
                  label=units.printable(each.where) or None)
        for change in each.changes:
            _mark(axes, change, colour)
    rest = len(series) - MAX_LINES
    title = units.printable(phase) + (f" ({rest} more lines not drawn)" if rest > 0 else "")
    axes.yaxis.set_major_formatter(lambda value, _: units.human(value, unit))
    if any(each.where for each in series):
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), fontsize=8, frameon=False, title=title, title_fontsize=9,
                    alignment="left", borderaxespad=0)
    else:
        axes.set_title(title, loc="left", fontsize=9)


def _mark(axes, change, colour):
    axes.axvline(change.at - 0.5, color=colour, linestyle="--", linewidth=1)
    axes.annotate(change.size, (change.at - 0.5, 1), xycoords=("data", "axes fraction"), xytext=(3, -2),
                  textcoords="offset points", va="top", fontsize=8, color=colour)
