"""Finds podman or docker and how it must be called on this host. Never privileged, never more than asked.

Environment: ALLOCLAB_ENGINE=podman|docker chooses one.
"""

import json
import os
import resource
import shutil
import subprocess
from dataclasses import dataclass, field

from containers.errors import ContainerError, first_line

DOCKER_KNOWS_PERFMON = 23
ENGINES = ("podman", "docker")
RUNTIMES = {"podman": (None, "runc", "crun"), "docker": (None,)}


@dataclass
class Engine:
    name: str
    version: str
    rootless: bool
    own_runtime: str
    runtime: str | None = None  # None: the engine's own choice
    limits: list = field(default_factory=list)
    cgroup_version: str = ""

    @property
    def command(self):
        return [self.name] + (["--runtime", self.runtime] if self.runtime else [])

    def facts(self):
        return {"name": self.name, "version": self.version, "runtime": self.runtime or self.own_runtime,
                "rootless": self.rootless}

    def call(self, *arguments, check=True):
        """Runs a management command. Returns its standard output; a failure is the user's to know."""
        done = subprocess.run([*self.command, *arguments], capture_output=True, text=True, check=False)
        if check and done.returncode != 0:
            raise ContainerError(f"{self.name} {arguments[0]} failed: {first_line(done.stderr)}")
        return done.stdout if done.returncode == 0 else ""

    def run_command(self, image, arguments, options=()):
        """The command line that runs `image` once: no network, read-only root, a private /tmp.

        /var/tmp is a volume that goes with the container: on disk, for experiments on files and the page cache.
        """
        return [*self.command, "run", "--rm", "--network=none", "--read-only", "--tmpfs=/tmp",
                "--mount=type=volume,destination=/var/tmp", "--security-opt=no-new-privileges", *self.limits, *options, image, *arguments]

    def require_perfmon(self):
        """Raises ContainerError when this engine cannot grant what perf counters need."""
        if self.name == "docker" and int(self.version.split(".")[0]) < DOCKER_KNOWS_PERFMON:
            raise ContainerError(f"docker {self.version} does not know CAP_PERFMON, which --perf needs: use podman "
                                 f"(--engine podman) or Docker {DOCKER_KNOWS_PERFMON}, or leave out --perf")

    def require_limits(self):
        """Raises ContainerError when this engine would ignore --cpus and --memory."""
        if self.rootless and self.cgroup_version.lstrip("v") == "1":
            raise ContainerError(f"rootless {self.name} cannot limit CPUs or memory on cgroup version 1, it would ignore "
                                 "them: run as root, on a host with version 2, or without --cpus, --memory and --swap")

    def capture(self, image, *command):
        """Runs a command of the image instead of the lab. Returns its output."""
        line = self.run_command(image, command[1:], [f"--entrypoint={command[0]}"])
        done = subprocess.run(line, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ContainerError(f"{command[0]} in {image} failed: {first_line(done.stderr)}")
        return done.stdout

    def settle(self, image):
        """Finds the OCI runtime that can start a container here. Requires a present image with `true`."""
        refusals = []
        for runtime in RUNTIMES[self.name]:
            if runtime and not shutil.which(runtime):
                continue
            self.runtime = runtime
            try:
                self.capture(image, "true")
                return self
            except ContainerError as refusal:
                refusals.append(f"  {runtime or 'default runtime'}: {refusal}")
        raise ContainerError(f"{self.name} {self.version} refuses to start a container:\n" + "\n".join(refusals)
                             + "\nCommon causes: no permission (try root, or rootless podman), a cgroup layout the "
                             "runtime cannot use, or a limit below what it asks for.")


def find_engine(wanted=None):
    """Returns the first engine that answers. Raises ContainerError naming what is wrong with each."""
    wanted = wanted or os.environ.get("ALLOCLAB_ENGINE")
    if wanted and wanted not in ENGINES:
        raise ContainerError(f"unknown engine '{wanted}': one of {', '.join(ENGINES)}")
    reasons = []
    for name in [wanted] if wanted else ENGINES:
        try:
            return _probe(name)
        except ContainerError as reason:
            reasons.append(f"  {name}: {reason}")
    raise ContainerError("no container engine works here:\n" + "\n".join(reasons)
                         + "\nInstall one: scripts/setup.sh --containers")


def _probe(name):
    if not shutil.which(name):
        raise ContainerError("not installed")
    done = subprocess.run([name, "info", "--format", "{{json .}}"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ContainerError(first_line(done.stderr))
    info = json.loads(done.stdout)
    if name == "podman":
        return Engine(name, info["version"]["Version"], info["host"]["security"]["rootless"],
                      info["host"]["ociRuntime"]["name"], limits=_clamped_limits(),
                      cgroup_version=info["host"].get("cgroupVersion", ""))
    if not info.get("ServerVersion"):
        raise ContainerError(first_line("\n".join(info.get("ServerErrors") or []), "no daemon answers"))
    rootless = any("rootless" in option for option in info.get("SecurityOptions") or [])
    return Engine(name, info["ServerVersion"], rootless, info.get("DefaultRuntime", "unknown"),
                  cgroup_version=info.get("CgroupVersion", ""))


def _clamped_limits():
    """podman asks for more files and processes than some hosts grant even to root: ask for what the lab needs."""
    limits = []
    for name, kind, enough in (("nofile", resource.RLIMIT_NOFILE, 10240), ("nproc", resource.RLIMIT_NPROC, 4096)):
        hard = resource.getrlimit(kind)[1]
        value = enough if hard == resource.RLIM_INFINITY else min(hard, enough)
        limits.append(f"--ulimit={name}={value}:{value}")
    return limits
