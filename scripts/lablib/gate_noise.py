"""What an A/A run says about this machine: margins it supports, and whether it is too noisy.

The noise floor is a small JSON file that gate.py --calibrate writes and later gates read.
"""

import json
import pathlib

import numpy

from lablib.errors import BadInput

SCHEMA_VERSION = 1
MACHINE_KEYS = ("cpu_model", "cpu_count", "cpus_count", "hypervisor")


def measure(results, comparison):
    """Returns the noise floor that an A/A comparison shows, as it is stored."""
    rows = comparison.rows[comparison.rows["pairs"] > 0]
    if rows.empty:
        raise BadInput("this A/A run", "no metric was measured on both sides")
    metrics, places = {}, {}
    for name, mine in rows.groupby("metric"):
        half = half_widths(mine)
        metrics[name] = {"half_width": _median(half), "cv": _median(mine["base_cv"]), "rows": len(mine)}
        for (experiment, phase), part in mine.groupby(["experiment", "phase"]):
            places[f"{experiment}/{phase}/{name}"] = round(float(half[part.index].max()), 9)
    return {"schema_version": SCHEMA_VERSION, "machine": machine_of(results), "steal": steal_of(results),
            "made_from": results[0].manifest["command_line"], "created": results[0].manifest["created"],
            "metrics": metrics, "half_widths": places}


def half_widths(rows):
    """Half of each interval in log units; nothing where a metric has no ratio."""
    ratio = rows["kind"] == "ratio"
    low = numpy.log(rows["ratio_low"].where(ratio).astype(float))
    high = numpy.log(rows["ratio_high"].where(ratio).astype(float))
    return ((high - low) / 2).fillna(0.0)


def read(path, results):
    """Returns the noise floor in `path`, or None and why it does not count here."""
    path = pathlib.Path(path)
    if not path.is_file():
        return None, f"no noise floor at {path}: margins are the declared ones; gate.py --calibrate"
    try:
        noise = json.loads(path.read_text(encoding="utf-8"))
        if noise["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"schema_version is {noise['schema_version']!r}")
        noise["metrics"], noise["half_widths"], noise["machine"]  # noqa: B018
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(path, f"not a noise floor: {error}", "write it again: gate.py --calibrate") from None
    here = machine_of(results)
    if noise["machine"] != here:
        return None, f"the noise floor at {path} is of another machine: {_words(noise['machine'])}"
    return noise, f"margins raised to the noise floor of {noise['created']}"


def margin(noise, experiment, phase, metric):
    """Twice the half-width of the A/A run, for this place or else for this metric; 0 when unknown."""
    if noise is None:
        return 0.0
    place = noise["half_widths"].get(f"{experiment}/{phase}/{metric}")
    half = place if place is not None else noise["metrics"].get(metric, {}).get("half_width", 0.0)
    return float(numpy.expm1(2 * half))


def steal_of(results):
    """The largest share of the CPUs' time that the hypervisor took in any session; None where none tells."""
    shares = [each["session_steal_ns"] / (each["session_wall_ns"] * (each.get("cpus_count") or 1))
              for result in results for each in result.manifest["environments"].values()
              if each.get("session_wall_ns") and each.get("session_steal_ns") is not None]
    return max(shares, default=None)


def too_noisy(noise, rows, thresholds, results=()):
    """Returns why this machine must not gate: one sentence for each metric, and one for steal.

    A deterministic metric varies with the work of its block, which is no noise.
    """
    reasons = []
    varying = rows["gate"] & (rows["pairs"] > 0) & ~rows["deterministic"].astype(bool)
    for name, mine in rows[varying].groupby("metric"):
        known = (noise or {"metrics": {}})["metrics"].get(name, {}).get("cv", 0.0)
        worst = max(_median(mine["base_cv"]), known)
        if worst > thresholds.cv_max:
            reasons.append(f"{name} varies by {worst:.0%} from process to process, "
                           f"{thresholds.machine} allows {thresholds.cv_max:.0%}")
    for steal, when in ((steal_of(results), "of these runs"), ((noise or {}).get("steal"), "of the A/A run")):
        if (steal or 0) > thresholds.steal_max:
            reasons.append(f"the hypervisor stole {steal:.1%} of the time {when}, {thresholds.machine} allows "
                           f"{thresholds.steal_max:.0%}")
    return reasons


def machine_of(results):
    environments = results[-1].manifest["environments"]
    first = next(iter(environments.values()), {})
    return {key: first[key] for key in MACHINE_KEYS if first.get(key) is not None}


def _median(values):
    values = values.dropna()
    return round(float(values.median()), 9) if len(values) else 0.0


def _words(machine):
    return ", ".join(f"{key} {value}" for key, value in machine.items()) or "unknown"
