"""Where the parts of a figure lie, in inches: title, legend, a grid of panels, caption."""

import dataclasses
import math
import textwrap

from lablib import scales, units

MARGIN = 0.12
HEAD_LINE, LINE, SMALL_LINE = 0.2, 0.165, 0.148  # a line of the title, the subtitle, the caption
_PANEL_WIDTH, _PANEL_HEIGHT, _MOST_COLUMNS = 3.3, 2.5, 3
_LEFT, _RIGHT, _GAP_X, _GAP_Y, _TICKS, _LABEL = 1.0, 0.15, 0.3, 0.62, 0.45, 0.3
_ADDRESS = 0.55  # by which the label of an address is longer than others


@dataclasses.dataclass
class Place:
    """A panel: which picture and facet, in which row and column."""

    picture: object
    facet: str
    row: int
    column: int
    last: bool  # nothing of the same picture below it


@dataclasses.dataclass
class Layout:
    width: float
    height: float
    head: list
    quiet: list
    foot: list
    legend_columns: int
    panels: list
    grid: dict  # what add_gridspec wants


def plan(pictures, subtitle, caption, labels):
    """Returns the Layout of a figure with `labels` in its legend."""
    panels = _places(pictures)
    rows, columns = (1 + max(getattr(each, side) for each in panels) for side in ("row", "column"))
    longer = _ADDRESS * any(each.unit == "address" for each in pictures)
    own_scales = not all(map(scales.shared_y, pictures))
    gap = _GAP_X + (_TICKS + longer) * own_scales + (_TICKS + _LABEL + longer) * side_by_side(pictures)
    left = _LEFT + longer
    width = max(7.2, left + _RIGHT + columns * _PANEL_WIDTH + (columns - 1) * gap)
    head = textwrap.wrap(units.printable(pictures[0].title), int(width * 10))
    quiet = textwrap.wrap(subtitle, int(width * 14))
    foot = [line for each in caption for line in textwrap.wrap(units.printable(each), int(width * 15.6))]
    legend_columns = max(1, int(width / (0.66 + 0.066 * max(map(len, labels), default=0))))
    titled = bool(pictures[0].facet)
    room = max(map(label_room, pictures))
    top = (HEAD_LINE * len(head) + LINE * len(quiet) + 0.26 * math.ceil(len(labels) / legend_columns)
           + (0.3 if titled else 0.15) + 0.1)
    bottom = MARGIN + SMALL_LINE * len(foot) + (0.55 if foot else 0.45) + room
    height = top + bottom + rows * _PANEL_HEIGHT + (rows - 1) * (_GAP_Y + room)
    grid = {"nrows": rows, "ncols": columns, "left": left / width, "right": 1 - _RIGHT / width,
            "top": 1 - top / height, "bottom": bottom / height, "wspace": gap / _PANEL_WIDTH,
            "hspace": (_GAP_Y + room) / _PANEL_HEIGHT}
    return Layout(width, height, head, quiet, foot, legend_columns, panels, grid)


def side_by_side(pictures):
    """True when several metrics without facets stand in one row, each with its own scale and name."""
    return len(pictures) > 1 and all(len(each.order["facet"]) < 2 for each in pictures)


def _places(pictures):
    """Facets in rows of at most three; each picture begins a row, unless all fit side by side."""
    if side_by_side(pictures):
        columns = 2 if len(pictures) == 4 else _MOST_COLUMNS
        return [Place(each, (each.order["facet"] or [""])[0], *divmod(index, columns), True)
                for index, each in enumerate(pictures)]
    places, row = [], 0
    for picture in pictures:
        facets = picture.order["facet"] or [""]
        columns = 2 if len(facets) == 4 else _MOST_COLUMNS
        for index, facet in enumerate(facets):
            below, column = divmod(index, columns)
            places.append(Place(picture, facet, row + below, column, index + columns >= len(facets)))
        row = places[-1].row + 1
    return places


def label_room(picture):
    """What turned names below the x axis need."""
    if scales.numeric_x(picture):
        return 0.0
    labels = [units.printable(each) for each in scales.names_x(picture)]
    return min(1.2, 0.036 * max(map(len, labels), default=0)) if sum(map(len, labels)) > 34 else 0.0
