"""The same plan in several images, as one result with the image as a factor.

The plan is cut into rounds (shards: whole blocks), and in every round each image takes its turn, a different
one first: a drift of the machine falls on all images alike.
"""

import shutil
import tempfile
from pathlib import Path

from containers.errors import ContainerError
from merge import merge

ROUNDS = 3


def rounds_of(arguments):
    """How often the images take turns: never more often than there are blocks."""
    given = {name: value for name, value in zip(arguments, arguments[1:]) if name.startswith("--")}
    if "--runs" in given:
        return max(1, min(ROUNDS, int(given["--runs"]))) if given["--runs"].isdecimal() else 1
    return 1 if given.get("--profile") == "smoke" else ROUNDS


def turns(names, rounds):
    """Yields (round, image): each image once a round, the first one moving on by one."""
    for number in range(rounds):
        start = number % len(names)
        for name in names[start:] + names[:start]:
            yield number + 1, name


def measure_all(sessions, arguments, out):
    """Runs the plan in every session and joins the results into the new folder `out`. Returns the exit code."""
    rounds = rounds_of(arguments)
    parts = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    worst = 0
    for number, name in turns(list(sessions), rounds):
        print(f"round {number} of {rounds}, image {name}", flush=True)
        folder = parts / f"{name}-{number}"
        folder.mkdir()
        code = sessions[name].measure([*arguments, "--shard", f"{number}/{rounds}"], folder)
        if code > 1:
            raise ContainerError(f"the run in image {name} ended with exit {code}; the parts are in {parts}")
        worst = max(worst, code)
    for name in sessions:
        merge([parts / f"{name}-{number}" for number in range(1, rounds + 1)], parts / name)
    merge([parts / name for name in sessions], out, by_image=True)
    shutil.rmtree(parts)
    return worst
