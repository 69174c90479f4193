"""Turns journal rows into columns while they are read, so that a result of 100 000 runs fits.

Rows go to numpy in batches: phases with equal metric names share one matrix.
"""

import gc
import sys
import types

import numpy
import pandas

from lablib.errors import BadInput

_BATCH_ROWS = 4096
_PLAIN = ("run", "case", "experiment", "allocator", "arm", "block", "position", "seed",
          "environment", "measure", "status", "reason", "signal", "exit_code", "start",
          "duration_ns", "stderr_tail")
_REQUIRED = ("run", "case", "experiment", "allocator", "arm", "params", "knobs", "block",
             "position", "status", "phases")
_NUMBERS = {int, float, type(None)}
CHECKSUM = "request_checksum"  # 64 bits: more than a float holds, so its column keeps Python's integers


class MatrixBuilder:
    """Collects {metric: number or None} rows into one float matrix, and exact checksums beside it."""

    def __init__(self):
        self._checksums = {}
        self._pending = {}
        self._pending_rows = 0
        self._blocks = []
        self.count = 0

    def add(self, metrics):
        if not _NUMBERS.issuperset(map(type, metrics.values())):
            raise ValueError(_wrong_value(metrics))
        rows, values = self._pending.setdefault(tuple(metrics), ([], []))
        rows.append(self.count)
        values.extend(metrics.values())
        if metrics.get(CHECKSUM) is not None:
            self._checksums[self.count] = metrics[CHECKSUM]
        self.count += 1
        self._pending_rows += 1
        if self._pending_rows >= _BATCH_ROWS:
            self.flush()

    def flush(self):
        for names, (rows, values) in self._pending.items():
            if names:
                matrix = numpy.array(values, dtype=float).reshape(len(rows), len(names))
                self._blocks.append((names, numpy.array(rows), matrix))
        self._pending, self._pending_rows = {}, 0

    def frame(self, keep):
        """Returns the rows for which the boolean array `keep` holds. Ends the builder."""
        self.flush()
        position = numpy.cumsum(keep) - 1
        names = list(dict.fromkeys(name for block in self._blocks for name in block[0]))
        column = {name: index for index, name in enumerate(names)}
        matrix = numpy.full((len(names), int(keep.sum())), numpy.nan)
        while self._blocks:
            block_names, rows, values = self._blocks.pop()
            kept = keep[rows]
            target = [column[name] for name in block_names]
            matrix[numpy.ix_(target, position[rows[kept]])] = values[kept].T
        frame = pandas.DataFrame(matrix.T, columns=names)
        if self._checksums:
            exact = numpy.full(self.count, numpy.nan, dtype=object)
            exact[list(self._checksums)] = list(self._checksums.values())
            frame[CHECKSUM] = exact[keep]
        return frame


def _wrong_value(metrics):
    name, value = next(each for each in metrics.items() if type(each[1]) not in _NUMBERS)
    return f"{name} is {value!r}, expected a number or null"


class Rows:
    """Collects the plain fields of runs: text is stored once, missing fields are None."""

    def __init__(self):
        self._columns = {}
        self._shared = {}
        self.count = 0

    def add(self, row):
        for name in _PLAIN:
            self._put(name, row.get(name))
        for prefix, settings in (("param.", row["params"]), ("knob.", row["knobs"])):
            for name, value in settings.items():
                self._put(prefix + name, value)
        for name, value in (row.get("search") or {}).items():
            self._put("search." + name, value)
        self._put("nulls", self._share(tuple((row.get("nulls") or {}).items()), dict))
        self._put("variables", self._share(tuple((row.get("variables") or {}).items()), dict))
        self._put("warnings", self._share(tuple(map(str, row.get("warnings") or ())), list))
        self.count += 1

    def _put(self, name, value):
        column = self._columns.setdefault(name, [])
        if len(column) < self.count:
            column.extend([None] * (self.count - len(column)))
        column.append(sys.intern(value) if type(value) is str else value)

    def _share(self, key, make):
        if (make, key) not in self._shared:
            self._shared[make, key] = make(key)
        return self._shared[make, key]

    def frame(self, keep):
        for column in self._columns.values():
            column.extend([None] * (self.count - len(column)))
        return pandas.DataFrame({
            name: _column(column)[keep] for name, column in self._columns.items()})


def _column(values):
    """Integers stay integers; everything else, and integers with gaps, stays as it was read."""
    if set(map(type, values)) == {int}:
        return numpy.array(values)
    array = numpy.empty(len(values), dtype=object)
    array[:] = values
    return array


class _Reader:
    def __init__(self):
        self.rows = Rows()
        self.starts, self.metrics, self.ideals = MatrixBuilder(), MatrixBuilder(), MatrixBuilder()
        self.owner, self.phase_index, self.phase, self.occurrence = [], [], [], []
        self.line_of, self.dropped = {}, set()

    def add(self, number, row):
        if row.get("status") == "superseded" and "phases" not in row:
            self.dropped.add(row.get("run"))
            return
        missing = [name for name in _REQUIRED if name not in row]
        if missing:
            raise ValueError(f"the row has no {missing[0]}")
        if row["run"] in self.line_of:
            raise ValueError(f"run {row['run']} is already in line {self.line_of[row['run']]}")
        self.line_of[row["run"]] = number
        if row["status"] == "superseded":
            self.dropped.add(row["run"])
        self._add_phases(row["phases"])
        self.starts.add(row.get("at_start") or {})
        self.rows.add(row)

    def _add_phases(self, phases):
        seen = {}
        for index, phase in enumerate(phases):
            name = sys.intern(phase["name"])
            self.owner.append(self.rows.count)
            self.phase_index.append(index)
            self.phase.append(name)
            self.occurrence.append(seen.setdefault(name, 0))
            seen[name] += 1
            self.metrics.add(phase["metrics"])
            self.ideals.add(phase.get("ideal") or {})

    def frames(self):
        runs = numpy.array([run not in self.dropped for run in self.line_of], dtype=bool)
        owner = numpy.array(self.owner, dtype=int)
        phases = runs[owner] if len(owner) else numpy.zeros(0, dtype=bool)
        values = self.metrics.frame(phases)
        position = numpy.cumsum(runs) - 1
        phase = _column(self.phase)[phases]
        values.insert(0, "occurrence", numpy.array(self.occurrence, dtype=int)[phases])
        values.insert(0, "phase", phase)
        values.insert(0, "phase_index", numpy.array(self.phase_index, dtype=int)[phases])
        values.insert(0, "row", position[owner[phases]] if len(owner) else owner)
        return types.SimpleNamespace(runs=self.rows.frame(runs), values=values,
                                     ideals=self.ideals.frame(phases),
                                     starts=self.starts.frame(runs))


def read(path, warn):
    """Returns the frames runs, values, ideals and starts of a runs.jsonl."""
    from lablib import journal

    reader = _Reader()
    collecting = gc.isenabled()
    gc.disable()  # Parsing makes no cycles; the collector would scan millions of live objects.
    try:
        number = 0
        for number, row in journal.read_rows(path, warn):
            reader.add(number, row)
        return reader.frames()
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        cause = str(error) if isinstance(error, ValueError) else f"the row has the wrong shape: {error!r}"
        raise BadInput(f"{path}:{number}", cause,
                       f"check the result with scripts/validate.py {path.parent}") from None
    finally:
        if collecting:
            gc.enable()
