#!/usr/bin/python3
"""The lab inside containers of Debian 12, 13 and 14 (bookworm, trixie, forky); podman or docker.

  container.py run --image trixie first_touch --profile smoke     any option of `alloclab run` may follow
  container.py run --image all mmap_threshold                     one result, the image as a factor
  container.py run --image host,bookworm churn --measure time     what the container itself costs
  container.py run --resume results/latest                        after Ctrl-C or a crash, in the same image
  container.py claims --image all                                 every claim's verdict, image beside image
  container.py build all                                          build or refresh the images
  container.py check all                                          rebuild; name every difference from the lock
  container.py lock all                                           write what the images are made of into the lock

Standard library only.
"""

import argparse
import sys
from datetime import datetime, timezone
from pathlib import Path

from containers import claims, images, lock, matrix, recorded
from containers.confinement import Confinement
from containers.engine import find_engine
from containers.errors import ContainerError
from containers.session import HostSession, Session
from lablib.errors import BadInput

RESULTS = images.ROOT / "results"


def open_sessions(options, confinement):
    """Returns {image: Session} for the images asked for; missing images are built first."""
    names = images.select(options.image, (*images.RELEASES, images.HOST))
    inside = [name for name in names if name != images.HOST]
    if inside:
        engine = find_engine(options.engine)
        if confinement.perf:
            engine.require_perfmon()
        if confinement.cpus or confinement.memory_bytes is not None:
            engine.require_limits()
        images.require(engine, inside)
        engine.settle(images.tag(inside[0]))
    return {name: Session(engine, name, confinement) if name in inside else HostSession(confinement) for name in names}


def confinement_of(options):
    return Confinement.parse(options.cpus, options.memory, options.swap, options.perf)


def new_folder(options, names):
    """The result folder: --out, or results/<UTC>-<experiment>-<image>. Must be new or empty."""
    if options.out:
        folder = Path(options.out)
    else:
        instant = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        title = names[0] if len(names) == 1 else f"{len(names)}-experiments"
        folder = RESULTS / f"{instant}-{title}-{options.image.replace(',', '-')}"
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ContainerError(f"{folder} exists already: name a new folder with --out")
    return folder


def run(options, rest):
    if options.resume:
        return resume(options, rest)
    experiments = [each for each in rest[:next((i for i, each in enumerate(rest) if each.startswith("-")), len(rest))]]
    if not options.image or not experiments:
        raise ContainerError("name an image and an experiment: container.py run --image IMAGE NAME …")
    folder = new_folder(options, experiments)
    confinement = confinement_of(options)
    sessions = open_sessions(options, confinement)
    if len(sessions) == 1:
        folder.mkdir(parents=True, exist_ok=True)
        code = next(iter(sessions.values())).measure(rest, folder)
        if not any(folder.iterdir()):
            folder.rmdir()
            return code
    else:
        matrix.begin(sessions, rest, confinement, folder)
        if folder.exists():
            folder.rmdir()
        code = matrix.complete_all(sessions, rest, folder)
    return conclude(folder, code, latest=not options.out)


def resume(options, rest):
    """Goes on with an interrupted result: images, limits and plan are those it was begun with."""
    folder = Path(options.resume).resolve()
    given = [name for name in ("image", "cpus", "memory", "swap", "perf", "out") if getattr(options, name)]
    if given or [each for each in rest if each not in matrix.KEPT_ON_RESUME]:
        raise ContainerError(f"--resume goes on with the recorded image, limits and plan: leave out "
                             f"{' '.join([f'--{name}' for name in given] or rest)}")
    found = recorded.read(folder)
    options.image = ",".join(found.images)
    sessions = open_sessions(options, found.confinement)
    if found.arguments is not None:
        code = matrix.complete_all(sessions, [*found.arguments, *rest], folder)
    else:
        [session] = sessions.values()
        found.require_same_image(session)
        code = session.resume(rest, folder)
    return conclude(folder, code, latest=False)


def conclude(folder, code, latest):
    """Prints where the result is, or how to go on. Returns `code`."""
    if code == 130:
        print(f"container: interrupted; go on with: scripts/container.py run --resume {folder}", file=sys.stderr)
    elif latest:
        point_latest_to(folder)
    print(folder)
    return code


def point_latest_to(folder):
    latest = RESULTS / "latest"
    latest.unlink(missing_ok=True)
    latest.symlink_to(folder.name)


def build(options, _):
    engine = find_engine(options.engine)
    locked = lock.read()
    for name in images.select(options.names):
        images.build(engine, name)
        facts = images.facts(engine, name)
        changed = lock.differences(locked, name, facts)
        print(f"{images.tag(name)} {facts['digest']}, {len(changed)} differences from the lock file"
              + (" (make image-check names them)" if changed else ""))
    return 0


def check(options, _):
    locked, found = lock.read(), []
    for name, facts in images.rebuilt_facts(find_engine(options.engine), images.select(options.names)):
        found += lock.differences(locked, name, facts)
    print("\n".join(found) or "no difference from the lock file")
    return 1 if found else 0


def write_lock(options, _):
    engine = find_engine(options.engine)
    locked = lock.read()
    for name in images.select(options.names):
        lock.update(locked, name, images.facts(engine, name))
    lock.write(locked)
    print(lock.PATH)
    return 0


def judge(options, rest):
    return claims.table(open_sessions(options, confinement_of(options)), rest)


def parser():
    parsed = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parsed.add_subparsers(dest="command", required=True)
    for name, action in (("run", run), ("claims", judge)):
        command = commands.add_parser(name, allow_abbrev=False)
        command.set_defaults(action=action)
        command.add_argument("--image", required=name == "claims", help="bookworm, trixie, forky, several with commas, or all; host: none")
        command.add_argument("--cpus", help="pin the container to these CPUs, such as 0,2-3")
        command.add_argument("--memory", help="memory limit of the container, such as 512MiB")
        command.add_argument("--swap", help="swap it may use beside --memory, such as 0")
        command.add_argument("--perf", action="store_true", help="allow perf counters: CAP_PERFMON, no seccomp filter")
        if name == "run":
            command.add_argument("--out", help="result folder: new or empty")
            command.add_argument("--resume", metavar="DIR", help="complete an interrupted result as it was begun")
    for name, action in (("build", build), ("check", check), ("lock", write_lock)):
        command = commands.add_parser(name)
        command.set_defaults(action=action)
        command.add_argument("names", nargs="?", default="all", metavar="IMAGE")
    for command in commands.choices.values():
        command.add_argument("--engine", help="podman or docker; default: the first that works")
    return parsed


def main():
    options, rest = parser().parse_known_args()
    try:
        if rest and options.command not in ("run", "claims"):
            raise ContainerError(f"unknown option {rest[0]}: see {sys.argv[0]} --help")
        return options.action(options, rest)
    except (ContainerError, BadInput) as error:
        print(f"container: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
