#!/usr/bin/python3
"""A stand-in for podman in tests: knows the images bookworm and trixie, logs every call, writes small results.

FAKE_ENGINE names a folder: `calls` is the log; a file `refuse` makes `run` fail with its text as podman would;
`interrupt` makes the next one end as after Ctrl-C.
"""

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
STATE = Path(os.environ["FAKE_ENGINE"])
LIBC = {"bookworm": "2.36-9", "trixie": "2.41-12"}


def value_of(option, arguments):
    return next((each.partition("=")[2] for each in arguments if each.startswith(option + "=")), None)


def write_result(arguments, folder):
    """Returns the exit code: 130 for a result that was interrupted."""
    from lablib import testing
    path = Path(folder) / "manifest.json"
    if "--resume" in arguments:
        path.write_text(json.dumps({**json.loads(path.read_text()), "outcome": "complete"}))
        return 0
    index, count = map(int, arguments[arguments.index("--shard") + 1].split("/")) if "--shard" in arguments else (1, 1)
    facts = json.loads(Path(mounted(arguments, "/run/alloclab-image.json")).read_text())
    testing.write(folder, blocks=3, change=lambda row: row if row["block"] % count == index % count else None)
    manifest = json.loads(path.read_text())
    manifest["plan"]["shard"] = {"index": index, "count": count}
    manifest["environments"]["e0"].update(facts)
    interrupted = (STATE / "interrupt").exists()
    manifest["outcome"] = "interrupted" if interrupted else "complete"
    path.write_text(json.dumps(manifest))
    (STATE / "interrupt").unlink(missing_ok=True)
    return 130 if interrupted else 0


def mounted(arguments, inside):
    volumes = [each.partition("=")[2].split(":") for each in arguments if each.startswith("--volume=")]
    return next(volume[0] for volume in volumes if volume[1] == inside)


def run(arguments):
    if (STATE / "refuse").exists():
        print((STATE / "refuse").read_text(), file=sys.stderr)
        return 125
    name = next(each for each in arguments if each.startswith("localhost/alloclab:")).partition(":")[2]
    if value_of("--entrypoint", arguments) == "sed":
        print(json.dumps({"libc6": LIBC[name], "g++": "12.2"}))
    elif value_of("--entrypoint", arguments) is None and "run" in arguments[1:]:
        return write_result(arguments, mounted(arguments, "/result"))
    elif "claims" in arguments:
        verdict = "confirmed" if name == "bookworm" else "refuted"
        print(json.dumps({"claims": [{"id": "tcache-7", "allocator": "glibc", "verdict": verdict, "measured": name,
                                      "expected": "7"},
                                     {"id": "first-touch", "allocator": None, "verdict": "confirmed",
                                      "measured": "23", "expected": "23"}]}))
    return 0


def inspect(reference):
    name = reference.partition(":")[2]
    if name not in LIBC:
        return 125
    source = (STATE / "source").read_text()
    print(json.dumps([{"Id": f"{name}0000", "RootFS": {"Layers": ["sha256:1"]},
                       "Labels": {"alloclab.source": source, "alloclab.base_origin": "debootstrap",
                                  "alloclab.base_digest": f"sha256:{name}"}}]))
    return 0


def main(arguments):
    with (STATE / "calls").open("a") as log:
        log.write(json.dumps(arguments) + "\n")
    if arguments[0] == "info":
        print(json.dumps({"version": {"Version": "4.3.1"}, "host": {
            "security": {"rootless": (STATE / "rootless").exists()}, "ociRuntime": {"name": "runc"}, "cgroupVersion": "v1"}}))
        return 0
    if arguments[:2] == ["image", "inspect"]:
        return inspect(arguments[2])
    return run(arguments) if arguments[0] == "run" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
