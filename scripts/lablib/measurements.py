"""The journal flattened for other tools: which metrics matter, how a case is called, what is a number."""

import numpy
import pandas

from lablib import units
from lablib.errors import BadInput
from lablib.record import KNOB, PARAM


def viewed_metrics(result):
    """The metrics that the experiments' plots and tables show, in the registry's order."""
    views = [view for each in result.manifest["experiments"]
             for view in [*each["plots"], each.get("table") or {}] if view.get("metric")]
    shown = {metric for view in views for metric in view["metric"].split()}
    return [name for name in result.metrics if name in shown]


def chosen_metrics(result, names):
    """`names` checked against the registry; none: those that are viewed; "all": every quantity."""
    if not names:
        return viewed_metrics(result)
    if "all" in names:
        return [name for name, metric in result.metrics.items() if metric.unit != "token"]
    return [result.metric(name).name for name in names]


def case_names(result):
    """A name for each row of runs: experiment/arm/param:value/knob:value, without `absent` knobs."""
    runs = result.runs
    names = runs["experiment"].astype(str) + "/" + runs["arm"].astype(str)
    for column in runs:
        if not column.startswith((PARAM, KNOB)):
            continue
        name = column.split(".", 1)[1]
        shown = runs[column].notna() & ~(column.startswith(KNOB) & (runs[column] == "absent"))
        names = names.where(~shown, names + f"/{name}:" + runs[column].astype(str))
    return names.map({name: units.printable(name) for name in names.unique()})


def phases(result, metrics):
    """Planned runs that ended as meant, one row a phase gone through: run's columns of interest
    (name, arm, block, measure …), phase (numbered when repeated), and the chosen metrics."""
    runs = result.runs
    good = runs["status"] == "ok"
    if "search.name" in runs:
        good &= runs["search.name"].isna()
    values = result.values[good.to_numpy()[result.values["row"]]]
    table = pandas.DataFrame({"row": values["row"].to_numpy()})
    again = (values["occurrence"] > 0).to_numpy()
    number = (values["occurrence"] + 1).astype(str).to_numpy()
    phase = values["phase"].to_numpy()
    table["phase"] = numpy.where(again, phase + "#" + number, phase) if len(values) else phase
    table["name"] = case_names(result).to_numpy()[table["row"]]
    for column in ("run", "experiment", "case", "allocator", "arm", "block", "measure"):
        table[column] = runs[column].to_numpy()[table["row"]]
    measured = {metric: values[metric].to_numpy() if metric in values else numpy.nan for metric in metrics}
    table = pandas.concat([table, pandas.DataFrame(measured, index=table.index)], axis=1)
    if table.empty:
        raise BadInput(result.path, "nothing to export: no planned run ended with status ok",
                       "look at `reason` in runs.jsonl")
    return table


def plain(value):
    """An integer as an int: 23, not 23.0."""
    return int(value) if float(value).is_integer() else float(value)
