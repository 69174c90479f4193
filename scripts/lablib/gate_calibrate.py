"""Measures this machine's noise: one allocator against itself, in one session, counts and times."""

import json
import pathlib
import subprocess
import time

from lablib import compare_rows, gate_confirm, gate_noise, record
from lablib.errors import BadInput

EXPERIMENTS = ("first_touch", "mmap_threshold", "heap_trim")


def calibrate(options, thresholds, run=subprocess.run):
    """Runs the A/A, writes the noise floor to options.noise, and returns it."""
    lab = options.lab if run is not subprocess.run else gate_confirm.program(options.lab)
    experiments = options.experiments.split(",") if options.experiments else EXPERIMENTS
    results = []
    for measure in ("counts", "time"):
        out = _folder(options.out, measure)
        command = [str(lab), "run", *experiments, "--measure", measure, "--profile", options.profile,
                   "--arm", f"base={options.allocator}", "--arm", f"candidate={options.allocator}",
                   "--runs", str(thresholds.runs), "--out", str(out), "--quiet"]
        if run(command, check=False, stdout=subprocess.DEVNULL).returncode != 0:
            raise BadInput(" ".join(command), "the A/A run failed", "its message is above")
        results.append(record.load(out))
    comparison = compare_rows.compare(results, compare_rows.Options(
        by="arm", base="base", thresholds=thresholds, level=1 - thresholds.alpha, floors=True,
        metrics=None, alpha=thresholds.alpha))
    noise = gate_noise.measure(results, comparison)
    path = pathlib.Path(options.noise)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(noise, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return noise, comparison


def _folder(out, measure):
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return pathlib.Path(out) / f"{stamp}-calibrate-{measure}"
