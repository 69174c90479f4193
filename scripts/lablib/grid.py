"""Lays a Picture out as a table: rows are series, columns are x values, the ideal comes last.

Text only: cells are strings for people. `plain` and `markdown` print the grid.
"""

import dataclasses

from lablib import caption, cells, units
from lablib.frame import axes_of, shown

IDEAL = "ideal"
_NOTHING = "–"


@dataclasses.dataclass
class Grid:
    title: str
    keys: list        # names of the leading columns
    header: list      # names of the value columns
    rows: list        # lists of strings, one for each key and value column
    notes: list
    numeric: bool     # the value columns are numbers in order: neighbours may be merged
    across: str = ""  # what the columns are, and what is held at one value


_MOST_MARKDOWN_COLUMNS = 8


def lay_out(picture):
    """Returns the Grid of `picture`. Searched boundaries are told to the last digit."""
    number = units.name if picture.searched else units.human
    table = cells.summarise(picture)
    ideal = cells.ideals(table, picture)
    names = ["facet", *picture.free, "series", "x"]
    lookup = {tuple(row[name] for name in names): row for row in table.to_dict("records")}
    if picture.series == picture.x:
        return _one_column(picture, table, number)
    rows = []
    for group in _groups(picture, table):
        lead = [shown(picture, name, value)
                for name, value in zip((picture.facet, *picture.free), group) if name]
        for series in picture.order["series"]:
            line = [_cell(lookup.get((*group, series, x)), picture, number)
                    for x in picture.order["x"]]
            if set(line) != {_NOTHING}:
                rows.append([*lead, shown(picture, picture.series, series), *line])
        best = [ideal.get((*group, x)) for x in picture.order["x"]]
        if any(each is not None for each in best):
            rows.append([*lead, IDEAL, *(number(each, picture.unit) for each in best)])
    keys = [name for name in (picture.facet, *picture.free, picture.series) if name]
    header = [shown(picture, picture.x, each) for each in picture.order["x"]]
    numeric = all(units.number(each) is not None for each in picture.order["x"])
    return Grid(picture.title, keys, header, rows, picture.notes, numeric, _across(picture))


def _across(picture):
    """ "columns: block_bytes, size of one block; source = malloc"."""
    axis = axes_of(picture.experiment).get(picture.x)
    parts = [f"columns: {picture.x}, {axis['meaning']}"] if axis else []
    parts += [f"{name} = {shown(picture, name, value)}" for name, value in picture.fixed.items()]
    parts += [f"multiples of {caption.elsewhere(picture)}"] if picture.relative_to else []
    return units.printable("; ".join(parts))


def _one_column(picture, table, number):
    """The table of a view whose series are its x values: one row each, no column but the value."""
    names = [name for name in (picture.facet, *picture.free) if name]
    place = {value: index for index, value in enumerate(picture.order["series"])}
    lines = sorted(table.to_dict("records"), key=lambda row: place.get(row["series"], 0))
    rows = [[*(shown(picture, name, row["facet" if name == picture.facet else name])
               for name in names), shown(picture, picture.series, row["series"]),
             _cell(row, picture, number)] for row in lines]
    header = [units.words(picture.metric)]
    return Grid(picture.title, [*names, picture.series], header, rows, picture.notes, False)


def _groups(picture, table):
    """The combinations of facet and free parameters, in order."""
    names = ["facet", *picture.free]
    order = {value: index for index, value in enumerate(picture.order["facet"])}

    def rank(group):
        rest = [(units.number(each) is not None, units.number(each) or 0, str(each))
                for each in group[1:]]
        return [order.get(group[0], 0), *rest]

    return sorted(dict.fromkeys(map(tuple, table[names].to_numpy())), key=rank)


def _cell(row, picture, number):
    if row is None:
        return _NOTHING
    if row["status"]:
        return row["status"]
    middle = number(row["median"], picture.unit)
    if row.get("open"):
        return f"≤ {middle}"
    low, high = (number(row[end], picture.unit) for end in ("low", "high"))
    return middle if low == middle == high else f"{middle} [{low}, {high}]"


def merged(grid):
    """Returns the grid with neighbouring columns that agree in every row shown as one."""
    lead = len(grid.keys)
    columns = [[row[lead + index] for row in grid.rows] for index in range(len(grid.header))]
    spans = []
    for index, column in enumerate(columns):
        if spans and columns[spans[-1][0]] == column:
            spans[-1][1] = index
        else:
            spans.append([index, index])
    header = [grid.header[first] if first == last else f"{grid.header[first]} … {grid.header[last]}"
              for first, last in spans]
    rows = [row[:lead] + [row[lead + first] for first, _ in spans] for row in grid.rows]
    return dataclasses.replace(grid, header=header, rows=rows)


def plain(grid, most_columns=None):
    """Returns aligned text, names to the left, values to the right. Wider than `most_columns`
    characters, columns that agree are merged."""
    table = [[*grid.keys, *grid.header], *grid.rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(table[0]))]
    if grid.numeric and most_columns and sum(widths) + 2 * len(widths) > most_columns:
        return plain(merged(grid))
    lines = [grid.title, *([grid.across] if grid.across else []), ""]
    for row in table:
        lines.append("  ".join(
            text.ljust(width) if column < len(grid.keys) else text.rjust(width)
            for column, (text, width) in enumerate(zip(row, widths))).rstrip())
    return "\n".join(lines + [""] * bool(grid.notes) + [f"note: {note}" for note in grid.notes])


def markdown(grid):
    """Returns a GitHub table; of many columns those that agree are merged."""
    if grid.numeric and len(grid.header) > _MOST_MARKDOWN_COLUMNS:
        grid = merged(grid)
    lines = [f"**{_escaped(grid.title)}**" + (f" ({_escaped(grid.across)})" if grid.across else ""), "",
             "| " + " | ".join(map(_escaped, [*grid.keys, *grid.header])) + " |",
             "|" + "---|" * len(grid.keys) + "---:|" * len(grid.header)]
    lines += ["| " + " | ".join(map(_escaped, row)) + " |" for row in grid.rows]
    return "\n".join(lines + [""] * bool(grid.notes) + [f"- {_escaped(each)}" for each in grid.notes])


def _escaped(text):
    text = units.printable(text).replace("&", "&amp;").replace("<", "&lt;")
    return "".join("\\" + c if c in "\\|*_`[]" else c for c in text)
