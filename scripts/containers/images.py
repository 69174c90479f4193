"""The images: which there are, from what they are built, and whether they fit the source tree.

An image is one Debian release with its allocators; the lab's binaries in all of them are those compiled on
the oldest. Labels say from which source tree and base it was made.
"""

import difflib
import hashlib
import json
import subprocess
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

from containers import lock as lock_file
from containers.errors import ContainerError, first_line

ROOT = Path(__file__).resolve().parents[2]
RELEASES = ("bookworm", "trixie", "forky")  # oldest first: the binaries are built on the first
HOST = "host"  # stands for no container at all, to compare with
REGISTRY = "docker.io/library/debian"
SNAPSHOT = "http://snapshot.debian.org/archive"
SOURCES = ("CMakeLists.txt", "CMakePresets.json", "Dockerfile", "harness", "experiments", "allocators",
           "scripts/containers/apt.sh", "scripts/containers/facts.sh")


def select(text, known=RELEASES):
    """Returns the images that `text` names: one, several with commas, or all (which the host is not part of)."""
    if text == "all":
        return list(RELEASES)
    for name in text.split(","):
        if name not in known:
            near = difflib.get_close_matches(name, known, 1, 0.4)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ContainerError(f"unknown image '{name}': one of {', '.join(known)}, all{hint}")
    return text.split(",")


def tag(name):
    return f"localhost/alloclab:{name}"


def source_id(root=ROOT):
    """A digest of everything the image is made from."""
    packages = subprocess.run([root / "scripts/setup.sh", "--list", "build", "optional", "allocators"],
                              capture_output=True, check=True)
    digest = hashlib.sha256(packages.stdout)
    for top in SOURCES:
        path = root / top
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in files:
            if _matters(file) and file.exists():
                digest.update(f"{file.relative_to(root)}\0".encode())
                digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _matters(file):
    """Tests and documents are not part of what an image runs."""
    return not (file.name.endswith(("_test.cpp", ".md", ".py", ".pyc")) or "testdata" in file.parts)


def inspect(engine, reference):
    """Returns {id, labels, layers} of a local image, or None."""
    text = engine.call("image", "inspect", reference, check=False)
    if not text:
        return None
    found = json.loads(text)[0]
    labels = found.get("Labels") or (found.get("Config") or {}).get("Labels") or {}
    identity = found["Id"] if found["Id"].startswith("sha256:") else "sha256:" + found["Id"]
    return {"id": identity, "labels": labels, "layers": found["RootFS"]["Layers"]}


def facts(engine, name, reference=None, tools=None):
    """Returns what an image says of itself: digest, base, packages. Requires that it is there.

    `tools` names another image to ask for the build packages.
    """
    reference = reference or tag(name)
    found = inspect(engine, reference)
    if found is None:
        raise ContainerError(f"there is no image {reference}: make image IMAGE={name}")
    read = json.loads(engine.capture(reference, "sed", "", "/alloclab/packages.json"))
    built = json.loads(engine.capture(tools or reference, "sed", "", "/alloclab/build-packages.json"))
    label = found["labels"].get
    return {"name": name, "digest": found["id"], "source": label("alloclab.source"),
            "base": {"origin": label("alloclab.base_origin"), "digest": label("alloclab.base_digest")},
            "archive": label("alloclab.archive") or "deb.debian.org", "packages": read, "build_packages": built}


def require(engine, names):
    """Builds the images that are missing. Raises ContainerError for one older than the source."""
    current = source_id()
    for name in names:
        found = inspect(engine, tag(name))
        if found is None:
            build(engine, name)
        elif found["labels"].get("alloclab.source") != current:
            raise ContainerError(f"image {name} was built from another state of the source "
                                 f"({found['labels'].get('alloclab.source')}, the tree is {current}): "
                                 f"make image IMAGE={name}")


