"""JSON for benchmark-action/github-action-benchmark (customSmallerIsBetter).

Medians over blocks of the metrics for which lower is better.
The tool divides by the previous value, so a zero could never be compared: zeros are left out.
"""

import json

from lablib import measurements


def write(result, metrics, out):
    lower = [name for name in metrics if result.metric(name).better == "lower"]
    table = measurements.phases(result, lower)
    groups = table.groupby(["name", "phase"], sort=False)
    entries, left_out = [], 0
    for metric in lower:
        summary = groups[metric].agg(["median", "min", "max", "count"])
        for (name, phase), row in summary.iterrows():
            if row["median"] > 0:
                entries.append(_entry(f"{name}/{phase} {metric}", result.metric(metric).unit, row))
            else:
                left_out += 1
    json.dump(entries, out, indent=1, allow_nan=False)
    out.write("\n")
    return left_out


def _entry(name, unit, row):
    half = (row["max"] - row["min"]) / 2
    return {"name": name, "unit": unit, "value": measurements.plain(row["median"]),
            "range": f"± {measurements.plain(half)}", "extra": f"median of {int(row['count'])} runs"}
