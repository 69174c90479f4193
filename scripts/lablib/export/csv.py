"""CSV for pandas, R and spreadsheets: one line a value, its state beside it.

`value` is empty unless `state` is "measured"; a measured zero says "zero", a failed run has one
line with its status. Before averaging, fill the value of state "zero" with 0. Parameters and knobs
are columns named param.NAME and knob.NAME.
"""

import pandas

from lablib import measurements
from lablib.record import KNOB, PARAM

_RUN = ["run", "experiment", "case", "allocator", "arm", "block", "measure"]


def write(result, metrics, out):
    settings = [name for name in result.runs if name.startswith((PARAM, KNOB))]
    table = measurements.phases(result, metrics)
    table[settings] = result.runs[settings].to_numpy()[table["row"]]
    left_out, header = 0, True
    for metric in metrics:
        lines = table[_RUN + settings + ["phase"]].copy()
        lines["metric"], lines["unit"] = metric, result.metric(metric).unit
        values = table[metric]
        lines["state"] = "measured"
        lines.loc[values == 0, "state"] = "zero"
        lines.loc[values.isna(), "state"] = "missing"
        number = values.map(measurements.plain, na_action="ignore").astype(object)
        lines["value"] = number.where(lines["state"] == "measured", "")
        left_out += int((lines["state"] != "measured").sum())
        lines.to_csv(out, index=False, header=header)
        header = False
    return left_out + _failures(result, settings, out)


def _failures(result, settings, out):
    bad = result.runs[result.runs["status"] != "ok"]
    lines = bad[_RUN + settings].assign(phase="", metric="", unit="", state=bad["status"], value="")
    if len(lines):
        pandas.DataFrame(lines).to_csv(out, index=False, header=False)
    return len(lines)
