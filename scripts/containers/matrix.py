"""The same plan in several images, as one result with the image as a factor.

The plan is cut into rounds (shards: whole blocks), and in every round each image takes its turn, a different
one first: a drift of the machine falls on all images alike. Until the result is whole its parts lie beside it,
with a note of what was asked, so that an interrupted run can go on.
"""

import json
import shutil
from dataclasses import asdict

from containers.errors import ContainerError
from lablib.journal import read_manifest
from merge import merge

ROUNDS = 3
KEPT_ON_RESUME = ("--quiet", "--strict")  # the plan's own options stand in the record


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


def parts_of(out):
    """Where the parts of the result `out` lie until it is whole."""
    return out.with_name(out.name + ".parts")


def begin(sessions, arguments, confinement, out):
    """Notes in the new folder of parts what is asked. Requires that there is none yet."""
    parts = parts_of(out)
    if parts.exists():
        raise ContainerError(f"{parts} holds the parts of an interrupted run: go on with --resume {out}, or remove it")
    parts.mkdir(parents=True)
    (parts / "command.json").write_text(json.dumps(
        {"images": list(sessions), "arguments": arguments, "confinement": asdict(confinement)}))


def complete_all(sessions, arguments, out):
    """Runs what is missing of the plan in every session and joins the parts into `out`. Returns the exit code."""
    rounds, parts, worst = rounds_of(arguments), parts_of(out), 0
    for number, name in turns(list(sessions), rounds):
        print(f"round {number} of {rounds}, image {name}", flush=True)
        folder = parts / f"{name}-{number}"
        code = complete(sessions[name], [*arguments, "--shard", f"{number}/{rounds}"], folder)
        if code == 130:
            return code
        if code > 1:
            raise ContainerError(f"the run in image {name} ended with exit {code}; the parts are in {parts}")
        worst = max(worst, code)
    for name in sessions:
        shutil.rmtree(parts / name, ignore_errors=True)
        merge([parts / f"{name}-{number}" for number in range(1, rounds + 1)], parts / name)
    merge([parts / name for name in sessions], out, by_image=True)
    shutil.rmtree(parts)
    return worst


def complete(session, arguments, folder):
    """Measures into `folder`, or goes on where an interrupted run there stopped. Returns the exit code."""
    if not (folder / "manifest.json").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return session.measure(arguments, folder)
    if read_manifest(folder)["outcome"] == "complete":
        return 0
    return session.resume([each for each in arguments if each in KEPT_ON_RESUME], folder)
