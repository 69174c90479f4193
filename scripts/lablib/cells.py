"""A Picture's numbers summed up cell by cell: median, spread, number of runs, or why there is none."""

import pandas


def summarise(picture):
    """Returns one row a cell: facet, series, x, the picture's free parameters, median, low, high,
    runs, ideal, status ("" when measured)."""
    keys = ["facet", *picture.free, "series", "x"]
    groups = picture.frame.groupby(keys, sort=False, dropna=False)
    table = groups["value"].agg(median="median", low="min", high="max", runs="count")
    table["ideal"] = groups["ideal"].median()
    if picture.searched:
        table["open"] = groups["open"].any()
    table["status"] = ""
    table = table.reset_index()
    bad = picture.failures[[*keys, "status"]].drop_duplicates(keys)
    known = set(map(tuple, table[keys].to_numpy()))
    bad = bad[[tuple(row) not in known for row in bad[keys].to_numpy()]]
    return pandas.concat([table, bad], ignore_index=True) if len(bad) else table


def ideals(table, picture):
    """Returns {(facet, free…, x): ideal} where all series agree, else nothing for that cell."""
    keys = ["facet", *picture.free, "x"]
    known = table[table["ideal"].notna()]
    found = {}
    for key, each in known.groupby(keys, sort=False, dropna=False)["ideal"]:
        if each.nunique() == 1:
            found[key if isinstance(key, tuple) else (key,)] = each.iloc[0]
    return found
