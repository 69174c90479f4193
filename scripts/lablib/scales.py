"""Axes of pictures: where values lie, and what their ticks say."""

import math

import matplotlib.ticker

from lablib import units
from lablib.frame import shown

_FEW = 4          # fewer distinct x values than this are drawn as names, not as an axis
_WIDE = 100       # a value range wider than this factor gets a logarithmic axis
_WIDE_RATIO = 8   # the same for multiples: twice and half lie equally far from ×1
_UNLIKE = 8       # panels by phase whose highest values differ by more get their own scale
_FLATTENS = 3     # a yardstick this many times above all others leaves the axis
_MOST_TICKS = 7
_MOST_NUMBERS = 18  # phases that have a number below a panel
_CROWDED, _FEW_ENOUGH = 0.05, 8  # so few values, two of them this near on the axis, are drawn as names
_LETTER, _BETWEEN = 0.068, 0.1   # inches: a tick label's letter, and the least room between labels


def numeric_x(picture):
    """True when x is drawn as a numeric axis: enough values, all numbers, none hiding another."""
    values = [units.number(each) for each in picture.order["x"]]
    return (picture.x != "phase" and len(values) >= _FEW and None not in values
            and not (len(values) <= _FEW_ENOUGH and _nearest(values) < _CROWDED))


def _logarithmic(numbers):
    positive = [each for each in numbers if each > 0]
    return min(numbers) >= 0 and bool(positive) and max(positive) / min(positive) >= 16


def _share(numbers):
    """Returns the function from a number to its place between 0 and 1 on the axis of `numbers`."""
    least = min((each for each in numbers if each > 0), default=1)
    scale = (lambda each: math.log(each / least) + 1 if each >= least else each / least) \
        if _logarithmic(numbers) else float
    low, high = scale(min(numbers)), scale(max(numbers))
    return lambda each: (scale(each) - low) / ((high - low) or 1)


def _nearest(numbers):
    share = _share(numbers)
    places = sorted(map(share, set(numbers)))
    return min((after - before for before, after in zip(places, places[1:])), default=1)


def ordered_x(picture):
    """True when x has a sense, so that a line from one value to the next says something."""
    return picture.x == "phase" or None not in [units.number(each) for each in picture.order["x"]]


def names_x(picture):
    """The labels of an axis of names. Of many phases, which are numbers, not every one is said."""
    labels = [shown(picture, picture.x, value) for value in picture.order["x"]]
    if picture.x != "phase" or not all(map(str.isdigit, labels)):
        return labels
    step = math.ceil(len(labels) / _MOST_NUMBERS)
    return [label if index % step == 0 else "" for index, label in enumerate(labels)]


def set_x(axes, picture):
    """Scales and labels the x axis. Returns the function from an x value to its position."""
    order = picture.order["x"]
    if not numeric_x(picture):
        place = {value: index for index, value in enumerate(order)}
        labels = names_x(picture)
        turned = sum(map(len, labels)) > 34
        axes.set_xticks(range(len(order)), labels, rotation=30 if turned else 0,
                        ha="right" if turned else "center", rotation_mode="anchor")
        axes.set_xlim(-0.5, max(len(order), 1) - 0.5)
        axes.tick_params(axis="x", length=0)
        return place.__getitem__
    numbers = [units.number(each) for each in order]
    positive = [each for each in numbers if each > 0]
    if _logarithmic(numbers):
        base = 2 if picture.x_unit == "byte" else 10
        if min(numbers) > 0:
            axes.set_xscale("log", base=base)
        else:
            axes.set_xscale("symlog", base=base, linthresh=min(positive))
        ticks = _thinned(numbers if base == 10 else _powers(numbers))
    else:
        ticks = _thinned(numbers)
    width = axes.get_position().width * axes.figure.get_figwidth()
    ticks = _apart(ticks, _share([*numbers, *ticks]), picture.x_unit, width)
    axes.set_xticks(ticks, [units.human(each, picture.x_unit) for each in ticks])
    axes.xaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    return units.number


