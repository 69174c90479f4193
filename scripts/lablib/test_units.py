"""Numbers are read as the record writes them and shown as people write them."""

import pytest

from lablib import units


@pytest.mark.parametrize("text, number", [
    ("4096", 4096), ("64KiB", 65536), ("1MiB", 1 << 20), ("-1", -1), ("2GiB", 2 << 30),
    ("all", None), ("absent", None), ("1.5MiB", None), ("64kb", None), ("", None)])
def test_parameters_are_numbers_or_words(text, number):
    assert units.number(text) == number


@pytest.mark.parametrize("value, unit, text", [
    (0, "byte", "0 B"), (1, "byte", "1 B"), (1536, "byte", "1.5 KiB"), (1 << 20, "byte", "1 MiB"),
    (-4096, "byte", "-4 KiB"), (1023, "byte", "1023 B"), (1048575, "byte", "1024 KiB"),
    (0, "ns", "0 ns"), (1500, "ns", "1.5 µs"), (2.5e9, "ns", "2.5 s"), (23, "count", "23"),
    (1234567, "count", "1.23 M"), (0, "count", "0"), (0.5, "count", "0.5"),
    (0x7F0000000000, "address", "0x7f0000000000"), (10, "percent", "10 %"), (30, "ms", "30 ms"),
    (None, "byte", "–"), (float("nan"), "ns", "–")])
def test_values_are_shown_with_their_unit(value, unit, text):
    assert units.human(value, unit) == text


def test_boundaries_are_shown_to_the_last_digit():
    assert units.exact(131049, "byte") == "131049 B"


@pytest.mark.parametrize("value, text", [
    (1 << 20, "1 MiB"), (1536, "1.5 KiB"), (1033, "1033 B"), (200000, "200000 B"), (0, "0 B"),
    (45 << 20, "45 MiB")])
def test_a_case_is_named_by_all_of_its_bytes(value, text):
    assert units.name(value, "byte") == text


def test_metrics_are_named_in_words():
    assert units.words("rss_anon_bytes") == "RSS anon"
    assert units.words("wall_ns") == "wall time"
    assert units.words("mmap_calls_count") == "mmap calls"
    assert units.words("live_bytes") == "live bytes"


def test_control_characters_do_not_reach_a_terminal_or_a_picture():
    assert units.printable("a\x1b[31mb\x00\n") == "a\ufffd[31mb\ufffd\ufffd"
