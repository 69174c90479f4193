"""Which margin, floor and direction belong to each row of a comparison."""

import numpy
import pandas

from lablib import compare_cube, gate_noise
from lablib.record import PARAM

DIRECTION = {"lower": 1, "higher": -1, "none": 0}
THREADS = "threads_count"


def add(rows, cube, registry, options):
    """The margin, floor and direction of each row."""
    threaded = _threaded(cube)[rows["point"]]
    started = rows["phase"] == compare_cube.START
    kinds = list(zip(rows["metric"], threaded, started))
    rules = {kind: _rule(registry[kind[0]], *kind, options) for kind in set(kinds)}
    columns = ["margin", "floor", "gate", "direction", "deterministic"]
    rows[columns] = pandas.DataFrame([rules[kind] for kind in kinds], columns=columns, index=rows.index)
    if options.noise is not None:
        supported = [gate_noise.margin(options.noise, *key)
                     for key in zip(rows["experiment"], rows["phase"], rows["metric"])]
        rows["margin"] = numpy.maximum(rows["margin"], supported)


def _rule(metric, name, threaded, started, options):
    """Returns (margin, floor, gate, direction, deterministic) of one kind of row."""
    threshold = options.thresholds.of(name, threaded)
    floor = threshold.start_floor if started else threshold.floor
    return (threshold.margin, floor if options.floors else 0.0, threshold.gate,
            DIRECTION.get(metric.better, 0), metric.deterministic)


def _threaded(cube):
    """Whether more than one thread allocates at a point: exactness is not promised there."""
    threaded = numpy.zeros(len(cube.points), dtype=bool)
    if PARAM + "threads" in cube.points:
        threaded = pandas.to_numeric(cube.points[PARAM + "threads"], errors="coerce").to_numpy() > 1
    alive = cube.values[..., cube.metrics.index(THREADS)]
    with numpy.errstate(invalid="ignore"):
        threaded[cube.cells["point"][(alive > 1).any(axis=(1, 2))]] = True
    return threaded
