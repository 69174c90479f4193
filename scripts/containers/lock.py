"""images.lock.json: what the images were made of. Names every difference from it.

Per image: the base's digest by the way it was had (registry, debootstrap) and each package's version;
`build_packages` made the binaries of all images. `archive` is a date on snapshot.debian.org, such as
20261101T000000Z; null takes what the mirrors have.
"""

import json
import os
from pathlib import Path

PATH = Path(__file__).with_name("images.lock.json")
EMPTY = {"archive": None, "build_packages": {}, "images": {}}


def read(path=PATH):
    return json.loads(path.read_text()) if path.exists() else json.loads(json.dumps(EMPTY))


def write(lock, path=PATH):
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(lock, indent=1, sort_keys=True) + "\n")
    os.replace(temporary, path)


def update(lock, name, facts):
    """Puts an image into the lock; the digest of the base had the other way is kept."""
    base = facts["base"]
    bases = lock["images"].get(name, {}).get("base", {}) | {base["origin"]: base["digest"]}
    lock["images"][name] = {"base": bases, "packages": facts["packages"]}
    lock["build_packages"] = facts["build_packages"]


def differences(lock, name, facts):
    """Returns a sentence for each thing in which the image differs from the lock."""
    locked = lock["images"].get(name)
    if locked is None:
        return [f"{name}: not in the lock file"]
    base = facts["base"]
    bases = _changes({base["origin"]: locked["base"].get(base["origin"])}, {base["origin"]: base["digest"]})
    return [f"{name}: {title} {change}" for title, changes in (
        ("base from", bases), ("package", _changes(locked["packages"], facts["packages"])),
        ("build package", _changes(lock["build_packages"], facts["build_packages"]))) for change in changes]


def _changes(was, now):
    """Yields "NAME: OLD is now NEW" for what differs."""
    for name in sorted(was.keys() | now.keys()):
        if was.get(name) != now.get(name):
            yield f"{name}: {was.get(name) or 'absent'} is now {now.get(name) or 'absent'}"
