"""Aligns runs into numbers that can be compared: point and phase × side × block × metric.

A value is reduced within its process first. Rows of runs that did not end well are left out here
and counted, so that nothing silently shrinks.
"""

import dataclasses

import numpy
import pandas

from lablib.columns import CHECKSUM
from lablib.errors import BadInput

START = "start"  # the pseudo-phase of gauges at the first mark
EVERY = "*"  # stands for all phases of a point whose every run failed
BAD = ("failed", "timeout", "oom_killed", "invalid")


@dataclasses.dataclass
class Cube:
    """values[cell, side, block, metric]; a cell is a (point, phase), named by `cells`.

    `ran[side, block]` says where a run was made, however it ended; `ok` and `bad` count runs by
    [point, side]; `environments` holds the ids seen there as sets of
    (source, environment, allocator, arm).
    """

    metrics: list
    sides: list
    points: pandas.DataFrame  # one row a point
    cells: pandas.DataFrame  # columns: point, phase
    blocks: pandas.DataFrame  # one row a block
    values: numpy.ndarray
    ran: numpy.ndarray
    ok: numpy.ndarray
    bad: numpy.ndarray
    reasons: dict
    environments: dict


def build(results, runs, factor_column, point_columns, metrics, since_start=True,
          block_columns=("source", "block")):
    """Returns the Cube of `runs` (from compare_sides.gather) for the named metrics.

    Rows that agree in `block_columns` are one block: the default keeps results apart.
    """
    runs = runs[runs[factor_column].notna()].reset_index(drop=True)
    point, points = _codes(runs, point_columns)
    sides = list(dict.fromkeys(runs[factor_column]))
    side = runs[factor_column].map({name: i for i, name in enumerate(sides)}).to_numpy()
    block, blocks = _codes(runs, list(block_columns))
    _refuse_duplicates(runs, point, side, block)
    placed = runs.assign(point=point, side=side, block_code=block)
    ok = placed["status"] == "ok"
    shape = (len(points), len(sides))
    values = _reduced(results, placed[ok], metrics, since_start)
    cell, cells = _codes(values, ["point", "phase"])
    cells = _with_lost_points(cells, len(points))
    dense = numpy.full((len(cells), len(sides), len(blocks), len(metrics)), numpy.nan)
    dense[cell, values["side"], values["block_code"]] = values[metrics].to_numpy()
    bad = placed["status"].isin(BAD)
    ran = numpy.zeros((len(sides), len(blocks)), dtype=bool)
    ran[side, block] = True
    return Cube(metrics, sides, points, cells, blocks, dense, ran,
                _count(placed[ok], shape), _count(placed[bad], shape), _reasons(placed[~ok]),
                _environments(placed))


def _codes(frame, columns):
    """Returns (code of each row, frame of the distinct rows in order of appearance)."""
    code = numpy.zeros(len(frame), dtype=numpy.int64)
    for column in columns:
        part, names = pandas.factorize(frame[column].to_numpy(), use_na_sentinel=False)
        code = pandas.factorize(code * max(1, len(names)) + part)[0]
    first = numpy.unique(code, return_index=True)[1]
    return code, frame.iloc[first][columns].reset_index(drop=True)


def _refuse_duplicates(runs, point, side, block):
    key = pandas.DataFrame({"point": point, "side": side, "block": block})
    twice = key.duplicated()
    if twice.any():
        row = runs.iloc[int(numpy.argmax(twice))]
        raise BadInput(f"run {row['run']}", "another run has the same point, side and block",
                       "compare by a factor that tells these runs apart, or merge shards once")


def _reduced(results, runs, metrics, since_start):
    """One row for each run and phase, with a column for each metric."""
    frames = []
    for source, result in enumerate(results):
        mine = runs[runs["source"] == source]
        place = numpy.full(len(result.runs), -1)
        place[mine["row"]] = numpy.arange(len(mine))
        for frame in (_phases(result, metrics, since_start), _starts(result, metrics)):
            at = place[frame["row"].to_numpy()]
            frame = frame[at >= 0].reset_index(drop=True)
            for column in ("point", "side", "block_code"):
                frame[column] = mine[column].to_numpy()[at[at >= 0]]
            frames.append(frame)
    return pandas.concat(frames, ignore_index=True)


