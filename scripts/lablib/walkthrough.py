"""Draws the steps of `abcd_walkthrough` as pictures of the heap: as told beside as measured.

A row is a step; a bar is the heap from its start to its end, to scale: blocks in use, holes, and the
free top. Mapped blocks stand apart to the right. The line below each bar is as long as what is
resident, and it says in words what changed.
"""

import textwrap

import matplotlib

matplotlib.use("Agg")

import matplotlib.figure
import matplotlib.patches

from lablib import caption, heap_story, style, units

_COLOURS = {"a": "#0072B2", "b": "#009E73", "c": "#D55E00", "d": "#B0468B"}
_HOLE, _UNTOUCHED = {"facecolor": "#E4E4E4", "edgecolor": style.QUIET, "hatch": "////"}, {
    "facecolor": "none", "edgecolor": style.QUIET, "linestyle": (0, (3, 2))}
_OTHER = {"facecolor": "#FFF1C9", "edgecolor": "none"}
_MUCH = 8 << 10  # bytes: rounding to pages is no difference from the story
_COLUMN, _ROW, _NAMES, _HEAD, _FOOT = 4.6, 0.92, 1.0, 1.35, 0.85  # inches
_GAP = 0.06  # of the whole width, between the heap's end and the mapped blocks
_BAR_LOW, _BAR_HIGH, _RSS_AT, _WORDS_AT = 0.48, 0.86, 0.38, 0.14  # of a row's height


def pictures(result):
    """Yields (file stem, figure) when the result has runs of the experiment under glibc."""
    columns = heap_story.columns(result)
    if columns:
        yield "abcd_walkthrough-heap", draw(columns, caption.provenance(result))


def draw(columns, provenance):
    """Returns the figure of `columns`: [(title, steps)], all with the same names of steps."""
    with matplotlib.rc_context({**style.RC, "axes.grid": False, "hatch.linewidth": 0.5}):
        rows = len(columns[0][1])
        width, height = _NAMES + _COLUMN * len(columns) + 0.15, _HEAD + _ROW * rows + _FOOT
        figure = matplotlib.figure.Figure(figsize=(width, height))
        furthest = max(step.end for _, steps in columns for step in steps)
        mapped = max(sum(step.mapped.values()) for _, steps in columns for step in steps)
        whole = (furthest + mapped) / (1 - _GAP)
        for index, (title, steps) in enumerate(columns):
            axes = figure.add_axes(((_NAMES + index * _COLUMN) / width, _FOOT / height,
                                    (_COLUMN - 0.25) / width,
                                    _ROW * rows / height))
            axes.set(xlim=(0, whole), ylim=(rows, 0))
            axes.set_axis_off()
            figure.text((_NAMES + index * _COLUMN) / width, (_FOOT + _ROW * rows + 0.04) / height,
                        textwrap.fill(title, 50), weight="bold", fontsize=10, va="bottom")
            for row, step in enumerate(steps):
                if _differs(columns[0][1], steps, row):
                    axes.axhspan(row + 0.04, row + 0.99, **_OTHER)
                _step(axes, row, step, steps[row - 1] if row else None, furthest + _GAP * whole)
        for row, step in enumerate(columns[0][1]):
            figure.text(0.12 / width, (_FOOT + _ROW * (rows - row - 0.33)) / height,
                        _name(step, columns[0][1]), fontsize=10, va="center")
        _frame(figure, width, height, provenance)
        return figure


def _differs(told, steps, row):
    """True when the step changes what is resident by another amount than in the story."""
    def change(of):
        return of[row].resident - (of[row - 1].resident if row else 0)

    return abs(change(steps) - change(told)) > _MUCH


def _name(step, steps):
    letter = heap_story.block_of(step.name)
    if heap_story.is_free(step.name):
        return f"free {letter.upper()}"
    size = next(each.mapped.get(letter) or each.blocks[letter][1] for each in steps
                if letter in each.mapped or letter in each.blocks)
    return f"malloc {letter.upper()}\n{units.human(size, 'byte')}"


def _step(axes, row, step, before, mapped_from):
    _box(axes, row, 0, step.written, **_HOLE)
    _box(axes, row, step.written, step.end - step.written, **_UNTOUCHED)
    place = mapped_from
    inside = [(letter, start, size) for letter, (start, size) in step.blocks.items()]
    for letter, size in step.mapped.items():
        inside.append((letter, place, size))
        place += size
    for letter, start, size in inside:
        _box(axes, row, start, size, facecolor=_COLOURS[letter], edgecolor="white")
        axes.text(start + size / 2, row + 1 - (_BAR_LOW + _BAR_HIGH) / 2, letter.upper(),
                  color="white", weight="bold", ha="center", va="center")
    axes.plot([step.end] * 2, [row + 1 - _BAR_LOW + 0.07, row + 1 - _BAR_HIGH - 0.07],
              color=style.INK, linewidth=2.4, solid_capstyle="butt")
    axes.plot([0, step.resident], [row + 1 - _RSS_AT] * 2, color=style.INK, linewidth=3,
              solid_capstyle="butt")
    axes.text(0, row + 1 - _WORDS_AT, _words(step, before), fontsize=8.5, color=style.INK,
              va="center")


def _box(axes, row, start, size, **look):
    if size > 0:
        axes.add_patch(matplotlib.patches.Rectangle(
            (start, row + 1 - _BAR_HIGH), size, _BAR_HIGH - _BAR_LOW, **look))


def _words(step, before):
    """ "RSS 168 KiB (−200 KiB) · heap −140 KiB · munmap"."""
    parts = [f"RSS {units.human(step.resident, 'byte')}{_change(step, before, 'resident')}",
             f"heap {units.human(step.end, 'byte')}{_change(step, before, 'end')}"]
    parts += [each if count == 1 else f"{count} × {each}" for each, count in step.calls.items()]
    if heap_story.is_free(step.name) and before and step.resident == before.resident:
        parts.append("nothing given back")
    return " · ".join(parts)


def _change(step, before, field):
    by = getattr(step, field) - (getattr(before, field) if before else 0)
    if not by or not before:
        return ""
    return f" ({'+' if by > 0 else '−'}{units.human(abs(by), 'byte')})"


def _frame(figure, width, height, provenance):
    at = 0.12 / width
    figure.text(at, 1 - 0.1 / height, "Blocks A, B, C and D come and go: the heap after each step",
                va="top", fontsize=13, weight="bold")
    patch = matplotlib.patches.Patch
    line = matplotlib.lines.Line2D
    figure.legend(
        [patch(facecolor=_COLOURS["a"]), patch(**_HOLE), patch(**_UNTOUCHED),
         line([], [], color=style.INK, marker="|", markersize=13, markeredgewidth=2.4,
              linestyle="none"), line([], [], color=style.INK, linewidth=3),
         patch(**_OTHER)],
        ["block in use", "freed, kept", "top of the heap, never touched",
         "end of the heap (C is mapped apart from it)", "as long as what is resident (RSS)", "another change than told"],
        loc="upper left", ncol=6, bbox_to_anchor=(at, 1 - 0.4 / height), borderaxespad=0,
        columnspacing=1.6)
    figure.text(at, 0.12 / height, "\n".join([
        "Question: does the heap do what the well-known picture of blocks A, B, C and D says? All "
        "bars are to one scale; every block is written whole.",
        "RSS is RSS anon since the first mark. \"As told\" is drawn from the story: 128 KiB or more "
        "are mapped, more than 128 KiB free at the end are given back.",
        *textwrap.wrap(f"Run: {provenance}", int(width * 15.6))]), fontsize=7.8, color=style.QUIET, linespacing=1.4, va="bottom")