def reachable(url, timeout=5):
    """True when a server answers, whatever it says."""
    try:
        urllib.request.urlopen(url, timeout=timeout).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def obtain_base(engine, name, fresh=False):
    """Returns (reference, origin, digest) of the release's base: pulled by digest, or made from packages."""
    if reachable("https://registry-1.docker.io/v2/"):
        locked = lock_file.read()["images"].get(name, {}).get("base", {}).get("registry")
        reference = f"{REGISTRY}@{locked}" if locked else f"{REGISTRY}:{name}-slim"
        engine.call("pull", "--quiet", reference)
        digests = json.loads(engine.call("image", "inspect", reference))[0].get("RepoDigests") or [reference]
        return reference, "registry", digests[0].partition("@")[2]
    reference = f"localhost/alloclab-base:{name}"
    if fresh or inspect(engine, reference) is None:
        _make_base(engine, name, reference)
    return reference, "debootstrap", inspect(engine, reference)["layers"][0]


def _make_base(engine, name, reference):
    archive = _archive()
    mirrors = [f"{SNAPSHOT}/{part}/{archive}" for part in ("debian", "debian-security")] if archive else []
    print(f"base of {name}: no registry can be reached; making it from Debian's packages", flush=True)
    with tempfile.TemporaryDirectory(prefix="alloclab-base-") as folder:
        tar = f"{folder}/base.tar"
        done = subprocess.run([ROOT / "scripts/containers/base.sh", name, tar, *mirrors],
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise ContainerError(f"the base of {name} could not be made: {first_line(done.stderr)}")
        engine.call("import", tar, reference)


def rebuilt_facts(engine, names):
    """Makes bases and packages again, from nothing; yields (name, facts). Compiles nothing."""
    tools, runtime = "localhost/alloclab-check:tools", "localhost/alloclab-check:runtime"
    try:
        for name in dict.fromkeys([RELEASES[0], *names]):
            obtain_base(engine, name, fresh=True)
        build(engine, RELEASES[0], tools, ["--no-cache", "--target=tools"])
        for name in names:
            build(engine, name, runtime, ["--no-cache", "--target=runtime"])
            yield name, facts(engine, name, runtime, tools)
    finally:
        for reference in (runtime, tools):
            engine.call("image", "rm", reference, check=False)


def build(engine, name, reference=None, extra=()):
    """Builds one image. Leaves an existing one untouched when anything fails."""
    compiler, _, _ = obtain_base(engine, RELEASES[0])
    base, origin, digest = obtain_base(engine, name)
    engine.settle(base)
    arguments = {"BUILD_BASE": compiler, "BASE": base, "ARCHIVE": _archive(), **_commit(), "SOURCE": source_id(),
                 "BASE_ORIGIN": origin, "BASE_DIGEST": digest}
    options = [f"--build-arg={key}={value}" for key, value in arguments.items()]
    _build_quietly(engine, name, [*options, *extra, "-t", reference or tag(name)])


def _archive():
    """The dated archive that the lock names, where it can be reached; else nothing: the mirrors."""
    archive = lock_file.read()["archive"]
    return archive if archive and reachable(SNAPSHOT) else ""


def _build_quietly(engine, name, options):
    log = ROOT / "build" / f"image-{name}.log"
    log.parent.mkdir(exist_ok=True)
    print(f"building image {name}; log: {log}", flush=True)
    with log.open("w") as sink:
        done = subprocess.run([*engine.command, "build", "--network=host", *engine.limits, *options, "."],
                              cwd=ROOT, stdout=sink, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        tail = "\n".join("  " + line for line in log.read_text().splitlines()[-15:])
        raise ContainerError(f"image {name} could not be built ({engine.name} build, exit {done.returncode}):\n{tail}")


def _commit():
    """What the image is told about the commit it is built from: the build itself sees no repository."""
    def git(*arguments):
        done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        return done.stdout.strip()
    return {"COMMIT": git("rev-parse", "HEAD"), "CHANGES": "dirty" if git("status", "--porcelain", *SOURCES) else ""}
