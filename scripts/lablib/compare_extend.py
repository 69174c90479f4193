"""Asks the lab for more whole blocks until the intervals are narrow enough.

Stops on width only, never on a p-value, and only at the end of a whole Latin square; the reason is
recorded: width, max_runs or budget. C++ measures, this decides when it is enough.
"""

import subprocess
import time

import numpy

from lablib import compare_run
from lablib.errors import BadInput

SMALLEST = 6  # blocks before a 95 % interval exists at all


def until_width(options, run=subprocess.run, clock=time.monotonic):
    """Returns (results, comparison, {"until_width": why and when it stopped})."""
    if len(options.results) != 1:
        raise BadInput("--until-width", "several results", "extend one result at a time")
    target = None if options.until_width == "margin" else compare_run.width(options.until_width)
    start = clock()
    while True:
        results = compare_run.load(options.results)
        comparison = compare_run.compare(results, options)
        blocks = int(results[0].runs["block"].max())
        ceiling = options.max_blocks or _ceiling(options, comparison)
        width = _widest(comparison.rows, target)
        reason = _stop(blocks, ceiling, width, clock() - start, options.budget_s)
        if reason:
            return results, comparison, {"until_width": {
                "reason": reason, "blocks": blocks, "half_width": width[0], "target": width[1],
                "seconds": clock() - start}}
        more = min(_square(results[0]), max(1, ceiling - blocks))
        _extend(options, more, run)


def _ceiling(options, comparison):
    from lablib import gate_thresholds

    return gate_thresholds.read(comparison.machine, options.thresholds).runs_max


def _widest(rows, target):
    """Returns (half-width, its target) of the row that is farthest from its target, in log units."""
    ratios = rows[(rows["kind"] == "ratio") & (rows["pairs"] > 0)]
    if ratios.empty:
        raise BadInput("--until-width", "no metric here has an interval that blocks could narrow",
                       "name one with --metric, such as wall_ns of a time result")
    half = (numpy.log(ratios["ratio_high"]) - numpy.log(ratios["ratio_low"])).to_numpy(float) / 2
    goal = numpy.full(len(half), target) if target else ratios["margin"].to_numpy(float) / 2
    if (goal <= 0).any():
        raise BadInput("--until-width", "a metric's margin is zero, so no width is narrow enough",
                       "name a width: --until-width 1%")
    worst = int(numpy.argmax(half / goal))
    return float(half[worst]), float(goal[worst])


def _stop(blocks, ceiling, width, seconds, budget):
    if blocks >= SMALLEST and width[0] <= width[1]:
        return "width"
    if blocks >= ceiling:
        return "max_runs"
    return "budget" if seconds >= budget else None


def _square(result):
    """Blocks of a whole balanced square: as many as arms, twice that when they are odd."""
    ok = result.runs[result.runs["block"] == result.runs["block"].min()]
    points = [name for name in ok if name.startswith("param.")]
    arms = int(ok.groupby(["experiment", *points], dropna=False).size().max())
    return arms if arms % 2 == 0 else 2 * arms


def _extend(options, blocks, run):
    command = [options.lab, "run", "--extend", str(options.results[0]), "--blocks", str(blocks),
               "--reason", "width", "--quiet"]
    try:
        done = run(command, check=False, stdout=subprocess.DEVNULL)
    except OSError as error:
        raise BadInput(options.lab, error.strerror or str(error), "build the lab: make build") from None
    if done.returncode != 0:
        raise BadInput(" ".join(command), f"exit {done.returncode}", "its message is above")
