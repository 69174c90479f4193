"""What a run in a container may use and may see: limits, capabilities, and why each is there."""

import os
import re
import sys
from dataclasses import dataclass

from containers.errors import ContainerError

UNITS = {"": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
LAB_NEEDS_BYTES = 32 * 2**20  # parent, launcher and an empty child; measured 9 MiB, the rest is room to report
TRACEFS = "/sys/kernel/tracing"


def bytes_from(text, option):
    """Returns the bytes that "512MiB" spells. Raises ContainerError for anything else."""
    match = re.fullmatch(r"(\d+)(KiB|MiB|GiB|)", text)
    if not match:
        raise ContainerError(f"{option} {text}: expected bytes, such as 512MiB or 1GiB")
    return int(match[1]) * UNITS[match[2]]


@dataclass(frozen=True)
class Confinement:
    cpus: str | None = None  # a list as in taskset: "0,2-3"
    memory_bytes: int | None = None
    swap_bytes: int | None = None  # beside the memory; None: as much as there is
    perf: bool = False

    @staticmethod
    def parse(cpus, memory, swap, perf):
        if cpus and not re.fullmatch(r"\d+(-\d+)?(,\d+(-\d+)?)*", cpus):
            raise ContainerError(f"--cpus {cpus}: expected a list of CPUs, such as 0 or 0,2-3")
        memory_bytes = bytes_from(memory, "--memory") if memory else None
        if memory_bytes is not None and memory_bytes < LAB_NEEDS_BYTES:
            raise ContainerError(f"--memory {memory} is below what the lab itself needs "
                                 f"({LAB_NEEDS_BYTES // 2**20}MiB): nothing could be measured")
        if perf and not os.path.isdir(f"{TRACEFS}/events"):
            print(f"container: tracefs is not mounted on this host, so system calls will not be counted by kind: "
                  f"mount -t tracefs nodev {TRACEFS}", file=sys.stderr)
        if swap and not memory:
            raise ContainerError("--swap needs --memory: engines limit both together")
        return Confinement(cpus or None, memory_bytes, bytes_from(swap, "--swap") if swap else None, perf)

    @staticmethod
    def recorded(environment):
        """The confinement that facts() told a record of."""
        def known(key, none):
            return None if environment.get(key, none) == none else environment[key]
        return Confinement(known("container_cpus_asked", "all"), known("container_memory_asked_bytes", "unlimited"),
                           known("container_swap_asked_bytes", "unlimited"),
                           "PERFMON" in environment.get("container_capabilities", ""))

    def options(self):
        """The engine's options. Only what a counter needs is added to the engine's defaults."""
        options = []
        if self.cpus:
            options.append(f"--cpuset-cpus={self.cpus}")
        if self.memory_bytes is not None:
            both = -1 if self.swap_bytes is None else self.memory_bytes + self.swap_bytes
            options += [f"--memory={self.memory_bytes}", f"--memory-swap={both}"]
        if self.perf:
            options += ["--cap-add=PERFMON", "--security-opt=seccomp=unconfined", f"--volume={TRACEFS}:{TRACEFS}:ro"]
        return options

    def host_options(self):
        """The same limits as options of the lab itself, which uses a cgroup where it may."""
        options = [f"--cpus={self.cpus}"] if self.cpus else []
        if self.memory_bytes is not None:
            options.append(f"--memory={self.memory_bytes}")
        if self.swap_bytes is not None:
            options.append(f"--swap={self.swap_bytes}")
        return options

    def facts(self):
        """What was asked for, as facts of the environment; what is in force is read inside."""
        return {"container_cpus_asked": self.cpus or "all",
                "container_memory_asked_bytes": "unlimited" if self.memory_bytes is None else self.memory_bytes,
                "container_swap_asked_bytes": "unlimited" if self.swap_bytes is None else self.swap_bytes,
                "container_capabilities": "engine's default" + (" and PERFMON" if self.perf else ""),
                "container_seccomp": "unconfined" if self.perf else "engine's default"}
