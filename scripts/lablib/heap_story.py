"""The steps of `abcd_walkthrough` as data: as the well-known story tells them, and as measured."""

import dataclasses

from lablib import units
from lablib.record import KNOB

EXPERIMENT = "abcd_walkthrough"
_THRESHOLDS = ("mmap_threshold_bytes", "trim_threshold_bytes")
_STORY_THRESHOLD_BYTES = 128 << 10
_CALLS = ("brk", "mmap", "munmap")


@dataclasses.dataclass(frozen=True)
class Step:
    """The heap after one step. Places are bytes from its start, `resident` bytes since the first
    mark; memory from `written` to `end` was never touched."""

    name: str       # "malloc_a", "free_c"
    blocks: dict    # letter → (start, bytes): blocks inside the heap that live
    mapped: dict    # letter → bytes: blocks outside it that live
    end: int
    written: int
    resident: int
    calls: dict     # system call → how often, those that were made; empty where nobody counted


def is_free(step_name):
    return step_name.startswith("free_")


def block_of(step_name):
    """Returns "a" for "malloc_a"."""
    return step_name.rsplit("_", 1)[1]


def told(sizes, names):
    """Returns the story's steps for blocks of `sizes` (letter → bytes) in the order of `names`: 128 KiB
    or more are mapped, a free end of more than 128 KiB is given back, nothing else is."""
    blocks, mapped, end, steps = {}, {}, 0, []
    for name in names:
        letter = block_of(name)
        if is_free(name):
            blocks.pop(letter, None)
            mapped.pop(letter, None)
        elif sizes[letter] >= _STORY_THRESHOLD_BYTES:
            mapped[letter] = sizes[letter]
        else:
            blocks[letter] = (end, sizes[letter])
            end += sizes[letter]
        highest = max((start + size for start, size in blocks.values()), default=0)
        if end - highest > _STORY_THRESHOLD_BYTES:
            end = highest
        steps.append(Step(name, dict(blocks), dict(mapped), end, end, end + sum(mapped.values()), {}))
    return steps


def measured(result, row):
    """Returns the steps of the run in `row` of result.runs, from its gauges and observations."""
    phases = result.values[result.values["row"] == row].sort_values("phase_index")
    phases = phases[phases["block_address"].notna()]
    start, base = (result.starts.at[row, name] for name in ("heap_start_address", "rss_anon_bytes"))
    live, written, steps = {}, 0, []
    for phase in phases.to_dict("records"):
        letter = block_of(phase["phase"])
        if is_free(phase["phase"]):
            live.pop(letter)
        else:
            live[letter] = (int(phase["block_address"] - start), int(phase["block_bytes"]))
        end = int(phase["heap_top_address"] - start)
        inside = {each: place for each, place in live.items() if 0 <= place[0] < end}
        written = min(max([written, *(first + size for first, size in inside.values())]), end)
        steps.append(Step(
            phase["phase"], inside,
            {each: size for each, (_, size) in live.items() if each not in inside}, end, written,
            int(phase["rss_anon_bytes"] - base),
            {each: int(phase[f"{each}_calls_count"]) for each in _CALLS
             if phase.get(f"{each}_calls_count", 0) > 0}))
    return steps


def columns(result):
    """Returns [(title, steps)]: the story, then what glibc did; settings alike in all share one."""
    found = []
    for row, run in _first_runs(result).iterrows():
        steps = measured(result, row)
        same = next((each for each in found if each[1] == steps), None)
        if same:
            same[0].append(_setting(run))
        else:
            found.append(([_setting(run)], steps))
    if not found:
        return []
    steps = found[0][1]
    sizes = {letter: size for step in steps
             for letter, size in [*step.mapped.items(),
                                  *((each, size) for each, (_, size) in step.blocks.items())]}
    return [("As told", told(sizes, [step.name for step in steps])),
            *(("Measured: " + "; the same with ".join(settings), steps) for settings, steps in found)]


def _first_runs(result):
    runs = result.runs
    runs = runs[(runs["experiment"] == EXPERIMENT) & (runs["allocator"] == "glibc")
                & (runs["status"] == "ok")]
    if runs.empty:
        return runs
    runs = runs.drop_duplicates([KNOB + each for each in _THRESHOLDS])
    pinned = sum((runs[KNOB + each] != "absent").astype(int) for each in _THRESHOLDS)
    return runs.loc[pinned.sort_values(kind="stable").index]


def _setting(run):
    given = {each: run[KNOB + each] for each in _THRESHOLDS if run[KNOB + each] != "absent"}
    if not given:
        return "both thresholds at default"
    return " and ".join(f"{each.split('_')[0]} threshold {units.human(units.number(value), 'byte')}"
                        for each, value in given.items())
