"""One `alloclab` invocation inside an image: the result folder is the only writable mount, and its owner stays.

The image's facts are handed to the lab, which writes them into every environment of its record.
"""

import hashlib
import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path

from containers import images
from containers.errors import ContainerError

RESULT = "/result"
FACTS = "/run/alloclab-image.json"
ENGINE_FAILED = {125: "the engine refused", 126: "the lab could not be started", 127: "the lab was not found"}


class Session:
    """An image made ready to run the lab in, any number of times."""

    def __init__(self, engine, name, confinement):
        self.engine, self.name, self.confinement = engine, name, confinement
        self.facts = environment_facts(engine, images.facts(engine, name), confinement)
        self.title = f"{name} (glibc {self.facts['packages']['libc6'].partition('-')[0]})"

    def lab(self, *arguments, folder=None):
        """Runs `alloclab arguments…`; what it says on standard error is shown. Returns (exit code, output)."""
        with tempfile.TemporaryDirectory(prefix="alloclab-") as scratch:
            facts = Path(scratch) / "image.json"
            facts.write_text(json.dumps(self.facts))
            facts.chmod(0o644)
            options = [*self.confinement.options(), f"--volume={facts}:{FACTS}:ro"]
            if folder:
                options += [f"--volume={Path(folder).resolve()}:{RESULT}", f"--name={container_name(folder)}"]
            line = self.engine.run_command(images.tag(self.name), arguments, options)
            done = run_to_its_end(line)
        if done.returncode in ENGINE_FAILED:
            raise ContainerError(f"{self.engine.name}: {ENGINE_FAILED[done.returncode]} (exit {done.returncode}; "
                                 "its message is above)")
        return done.returncode, done.stdout

    def measure(self, arguments, folder):
        """Runs `alloclab run arguments…` with its result in the empty `folder`. Returns the exit code."""
        return self._run([*arguments, "--out", RESULT], folder)

    def resume(self, arguments, folder):
        """Completes the plan of the interrupted result in `folder`. Returns the exit code."""
        return self._run([*arguments, "--resume", RESULT], folder)

    def _run(self, arguments, folder):
        self._end_orphan(folder)
        try:
            code, _ = self.lab("run", *arguments, "--image-facts", FACTS, folder=folder)
        finally:
            self._give_back(folder)
        if code == 137:
            raise ContainerError(f"the lab itself was killed in image {self.name}: is --memory below what parent "
                                 f"and child need together? What was measured is in {folder}")
        return code

    def _end_orphan(self, folder):
        """A container outlives a caller that was killed: two must not write into one folder."""
        self.engine.call("rm", "--force", container_name(folder), check=False)

    def _give_back(self, folder):
        """Files made by the container's root become the caller's. A rootless engine's are already."""
        owner = (int(os.environ.get("SUDO_UID", os.getuid())), int(os.environ.get("SUDO_GID", os.getgid())))
        strangers = [each for each in (folder, *folder.rglob("*")) if _owner(each) != owner]
        if strangers and not self.engine.rootless:
            line = self.engine.run_command(images.tag(self.name), ["-R", f"{owner[0]}:{owner[1]}", RESULT],
                                           ["--entrypoint=chown", f"--volume={folder.resolve()}:{RESULT}"])
            subprocess.run(line, check=True)


class HostSession:
    """The lab without a container, under the same limits: what a container is compared with."""

    name = images.HOST
    title = "host"

    def __init__(self, confinement):
        self.program = images.ROOT / "build/release/alloclab"
        if not self.program.exists():
            raise ContainerError(f"{self.program} is not built: make build")
        self.limits = confinement.host_options()

    def lab(self, *arguments):
        done = run_to_its_end([self.program, *arguments])
        return done.returncode, done.stdout

    def measure(self, arguments, folder):
        return self._run([*arguments, *self.limits, "--out", str(folder)])

    def resume(self, arguments, folder):
        return self._run([*arguments, "--resume", str(folder)])

    def _run(self, arguments):
        with tempfile.NamedTemporaryFile("w", suffix=".json") as facts:
            json.dump({"image": self.name}, facts)
            facts.flush()
            return self.lab("run", *arguments, "--image-facts", facts.name)[0]


def run_to_its_end(line):
    """Runs a command that may be interrupted: Ctrl-C reaches it too, and it ends with a valid result."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(line, stdout=subprocess.PIPE, text=True, check=False)
    finally:
        signal.signal(signal.SIGINT, before)


def container_name(folder):
    """The name of the container that writes into `folder`: the same for whoever goes on there."""
    return "alloclab-" + hashlib.sha256(str(Path(folder).resolve()).encode()).hexdigest()[:16]


def environment_facts(engine, facts, confinement):
    """The flat facts that the record's environment takes: image, base, engine, what was asked, packages."""
    flat = {"image": facts["name"], "image_digest": facts["digest"], "image_source": facts["source"],
            "image_archive": facts["archive"],
            "image_base_origin": facts["base"]["origin"], "image_base_digest": facts["base"]["digest"],
            "image_compiler_package": facts["build_packages"]["g++"]}
    flat |= {f"container_engine_{key}": value for key, value in engine.facts().items()}
    return flat | confinement.facts() | {"packages": facts["packages"]}


def _owner(path):
    status = path.lstat()
    return status.st_uid, status.st_gid

