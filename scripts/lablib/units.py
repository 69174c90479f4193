"""Numbers with units, as the record spells them and as people read them."""

import math
import re

_NUMBER = re.compile(r"(-?\d+)(KiB|MiB|GiB)?")
_FACTOR = {None: 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_BYTE_STEPS = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"), (1, "B"))
_TIME_STEPS = ((1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1, "ns"))
_COUNT_STEPS = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1, ""))
RATIO = "ratio"  # of two numbers of one unit; no metric has it
_PLAIN_SUFFIX = {"percent": " %", "ms": " ms", "second": " s", "s": " s"}


def number(text):
    """Returns the integer that a parameter's text spells ("64KiB", "-1"), None when it is a word."""
    match = _NUMBER.fullmatch(str(text))
    return int(match[1]) * _FACTOR[match[2]] if match else None


def printable(text):
    """Text from outside without control characters: safe in a terminal, in XML and in a picture."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in str(text))


def human(value, unit):
    """Returns `value` as a person reads it: "1.25 MiB", "3.4 ms", "23"; "–" when it is missing."""
    if value is None or math.isnan(value):
        return "–"
    if unit == "address":
        return hex(int(value))
    if unit == "byte":
        return _stepped(value, _BYTE_STEPS)
    if unit == "ns":
        return _stepped(value, _TIME_STEPS)
    if unit == RATIO:
        return f"×{value:.3g}"
    if unit == "token" or (abs(value) < 1e5 and value == int(value)):
        return f"{int(value)}" + _PLAIN_SUFFIX.get(unit, "")
    if unit in _PLAIN_SUFFIX or abs(value) < 1e3:
        return f"{value:.3g}" + _PLAIN_SUFFIX.get(unit, "")
    return _stepped(value, _COUNT_STEPS)


def exact(value, unit):
    """Returns `value` to the last digit: "131049 B"."""
    if value is None or math.isnan(value):
        return "–"
    suffix = {"byte": " B", "ns": " ns"}.get(unit, _PLAIN_SUFFIX.get(unit, ""))
    return (f"{int(value)}" if value == int(value) else f"{value:g}") + suffix


def name(value, unit):
    """Returns `value` as `human` does where that says all of it, else to the last digit: it names a case."""
    text = human(value, unit)
    factor = {suffix: step for step, suffix in _BYTE_STEPS}.get(text.rsplit(" ", 1)[-1])
    if unit != "byte" or factor is None or float(text.split()[0]) * factor == value:
        return text
    return exact(value, unit)


def _stepped(value, steps):
    if value == 0:
        return f"0 {steps[-1][1]}".rstrip()
    factor, suffix = next((step for step in steps if abs(value) >= step[0]), steps[-1])
    scaled = value / factor
    if scaled == int(scaled):
        digits = f"{int(scaled)}"
    else:
        digits = f"{scaled:.4g}" if abs(scaled) >= 1000 else f"{scaled:.3g}"
    return f"{digits} {suffix}".rstrip()


def words(name):
    """Returns "RSS anon" for "rss_anon_bytes": the unit is said elsewhere."""
    if name == "live_bytes":  # "live" alone says nothing
        return "live bytes"
    name = re.sub(r"_ns$", "_time", name)
    text = re.sub(r"_(bytes|count|ms|percent|address)$", "", name).replace("_", " ")
    return re.sub(r"\b(rss|vsz|pss|uss|cpu|thp)\b", lambda match: match[0].upper(), text)
