#!/usr/bin/python3
"""Runs a plan on many equal machines: shards as an array job of Slurm, one exclusive node each, then one result.

  submit.py --shards 8 --out results/larson-8 larson --measure time --runs 40
  submit.py --shards 8 --out results/larson-8 --image trixie larson --runs 40      each shard in a container

Waits for the shards, submits those that failed again (they resume where they stopped), merges. Needs a folder
that all nodes share. Interrupted or failed: the same command goes on with what is there. Standard library only.
"""

import argparse
import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from lablib.errors import BadInput, run  # noqa: E402
from merge import merge  # noqa: E402

LAB = HERE.parents[1] / "build/release/alloclab"
CONTAINER = HERE.parent / "container.py"
LOG_LINES = 5


class Slurm:
    """The three commands in use. Raises BadInput with Slurm's own words."""

    def __init__(self, options):
        if not shutil.which("sbatch"):
            raise BadInput("sbatch", "Slurm is not installed here", "submit from a login node of the cluster")
        self.options = options

    def _call(self, *command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise BadInput(command[0], (done.stderr or done.stdout).strip() or f"exit {done.returncode}")
        return done.stdout.strip()

    def submit(self, shards, parts, command):
        """Submits the shards with these numbers. Returns the job's id."""
        text = self._call("sbatch", "--parsable", f"--array={','.join(map(str, shards))}", "--nodes=1", "--ntasks=1",
                          "--exclusive", "--no-requeue", "--job-name=alloclab", f"--chdir={Path.cwd()}",
                          f"--output={parts}/shard-%a.log", "--open-mode=append", *self.options, *command)
        return text.partition(";")[0]

    def states(self, job):
        """Returns the states of the job's tasks that have not ended."""
        done = subprocess.run(["squeue", "--noheader", "--array", f"--jobs={job}", "--format=%T"],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0 and "Invalid job id" not in done.stderr:
            raise BadInput("squeue", done.stderr.strip())
        return done.stdout.split()

    def cancel(self, job):
        subprocess.run(["scancel", job], check=False)


def is_complete(folder):
    try:
        return json.loads((folder / "manifest.json").read_text())["outcome"] == "complete"
    except (OSError, ValueError, KeyError):
        return False


def unfinished(parts, count):
    return [index for index in range(1, count + 1) if not is_complete(parts / f"shard-{index}")]


def open_parts(out, count, arguments):
    """Returns the folder of the parts: new, or that of the same command interrupted."""
    if out.exists():
        raise BadInput(out, "exists already", "name a new folder with --out")
    parts = out.with_name(out.name + ".parts")
    command = {"shards": count, "arguments": arguments}
    note = parts / "command.json"
    if parts.exists():
        if not note.exists() or json.loads(note.read_text()) != command:
            raise BadInput(parts, "holds the parts of another command", "name another folder with --out")
        print(f"going on with {parts}", flush=True)
    else:
        parts.mkdir(parents=True)
        note.write_text(json.dumps(command))
    return parts


def wait(slurm, job, poll_seconds):
    shown = None
    try:
        while states := slurm.states(job):
            counts = ", ".join(f"{states.count(state)} {state.lower()}" for state in sorted(set(states)))
            if counts != shown:
                print(f"job {job}: {counts}", flush=True)
                shown = counts
            time.sleep(poll_seconds)
    except KeyboardInterrupt:
        slurm.cancel(job)
        print(f"job {job} cancelled; the same command goes on", file=sys.stderr)
        raise


def give_up(parts, failed):
    """Raises BadInput that names the shards and ends with the last words of the first."""
    log = parts / f"shard-{failed[0]}.log"
    words = log.read_text(errors="replace").splitlines()[-LOG_LINES:] if log.exists() else ["no log: did a node start it?"]
    names = ", ".join(map(str, failed))
    raise BadInput(f"shard {names}", "did not complete; the log of the first ends:\n  " + "\n  ".join(words) + "\n",
                   f"mend the cause and run the same command again; the parts are in {parts}")


def main(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     allow_abbrev=False)
    parser.add_argument("--shards", type=int, required=True, help="number of shards")
    parser.add_argument("--out", type=Path, required=True, help="the merged result: a new folder, shared by all nodes")
    parser.add_argument("--retries", type=int, default=2, help="how often failed shards are submitted again")
    parser.add_argument("--lab", type=Path, default=LAB, help="the alloclab program, as the nodes see it")
    parser.add_argument("--image", help="run each shard in this container image (scripts/container.py), which every node "
                        "must have; --cpus, --memory, --swap and --perf then limit the container")
    parser.add_argument("--sbatch", action="append", default=[], metavar="OPTION", help="further option for sbatch, "
                        "such as --sbatch=--partition=bench; may be given again")
    parser.add_argument("--poll", type=float, default=5, metavar="SECONDS")
    options, rest = parser.parse_known_args(arguments)
    if options.shards < 1:
        raise BadInput("--shards", f"{options.shards} is not a number of shards")
    if not rest:
        raise BadInput("submit.py", "names no experiment", "see --help")

    slurm = Slurm(options.sbatch)
    out = options.out.resolve()
    parts = open_parts(out, options.shards, [*(["--image", options.image] if options.image else []), *rest])
    program = CONTAINER if options.image else options.lab.resolve()
    command = [str(HERE / "shard.sh"), str(program), options.image or "", str(parts), str(options.shards), *rest]
    for attempt in range(options.retries + 1):
        shards = unfinished(parts, options.shards)
        if not shards:
            break
        job = slurm.submit(shards, parts, command)
        again = " again" if attempt else ""
        print(f"job {job}: submitted shard {', '.join(map(str, shards))} of {options.shards}{again}", flush=True)
        wait(slurm, job, options.poll)
    if failed := unfinished(parts, options.shards):
        give_up(parts, failed)
    merge([parts / f"shard-{index}" for index in range(1, options.shards + 1)], out)
    shutil.rmtree(parts)
    print(options.out)
    return 0


if __name__ == "__main__":
    run(main)
