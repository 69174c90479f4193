"""Many results as series: one value a result for each metric, phase and point, in commit order."""

import dataclasses
import pathlib
import subprocess

import numpy

from lablib import compare_cube, compare_rows, compare_sides, history_change
from lablib.compare_environment import Environments, blocks_metric

_ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


@dataclasses.dataclass
class Series:
    """One line: medians by result (NaN: none), what their processes spread over, and the changes."""

    metric: str
    experiment: str
    phase: str
    where: str
    medians: numpy.ndarray
    low: numpy.ndarray
    high: numpy.ndarray
    changes: list
    short: bool  # too few results to show a change
    causes: dict  # index of a change → the environment keys that changed with it


def in_commit_order(results, run=subprocess.run):
    """Returns (results in order, sentence that says which order)."""
    commits = [_commit(result) for result in results]
    order = _git_order(run)
    if all(commit in order for commit in commits):
        key = [(order[commit], result.manifest["created"]) for commit, result in zip(commits, results)]
        how = "in the order of their commits"
    else:
        key = [(result.manifest["created"],) for result in results]
        how = "by the time they were made: not all commits are in this repository"
    return [results[i] for i in sorted(range(len(results)), key=key.__getitem__)], how


def label(result):
    """The commit's short name, else the day and time."""
    commit = _commit(result)
    dirty = next(iter(result.manifest["environments"].values()), {}).get("git_tree") == "dirty"
    return commit[:9] + ("+" if dirty else "") if commit else result.manifest["created"][:16]


def collect(results, metrics, thresholds, since_start=True):
    """Returns a Series for everything that at least two results measured."""
    runs = compare_sides.gather(results)
    factor = compare_sides.Factor("result")
    registry = compare_rows.registry_of(results)
    points = compare_sides.point_columns(runs, factor)
    cube = compare_cube.build(results, runs, "result", points, metrics, since_start)
    side_of = [cube.sides.index(each) if each in cube.sides else None
               for each in compare_sides.labels_of(results)]
    environments = Environments(results, "result")
    varied = [column for column in cube.points if cube.points[column].nunique(dropna=False) > 1]
    found = []
    for cell, (point, phase) in enumerate(cube.cells.itertuples(index=False)):
        for index, metric in enumerate(metrics):
            values = _by_result(cube.values[cell, :, :, index], side_of)
            if (~numpy.isnan(values)).any(axis=1).sum() < 2:
                continue
            series = _series(values, registry[metric], thresholds)
            where = compare_sides.describe(cube.points.iloc[point].to_dict(), set(varied) - {"experiment"})
            experiment = cube.points["experiment"][point]
            causes = {each.at: _cause(cube, environments, registry[metric], point, side_of, each.at)
                      for each in series[3]}
            found.append(Series(metric, experiment, phase, where, *series, causes))
    return found


def _by_result(values, side_of):
    rows = numpy.full((len(side_of), values.shape[1]), numpy.nan)
    for place, side in enumerate(side_of):
        if side is not None:
            rows[place] = values[side]
    return rows


def _series(values, metric, thresholds):
    """Returns (medians, low, high, changes); low and high are the quartiles of the processes."""
    medians, low, high = (numpy.full(len(values), numpy.nan) for _ in range(3))
    constant = True
    for place, row in enumerate(values):
        row = row[~numpy.isnan(row)]
        if len(row):
            low[place], medians[place], high[place] = numpy.percentile(row, (25, 50, 75))
            constant &= bool(numpy.ptp(row) == 0)
    margin = thresholds.of(metric.name).margin
    if metric.deterministic and constant:
        return medians, low, high, history_change.exact_changes(medians, margin), False
    short = bool(numpy.sum(~numpy.isnan(medians)) < history_change.fewest())
    return medians, low, high, history_change.changes(medians, margin), short


def _cause(cube, environments, metric, point, side_of, at):
    """The blocking environment keys that differ between the result at a change and the one before."""
    places = [frozenset(cube.environments.get((point, side_of[i]), ())) for i in (at - 1, at)]
    if not all(places):
        return ""
    keys = environments.differences(*places)
    return ", ".join(key for key in keys if blocks_metric(key, metric.blocking))


def _commit(result):
    environment = next(iter(result.manifest["environments"].values()), {})
    return environment.get("git_commit") or ""


def _git_order(run):
    try:
        done = run(["git", "-C", str(_ROOT), "rev-list", "--topo-order", "--reverse", "--all"],
                   capture_output=True, text=True, check=False)
    except OSError:
        return {}
    return {commit: place for place, commit in enumerate(done.stdout.split())}
