"""The one confirming rerun: the manifest's own command again, in fresh processes, with a new seed.

Declared beforehand and made at most once. Which program runs it can be replaced for tests.
"""

import pathlib
import shutil
import subprocess
import sys

from lablib import record
from lablib.errors import BadInput

_INSTRUCTIONS = pathlib.Path(__file__).resolve().parent.parent / "instructions.py"
_DROPPED = {"--out", "--seed", "--resume", "--extend", "--blocks", "--reason", "--runs", "--shard"}
_FLAGS = {"--json", "--quiet", "--strict"}


def rerun(result, out, lab, run=subprocess.run):
    """Runs the command of `result` into the folder `out` and returns the new result."""
    command = command_of(result, out, lab)
    try:
        done = run(command, check=False, stdout=subprocess.DEVNULL)
    except OSError as error:
        raise BadInput(lab, error.strerror or str(error),
                       "build the lab (make build), name it with --lab, or declare --no-confirm") from None
    if done.returncode != 0:
        raise BadInput(" ".join(command), f"the confirming rerun ended with exit {done.returncode}",
                       "its message is above")
    return record.load(out)


def command_of(result, out, lab):
    """The same plan with a new seed; as many blocks as the result has by now."""
    manifest = result.manifest
    words = _without(manifest["command_line"][1:], _DROPPED, _FLAGS)
    again = ["--runs", str(manifest["plan"]["blocks"]), "--out", str(out)]
    if pathlib.Path(manifest["command_line"][0]).name == _INSTRUCTIONS.name:
        return [sys.executable, str(_INSTRUCTIONS), *words, *again]
    return [str(lab), *words, *again, "--seed", str(manifest["seed"] + 1), "--quiet"]


def free_folder(result):
    """Where the rerun goes: beside the result, never over something else."""
    for number in range(1, 1000):
        folder = pathlib.Path(f"{result.path.resolve()}-confirm{number}")
        if not folder.exists():
            return folder
    raise BadInput(result.path, "has 999 confirming reruns beside it", "remove some")


def program(lab):
    """Returns the lab's program, or raises BadInput."""
    found = shutil.which(str(lab))
    if not found:
        raise BadInput(lab, "no such program", "build the lab: make build, or declare --no-confirm")
    return found


def _without(words, options, flags):
    kept, skip = [], False
    for word in words:
        name, equals, _ = word.partition("=")
        if skip:
            skip = False
        elif name in options:
            skip = not equals
        elif word not in flags:
            kept.append(word)
    return kept
