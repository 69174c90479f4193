"""Axes: no label over another, no tick between whole things, no case hidden behind another."""

import types

import matplotlib.figure
import pytest

from lablib import scales

BYTES = {"params": [{"name": "limit_bytes", "unit": "byte", "meaning": ""}], "knobs": []}


def picture(values, unit="count"):
    return types.SimpleNamespace(x="limit_bytes", x_unit="byte", order={"x": values}, unit=unit,
                                 experiment=BYTES, searched=False, relative_to="")


def panel(inches=2.5):
    return matplotlib.figure.Figure(figsize=(inches, 2)).add_axes([0, 0, 1, 1])


def ticks(axis):
    return [label.get_text() for label in axis.get_ticklabels()]


@pytest.mark.parametrize("values, drawn", [
    (["64KiB", "256KiB", "1MiB", "4MiB"], True),       # an axis
    (["64KiB", "1MiB", "4MiB"], False),                # too few
    (["1KiB", "1032", "1033", "4000"], False),         # would lie on each other
    (["30MiB", "36MiB", "40MiB", "160MiB"], False),
    (["64KiB", "all", "1MiB", "4MiB"], False)])        # a word
def test_values_are_drawn_as_numbers_where_each_can_be_told_from_the_next(values, drawn):
    assert scales.numeric_x(picture(values)) is drawn


def test_names_of_cases_are_told_to_the_last_digit():
    axes = panel()
    scales.set_x(axes, picture(["4KiB", "4097", "8KiB"]))
    assert ticks(axes.xaxis) == ["4 KiB", "4097 B", "8 KiB"]


def test_labels_that_would_touch_are_left_out():
    axes = panel()
    scales.set_x(axes, picture([f"{each}KiB" for each in (100, 101, 102, 103, 104, 105, 300, 400, 500)]))
    places = axes.xaxis.get_majorticklocs()
    assert places[0] == 100 * 1024
    assert all((after - before) / (400 * 1024) * 2.5 > 0.4 for before, after in zip(places, places[1:]))


def test_nothing_but_zeros_has_whole_ticks():
    axes = panel()
    scales.set_y(axes, picture([]), [0.0, 0.0])
    low, high = axes.get_ylim()
    assert [each for each in axes.get_yticks() if low <= each <= high] == [0, 1]


def test_addresses_have_round_ticks_from_zero():
    axes = panel()
    scales.set_y(axes, picture([], "address"), [0x7FFFFFFFF000])
    assert axes.get_ylim()[0] == 0
    assert all(int(each) % (1 << 44) == 0 for each in axes.get_yticks())