def _phases(result, metrics, since_start):
    values = result.values
    frame = pandas.DataFrame({"row": values["row"], "phase": values["phase"]})
    columns = {name: _numbers(values, name) for name in metrics}
    frame = pandas.concat([frame, pandas.DataFrame(columns, index=frame.index)], axis=1)
    if (values["occurrence"] > 0).any():
        frame = _one_of_each(frame, values["occurrence"], result, metrics)
    if since_start:
        for name in metrics:
            if name in result.starts and _is_level(result, name):
                frame[name] -= result.starts[name].to_numpy()[frame["row"]]
    _drop_times_of_counted_runs(frame, result, metrics)
    return frame


def _numbers(values, name):
    """A metric's column as floats. A checksum is folded so that every bit of it still counts."""
    if name not in values:
        return numpy.nan
    if name == CHECKSUM:
        return values[name].map(_folded, na_action="ignore").to_numpy(float)
    return values[name].to_numpy(float)


def _folded(checksum):
    """64 bits as the 53 that a float holds."""
    return (checksum >> 53) ^ (checksum & (1 << 53) - 1)


def _one_of_each(frame, occurrence, result, metrics):
    """Repeated phases: times are the median after the first (warm-up), counters add up, peaks are
    the highest, states and observations the last. One null makes a sum null."""
    keys = ["row", "phase"]
    groups = frame.groupby(keys, sort=False)
    many = groups.size()
    whole = frame.drop_duplicates(keys, keep="last").set_index(keys)
    for name in metrics:
        metric = result.metrics.get(name)
        if metric is None:
            continue
        if metric.unit == "ns":
            warm = frame[name].where((occurrence > 0) | (groups[name].transform("size") == 1))
            whole[name] = warm.groupby([frame["row"], frame["phase"]], sort=False).median()
        elif metric.kind == "counter":
            whole[name] = groups[name].sum().where(groups[name].count() == many)
        elif metric.kind == "peak":
            whole[name] = groups[name].max().where(groups[name].count() == many)
    return whole.reset_index()


def _is_level(result, name):
    """States in bytes are told as difference from the first mark; addresses and counts are not."""
    metric = result.metrics.get(name)
    return metric is not None and metric.kind == "gauge" and metric.unit == "byte"


def _starts(result, metrics):
    """The state at the first mark, as a phase of its own: what an arm costs before it does anything."""
    levels = [name for name in metrics if name in result.starts and _is_level(result, name)]
    rows = pandas.DataFrame({"row": range(len(result.starts) if levels else 0), "phase": START})
    columns = {name: result.starts[name].to_numpy() if name in levels else numpy.nan for name in metrics}
    return pandas.concat([rows, pandas.DataFrame(columns, index=rows.index)], axis=1)


def _drop_times_of_counted_runs(frame, result, metrics):
    """Counting events makes system calls slower: times come from time runs only."""
    counted = (result.runs["measure"] == "counts").to_numpy()[frame["row"]]
    for name in metrics:
        metric = result.metrics.get(name)
        if metric is not None and metric.unit == "ns":
            frame.loc[counted, name] = numpy.nan


def _with_lost_points(cells, count):
    """Adds a cell for each point of which no run ended well: it must not vanish."""
    lost = numpy.setdiff1d(numpy.arange(count), cells["point"])
    more = pandas.DataFrame({"point": lost, "phase": [EVERY] * len(lost)})
    return pandas.concat([cells, more], ignore_index=True)


def _count(runs, shape):
    counts = numpy.zeros(shape, dtype=int)
    numpy.add.at(counts, (runs["point"].to_numpy(), runs["side"].to_numpy()), 1)
    return counts


def _reasons(runs):
    """Why runs of a (point, side) are not ok: the most frequent `status: reason`."""
    if runs.empty:
        return {}
    text = runs["status"] + runs["reason"].map(lambda each: f": {each}" if each else "")
    return text.groupby([runs["point"], runs["side"]]).agg(
        lambda each: each.value_counts().index[0]).to_dict()


def _environments(runs):
    seen = {}
    columns = ["point", "side", "source", "environment", "allocator", "arm"]
    for point, side, *where in runs[columns].drop_duplicates().itertuples(index=False):
        seen.setdefault((point, side), set()).add(tuple(where))
    return seen
