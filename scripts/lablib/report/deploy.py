"""The exact line that puts a side to work, as its runs were started."""

import shlex

_PROGRAM = "your-program"


def line(result, arm, knobs=""):
    """Returns (shell line, note) for an arm with knobs as sides.per_run writes them."""
    runs = result.runs
    mine = runs[(runs["arm"] == arm) & (runs["status"] == "ok")]
    wanted = dict(setting.split("=", 1) for setting in knobs.split() if "=" in setting)
    for column in mine:
        if column.startswith("knob."):
            value = wanted.get(column[len("knob."):])
            mine = mine[mine[column].isna() | (mine[column] == (value or "absent"))]
    if mine.empty:
        return None, "it was never run with these knobs alone"
    words = [f"{name}={shlex.quote(value)}" for name, value in mine["variables"].iloc[0].items()]
    if not words:
        return _PROGRAM, "nothing to deploy: this is the allocator that libc brings"
    return " ".join([*words, _PROGRAM]), ""
