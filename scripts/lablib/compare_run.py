"""From the options of a command line to a comparison."""

import re

from lablib import compare_rows, gate_thresholds, record
from lablib.errors import BadInput


def load(paths):
    """Returns the results, each named once."""
    seen = set()
    for path in paths:
        if path.resolve() in seen:
            raise BadInput(path, "named twice", "name two different results")
        seen.add(path.resolve())
    return [record.load(path) for path in paths]


def compare(results, options):
    """Returns the Comparison that compare.py's options ask for."""
    machine = options.machine or machine_of(results)
    thresholds = gate_thresholds.read(machine, options.thresholds)
    comparison = compare_rows.compare(results, compare_rows.Options(
        by=options.by, base=options.base, metrics=words(options.metric) or None,
        thresholds=thresholds, level=options.level, alpha=round(1 - options.level, 12),
        since_start=not options.absolute, exempt=tuple(words(options.exempt)),
        phases=tuple(words(options.phase)), leave_out_skipped=True))
    if comparison.rows.empty:
        raise BadInput("this comparison", "no side has a value",
                       "choose other metrics or phases: " + "; ".join(comparison.notes[:3]))
    if (comparison.rows["reason"] == "no_run").all():
        raise BadInput("this comparison", "the sides share no point",
                       "they must agree in experiment, parameters, allocator and measure")
    return comparison


def words(values):
    """Splits repeated and comma-separated options."""
    return [word for value in values for word in re.split(r"[,\s]+", value) if word]


_VIRTUAL = re.compile(r"present|kvm|qemu|xen|vmware|virtual|amazon|google|microsoft|firecracker"
                      r"|innotek|parallels|bochs|openstack|alibaba|digitalocean", re.IGNORECASE)


def machine_of(results):
    """`shared_vm` where any run was made under a hypervisor, or may have been, else `quiet`."""
    for result in results:
        for environment in result.manifest["environments"].values():
            name = environment.get("hypervisor", "none")
            if name is None or _VIRTUAL.search(str(name)):
                return "shared_vm"
    return "quiet"


def width(text):
    """Returns 0.01 for "0.01" and "1%"."""
    try:
        value = float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise BadInput("--until-width", f"{text!r} is not a width", "try 1% or 0.01")
    return value
