"""images.lock.json: what the images were made of. Names every difference from it.

Per image: the base's digest by the way it was had (registry, debootstrap) and each package's version; for
the build stage, the packages that made the binaries. `archive` is the date of snapshot.debian.org in use.
"""

import json
import os
from pathlib import Path

PATH = Path(__file__).with_name("images.lock.json")
EMPTY = {"archive": None, "images": {}}


def read(path=PATH):
    return json.loads(path.read_text()) if path.exists() else json.loads(json.dumps(EMPTY))


def write(lock, path=PATH):
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n")
    os.replace(temporary, path)


def entry(facts):
    """What the lock keeps of an image's facts."""
    base = facts["base"]
    return {"base": {base["origin"]: base["digest"]}, "packages": facts["packages"],
            "build_packages": facts["build_packages"]}


def update(lock, name, facts):
    """Puts an image into the lock; the digest of the base had the other way is kept."""
    fresh = entry(facts)
    fresh["base"] = lock["images"].get(name, {}).get("base", {}) | fresh["base"]
    lock["images"][name] = fresh


def differences(lock, name, facts):
    """Returns a sentence for each thing in which the image differs from the lock."""
    locked = lock["images"].get(name)
    if locked is None:
        return [f"{name}: not in the lock file"]
    fresh = entry(facts)
    found = []
    for origin, digest in fresh["base"].items():
        was = locked["base"].get(origin)
        if was != digest:
            found.append(f"{name}: base from {origin}: {was or 'never locked'} is now {digest}")
    for part, title in (("packages", "package"), ("build_packages", "build package")):
        for package in sorted(locked[part].keys() | fresh[part].keys()):
            was, now = locked[part].get(package, "absent"), fresh[part].get(package, "absent")
            if was != now:
                found.append(f"{name}: {title} {package}: {was} is now {now}")
    return found
