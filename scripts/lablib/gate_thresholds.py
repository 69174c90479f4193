"""Reads thresholds.toml: what margin, floor and number of runs apply to a metric on a machine."""

import dataclasses
import functools
import pathlib
import tomllib

from lablib.errors import BadInput, unknown

DEFAULT_PATH = pathlib.Path(__file__).resolve().parent.parent / "thresholds.toml"
MACHINES = ("quiet", "shared_vm", "deterministic")
_MARGINS = {"margin", "floor", "threaded_margin", "start_floor"}
_GROUP = {"metrics", "gate", "may_be_zero", "optional", *MACHINES}
_MACHINE = {"runs", "cv_max", "steal_max"}


@dataclasses.dataclass(frozen=True)
class Threshold:
    """A change smaller than either `margin` (relative) or `floor` (absolute) is none."""

    group: str
    margin: float
    floor: float
    start_floor: float
    gate: bool
    may_be_zero: bool
    optional: bool


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """The file for one kind of machine."""

    machine: str
    alpha: float
    runs_max: int
    runs: int
    cv_max: float
    steal_max: float
    groups: dict

    @functools.lru_cache(maxsize=None)
    def of(self, metric, threaded=False):
        group = next((name for name, each in self.groups.items() if metric in each["metrics"]), None)
        group = group or next(name for name, each in self.groups.items() if "*" in each["metrics"])
        entry = self.groups[group]
        margins = entry.get(self.machine)
        gate = bool(entry.get("gate")) and margins is not None
        margins = margins or {}
        margin = margins.get("margin", 0.01)
        if threaded:
            margin = margins.get("threaded_margin", margin)
        floor = margins.get("floor", 0.0)
        return Threshold(group, margin, floor, margins.get("start_floor", floor), gate,
                         bool(entry.get("may_be_zero")), bool(entry.get("optional")))

    @property
    def gated(self):
        """The gated metrics by name, in the order of the file."""
        return [metric for entry in self.groups.values() for metric in entry["metrics"]
                if self.of(metric).gate]

    def __hash__(self):
        return id(self)


def read(machine, path=None):
    """Returns the Thresholds for a machine of MACHINES. Raises BadInput that names the entry."""
    path = pathlib.Path(path or DEFAULT_PATH)
    if machine not in MACHINES:
        raise unknown("machine", machine, MACHINES)
    try:
        with open(path, "rb") as file:
            content = tomllib.load(file)
    except FileNotFoundError:
        raise BadInput(path, "no such file", "name a thresholds file, see scripts/README.md") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(path, f"not TOML: {error}") from None
    _check(path, content)
    entry = content["machines"][machine]
    return Thresholds(machine, float(content["alpha"]), int(content["runs_max"]), int(entry["runs"]),
                      float(entry.get("cv_max", 1)), float(entry.get("steal_max", 1)),
                      content["groups"])


def _check(path, content):
    if content.get("schema") != 1:
        raise BadInput(path, f"schema is {content.get('schema')!r}, this script reads 1")
    for key in ("alpha", "runs_max", "machines", "groups"):
        if key not in content:
            raise BadInput(path, f"{key} is missing")
    if not 0 < content["alpha"] < 0.5:
        raise BadInput(path, f"alpha is {content['alpha']}, expected a small probability such as 0.01")
    for name in MACHINES:
        entry = content["machines"].get(name)
        if entry is None or "runs" not in entry:
            raise BadInput(path, f"machines.{name}.runs is missing")
        _known(path, f"machines.{name}", entry, _MACHINE)
    if not any("*" in entry.get("metrics", ()) for entry in content["groups"].values()):
        raise BadInput(path, 'no group has metrics = ["*"], so other metrics have no margin')
    for group, entry in content["groups"].items():
        _check_group(path, f"groups.{group}", entry)


def _check_group(path, where, entry):
    _known(path, where, entry, _GROUP)
    if not entry.get("metrics"):
        raise BadInput(path, f"{where}.metrics is missing")
    for machine in MACHINES:
        margins = entry.get(machine, {})
        _known(path, f"{where}.{machine}", margins, _MARGINS)
        for name, value in margins.items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < 1e18:
                raise BadInput(path, f"{where}.{machine}.{name} is {value!r}, expected a number >= 0")


def _known(path, where, entry, names):
    for name in entry:
        if name not in names:
            raise BadInput(path, f"{where}: {unknown('entry', name, names)}")
