"""What a search found: for each case the lowest value of the searched parameter that holds."""

import pandas

from lablib import frame, units
from lablib.record import KNOB, PARAM


def searches(result, experiment):
    return [each for each in result.manifest["plan"]["searches"]
            if each["experiment"] == experiment["name"]]


def select(result, experiment, search):
    """Returns the Picture of the boundaries, or None when no probe of this search was made."""
    runs = result.runs[result.runs["experiment"] == experiment["name"]]
    if "search.name" not in runs or not (runs["search.name"] == search["name"]).any():
        return None
    runs = runs[runs["search.name"] == search["name"]]
    skipped = runs[runs["status"] == "skipped"]
    runs = runs[runs["status"] != "skipped"]
    if runs.empty:
        return None
    unit = frame.axes_of(experiment).get(search["param"], {}).get("unit", "token")
    keys = ["arm", *(column for column in runs if column.startswith((PARAM, KNOB))
                     and column != PARAM + search["param"] and runs[column].notna().any())]
    rows = []
    for key, probes in runs.groupby([*keys, "block"], sort=False):
        rows.append({**dict(zip([*keys, "block"], key)), **_boundary(probes, search, unit)})
    picture = _picture(result, experiment, search, pandas.DataFrame(rows), keys, unit)
    picture.notes += frame.ended_notes(skipped)
    return picture


def _boundary(probes, search, unit):
    """Returns {"value": …, "open": nothing lower was tried, "reason": why there is none, or why it may
    lie elsewhere}."""
    values = probes[PARAM + search["param"]].map(units.number)
    holds = probes["search.holds"] == True  # noqa: E712 — null must not hold
    if not holds.any():
        bad = probes.loc[probes["status"] != "ok", "status"]
        return {"value": float("nan"), "open": False, "reason": f"a probe was {bad.iloc[0]}"
                if len(bad) else f"holds nowhere up to {units.name(values.max(), unit)}"}
    lowest = values[holds].min()
    without = values[probes["search.holds"] == False]  # noqa: E712
    reason = ""
    if lowest <= search["low"]:
        reason = f"holds at {units.name(lowest, unit)} already, the lowest value tried"
    elif without.max() > lowest:
        reason = (f"the lowest of several: holds at {units.name(lowest, unit)}, "
                  f"but not at {units.name(without.max(), unit)}")
    return {"value": float(lowest), "open": bool(lowest <= search["low"]), "reason": reason}


def _notes(table):
    """One note for each reason: a search may have many cases."""
    odd = table[table["reason"] != ""]
    return [f"{reason}: " + ", ".join(
        arm if count == 1 else f"{arm} ({count} cases)"
        for arm, count in arms.value_counts(sort=False).items())
        for reason, arms in odd.groupby("reason", sort=False)["arm"]]


def _title(experiment, search):
    declared = {each["name"]: each["title"] for each in experiment.get("searches", [])}
    return (declared.get(search["name"])
            or f"{units.words(search['name'])}: smallest {search['param']} for which it holds")


def _picture(result, experiment, search, table, keys, unit):
    varying = [key.split(".", 1)[1] for key in keys if "." in key and table[key].nunique() > 1]
    knobs = {each["name"] for each in experiment["knobs"]}
    x = next((name for name in varying if name in knobs), "allocator")
    facet = next((name for name in varying if name != x), "")
    series = "allocator"
    free = [name for name in varying if name not in (x, facet)]
    column = {key.split(".", 1)[-1]: table[key] for key in keys}
    column["allocator"], column[""] = table["arm"], ""
    tidy = pandas.DataFrame({
        "facet": column[facet], "series": column[series], "x": column[x], "value": table["value"],
        "open": table["open"], "ideal": float("nan"), "block": table["block"], "arm": table["arm"],
        "status": "no boundary", "reason": table["reason"], **{name: column[name] for name in free}})
    picture = frame.Picture(
        result=result, title=_title(experiment, search), experiment=experiment, metric=search["param"], unit=unit,
        phase="", x=x, series=series, facet=facet, since_start=False,
        frame=tidy[tidy["value"].notna()].reset_index(drop=True),
        failures=tidy[tidy["value"].isna()], free=free, notes=_notes(table), searched=True,
        x_unit=frame.axes_of(experiment).get(x, {}).get("unit", "token"))
    picture.order = {
        role: frame.ordered(result, experiment, getattr(picture, role),
                            list(dict.fromkeys(tidy[role])))
        for role in ("facet", "series", "x")}
    return picture
