"""A result folder as pandas frames. Read-only; knows the record, no statistics and no pictures.

    result = load("results/latest")
    result.runs      one row a run: run, case, experiment, allocator, arm, block, position, status …,
                     param.NAME and knob.NAME (text as planned, None where the experiment has none),
                     search.name, search.step, search.holds
    result.values    one row a phase gone through: row (index into runs), phase_index, phase,
                     occurrence (0 for the first phase of that name), one float column a metric
    result.ideals    aligned with values: one float column for each metric that has an ideal
    result.starts    aligned with runs: gauges at the first mark

Metrics that are null or absent are NaN in these frames; the reason is in runs.nulls.

Events tax what they count, so times come from time runs only. `load_with_times` also loads the result
beside DIR that is called DIR-times; `result.telling(metric, experiment)` says which of both to ask.
"""

import dataclasses
import functools
import pathlib

from lablib import journal
from lablib.errors import BadInput, unknown, warn as warn_on_stderr

PARAM, KNOB = "param.", "knob."


@dataclasses.dataclass(frozen=True)
class Metric:
    """An entry of the metric registry."""

    name: str
    unit: str
    kind: str
    better: str = "none"
    deterministic: bool = False
    blocking: str = "counts"
    source: str = ""
    meaning: str = ""

    @property
    def is_time(self):
        """True for times, and for what a body judged by times."""
        return self.unit == "ns" or (self.kind == "observed" and self.blocking == "times")


@dataclasses.dataclass
class Result:
    path: pathlib.Path
    manifest: dict
    runs: "pandas.DataFrame"
    values: "pandas.DataFrame"
    ideals: "pandas.DataFrame"
    starts: "pandas.DataFrame"
    warnings: list
    times: "Result | None" = None    # the time runs of the same experiments, for a result of counts

    @functools.cached_property
    def metrics(self):
        """The metric registry: name → Metric."""
        fields = {field.name for field in dataclasses.fields(Metric)}
        return {name: Metric(name=name, **{k: v for k, v in entry.items() if k in fields})
                for name, entry in self.manifest["metrics"].items()}

    def metric(self, name):
        if name not in self.metrics:
            raise unknown("metric in this result", name, self.metrics)
        return self.metrics[name]

    def telling(self, metric, experiment):
        """The result whose runs may tell `metric` of `experiment`: this one, or its `times`."""
        if not self.metric(metric).is_time or self.manifest.get("measure") == "time":
            return self
        if self.times is None or experiment not in self.times.experiments:
            raise BadInput(f"{experiment}: {metric}", "times come from runs with measure=time, which are not here",
                           f"make experiment NAME={experiment} measures both")
        return self.times

    @functools.cached_property
    def experiments(self):
        """The experiments' descriptions by name, in the order of the manifest, baselines last."""
        found = sorted(self.manifest["experiments"], key=lambda each: each["family"] == "baseline")
        return {each["name"]: each for each in found}

    def experiment(self, name):
        if name not in self.experiments:
            raise unknown("experiment in this result", name, self.experiments)
        return self.experiments[name]

    @functools.cached_property
    def arms(self):
        """The allocators' descriptions by arm, in the order of the manifest."""
        return {each.get("arm") or each["name"]: each for each in self.manifest["allocators"]}

    def environment(self, run):
        """The environment in which a row of `runs` was made."""
        return self.manifest["environments"].get(run["environment"], {})


def load(path, warn=warn_on_stderr):
    """Returns the Result in folder `path`. Raises BadInput; tells `warn` what was dropped."""
    from lablib import columns

    path = pathlib.Path(path)
    warnings = []

    def note(text):
        warnings.append(text)
        warn(text)

    manifest = journal.read_manifest(path)
    _require_keys(path / "manifest.json", manifest)
    frames = columns.read(path / "runs.jsonl", note)
    if frames.runs.empty:
        raise BadInput(path / "runs.jsonl", "no run in this result",
                       f"complete it with `alloclab run --resume {path}`")
    return Result(path, manifest, frames.runs, frames.values, frames.ideals, frames.starts,
                  warnings)


def load_with_times(path, times=None):
    """Returns the Result in `path` with its `times`: those in `times`, or in the folder PATH-times."""
    result = load(path)
    beside = pathlib.Path(path).resolve()
    beside = pathlib.Path(times) if times else beside.with_name(beside.name + "-times")
    if times or (beside / "manifest.json").exists():
        result.times = load(beside)
        if result.times.manifest.get("measure") != "time":
            raise BadInput(beside, "is no result of time runs", "measure it with --measure time")
    return result


def _require_keys(path, manifest):
    for key, kind in (("plan", dict), ("experiments", list), ("allocators", list),
                      ("metrics", dict), ("environments", dict)):
        if not isinstance(manifest.get(key), kind):
            raise BadInput(path, f"{key} is missing or of the wrong kind",
                           f"check it with scripts/validate.py {path.parent}")
