"""Which side of a comparison a run is on: the factor, its labels, and the point all sides share.

Knows the record's words; no numbers are looked at here.
"""

import dataclasses

import pandas

from lablib import units
from lablib.errors import BadInput, unknown
from lablib.record import KNOB, PARAM

FACTORS = ("allocator", "knob", "param", "commit", "image", "arm", "result")
COMMIT_DIGITS = 12
_MORE = {"commit": "name the results of two commits", "image": "run with --image all, or name two results",
         "result": "name a second result"}
_ARMS_FIRST = {"allocator": "glibc", "arm": "base"}


@dataclasses.dataclass(frozen=True)
class Factor:
    """What the sides differ in: a kind of FACTORS and, for knobs and parameters, which one."""

    kind: str
    name: str = ""

    def __str__(self):
        return f"{self.kind} {self.name}".strip()

    @property
    def column(self):
        prefix = {"param": PARAM, "knob": KNOB}.get(self.kind)
        return prefix + self.name if prefix else self.kind


def gather(results):
    """Returns the runs of all results as one frame, with columns result, commit and image added.

    In the order of the plans. Probes of a search are left out: they are in no block.
    """
    frames = []
    for index, (label, result) in enumerate(zip(labels_of(results), results)):
        frame = result.runs.copy(deep=False)
        frame["source"], frame["row"], frame["result"] = index, range(len(frame)), label
        environments = result.manifest["environments"]
        for column, keys, digits in (("commit", ("git_commit", "commit"), COMMIT_DIGITS),
                                     ("image", ("image", "image_digest"), None)):
            known = {name: (_first(each, keys) or "")[:digits] or None for name, each in environments.items()}
            frame[column] = frame["environment"].map(known)
        frame["arm"] = [_without_image(*each) for each in zip(frame["arm"], frame["image"])]
        planned = {case["id"]: place for place, case in enumerate(result.manifest["plan"]["cases"])}
        place = frame["case"].map(planned).fillna(len(planned))
        frames.append(frame.iloc[place.argsort(kind="stable")])
    runs = pandas.concat(frames, ignore_index=True)
    if "search.name" in runs:
        runs = runs[runs["search.name"].isna()].reset_index(drop=True)
    return runs


def labels_of(results):
    """A short name for each result: its folder's, with more of the path where two are alike."""
    paths = [result.path.resolve() for result in results]
    for depth in range(1, max(len(path.parts) for path in paths) + 1):
        labels = ["/".join(path.parts[-depth:]) for path in paths]
        if len(set(labels)) == len(labels):
            return labels
    raise BadInput(results[0].path, "the same result twice", "name two different folders")


def choose_factor(runs, asked=None):
    """Returns the Factor the user asked for, else the obvious one. Raises BadInput where there is none."""
    if asked is None:
        return _obvious(runs)
    kind, _, name = asked.partition(":")
    if kind in FACTORS and kind not in ("param", "knob"):
        return _varied(runs, Factor(kind))
    if kind not in FACTORS:
        kind, name = _kind_of(runs, asked), asked
    axes = {column[len(_prefix(kind)):] for column in runs if column.startswith(_prefix(kind))}
    if name and name not in axes:
        raise unknown(kind, name, axes)
    names = [name] if name else [each for each in sorted(axes)
                                 if runs[_prefix(kind) + each].nunique() > 1]
    if not names:
        raise BadInput(f"--by {kind}", "none of them varies in this result",
                       "give one several values: alloclab run … --set NAME=VALUE,VALUE")
    if len(names) > 1:
        raise BadInput(f"--by {kind}", f"{len(names)} of them vary ({', '.join(names)})",
                       f"name one: --by {kind}:{names[0]}")
    return _varied(runs, Factor(kind, names[0]))


def choose_base(runs, factor, asked=None):
    """Returns (base label, all other labels in the order of the runs)."""
    labels = _in_order(list(dict.fromkeys(runs[factor.column].dropna())))
    if factor.kind == "commit" and asked:
        asked = next((each for each in labels if each.startswith(asked[:COMMIT_DIGITS])), asked)
    if asked is not None and asked not in labels:
        raise unknown(str(factor), asked, labels)
    preferred = (asked, _ARMS_FIRST.get(factor.kind), "absent" if factor.kind == "knob" else None)
    base = next((each for each in preferred if each in labels), labels[0])
    others = [each for each in labels if each != base]
    return base, others if factor.kind in ("param", "knob", "result", "commit") else sorted(others)


def point_columns(runs, factor):
    """The columns that sides of one comparison must share."""
    columns = ["experiment", "measure"]
    if factor.kind != "image" and runs["image"].nunique() > 1:
        columns.append("image")
    if factor.kind not in ("allocator", "arm"):
        columns += ["allocator", "arm"]
    columns += sorted(each for each in runs
                      if each.startswith((PARAM, KNOB)) and each != factor.column)
    return columns


def describe(point, columns=None):
    """The point as a reader writes it: `first_touch block_bytes=1MiB touch=write (glibc)`."""
    words = []
    for name, value in point.items():
        if (columns is not None and name not in columns) or not isinstance(value, str):
            continue
        if name == "experiment":
            words.insert(0, value)
        elif name.startswith((PARAM, KNOB)) and value != "absent":
            words.append(f"{name.partition('.')[2]}={value}")
        elif name == "image":
            words.append(f"image={value}")
        elif name == "allocator" or (name == "arm" and value != point.get("allocator")):
            words.append(f"({value})")
    return " ".join(words)


def _in_order(labels):
    """Numbers by size, `absent` before them; words as they came."""
    size = {each: -1 if each == "absent" else units.number(each) for each in labels}
    return sorted(labels, key=size.get) if None not in size.values() else labels


def _first(environment, keys):
    return next((environment[key] for key in keys if environment.get(key) is not None), None)


def _without_image(arm, image):
    """In a result over several images the arms carry the image, which is a factor of its own here."""
    return arm.removesuffix(f" {image}") if isinstance(arm, str) and isinstance(image, str) else arm


def _prefix(kind):
    return PARAM if kind == "param" else KNOB


def _kind_of(runs, name):
    kinds = [kind for kind in ("param", "knob") if _prefix(kind) + name in runs]
    if len(kinds) != 1:
        axes = [column.partition(".")[2] for column in runs if column.startswith((PARAM, KNOB))]
        raise unknown("factor", name, [*FACTORS, *axes])
    return kinds[0]


def _varied(runs, factor):
    labels = runs[factor.column].dropna().unique()
    if len(labels) < 2:
        found = f"only {labels[0]!r}" if len(labels) else "none"
        raise BadInput(f"--by {factor.kind}", f"a comparison needs two of them, found {found}",
                       _MORE.get(factor.kind, "choose another --by, or run with more of them"))
    return factor


def _obvious(runs):
    if runs["result"].nunique() > 1:
        return Factor("commit" if runs["commit"].nunique() == runs["result"].nunique()
                      else "result")
    if runs["arm"].nunique() > 1:
        plain = (runs["arm"] == runs["allocator"]).all()
        return Factor("allocator" if plain else "arm")
    for kind in ("knob", "param"):
        varied = [column for column in runs
                  if column.startswith(_prefix(kind)) and runs[column].nunique() > 1]
        if len(varied) == 1:
            return Factor(kind, varied[0].partition(".")[2])
    raise BadInput("this result", "one arm only, and no single knob or parameter that varies",
                   "name what to compare by: --by allocator|knob|param|commit|image|arm, "
                   "or name a second result")