def _powers(numbers):
    low = math.floor(math.log2(min(each for each in numbers if each > 0)))
    high = math.ceil(math.log2(max(numbers)))
    return ([0] if min(numbers) == 0 else []) + [2 ** each for each in range(low, high + 1)]


def _thinned(ticks):
    step = math.ceil(len(ticks) / _MOST_TICKS)
    return ticks[::step]


def _apart(ticks, share, unit, width):
    """Leaves out ticks whose labels would touch in a panel of `width` inches."""
    kept = []
    for tick in sorted(ticks):
        room = _LETTER * len(units.human(tick, unit)) + _BETWEEN
        if not kept or (share(tick) - share(kept[-1])) * width >= room:
            kept.append(tick)
    return kept


def shared_y(picture):
    """False when panels by phase need a scale of their own: the largest would flatten the others."""
    highest = picture.frame["value"].abs().groupby(picture.frame["facet"]).max()
    highest = highest[highest > 0]
    return picture.x != "phase" or len(highest) < 2 or highest.max() <= _UNLIKE * highest.min()


def fitted(picture, rows):
    """The rows that the y axis is made for: all but a yardstick's where it would flatten the others."""
    marks = rows["series"].isin(
        arm for arm, each in picture.result.arms.items() if each.get("role") == "yardstick")
    highest, least = rows[marks]["value"].max(), rows[~marks]["value"].max()
    return rows[~marks] if least > 0 and highest > _FLATTENS * least else rows


def set_y(axes, picture, values):
    """Scales and labels the y axis for `values`. Returns True when it is logarithmic."""
    unit = picture.unit
    wide_factor = _WIDE if not picture.relative_to else _WIDE_RATIO
    sizes = [abs(each) for each in values if each]
    wide = bool(sizes) and (picture.x != "phase" or picture.relative_to) and (
        picture.searched or max(sizes) / min(sizes) > wide_factor)
    if wide:
        _logarithmic_y(axes, values, sizes, unit)
    else:
        _linear_y(axes, values, unit)
    axes.yaxis.set_minor_locator(matplotlib.ticker.NullLocator())
    axes.yaxis.set_major_formatter(
        matplotlib.ticker.FuncFormatter(lambda value, _: units.human(value, unit)))
    return wide


def _logarithmic_y(axes, values, sizes, unit):
    base = 2 if unit == "byte" else 10
    low = math.floor(math.log(min(sizes), base) + 1e-9)
    high = math.ceil(math.log(max(sizes), base) - 1e-9)
    axes.set_yscale("symlog", base=base, linthresh=float(base) ** low, linscale=0.6)
    step = math.ceil((high - low + 1) / (_MOST_TICKS - 1))
    ticks = [float(base) ** each for each in range(low, high + 1, step)]
    below = [-each for each in ticks] if min(values) < 0 else []
    axes.set_yticks(sorted({*below, 0.0, *ticks}))
    bottom = -1.2 * max(sizes) if below else (
        -0.25 * float(base) ** low if 0 in values else min(sizes) / 1.3)
    axes.set_ylim(bottom, max(sizes) * (2.0 if base == 2 else 2.5))


def _linear_y(axes, values, unit):
    low, high = min([*values, 0.0]), max([*values, 0.0])
    if low == high:
        high = 1.0  # nothing but zeros: one whole step, so that no tick divides what cannot be
    span = high - low
    if unit == "address":
        axes.set_ylim(0, high * 1.08)
    else:
        axes.set_ylim(low - (0.06 * span if low < 0 else 0.03 * span), high + 0.14 * span)
    if unit in ("byte", "address"):
        step = 2.0 ** math.ceil(math.log2(span / (_MOST_TICKS - 1)))
        axes.yaxis.set_major_locator(matplotlib.ticker.MultipleLocator(max(step, 1.0)))
    else:
        axes.yaxis.set_major_locator(
            matplotlib.ticker.MaxNLocator(_MOST_TICKS - 1, integer=unit == "count"))
