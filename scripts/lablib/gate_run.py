"""From a command line to a gate's exit code: load, decide, confirm once, tell."""

import subprocess

from lablib import (compare_rows, compare_run, gate_calibrate, gate_confirm, gate_decide,
                    gate_noise, gate_report, gate_thresholds)
from lablib.errors import BadInput


def gate(options, run=subprocess.run):
    """Prints the decision, writes what was asked for, and returns the exit code."""
    results, by = _results(options)
    thresholds = _thresholds(options, results)
    noise, about = gate_noise.read(options.noise, results)
    decided = _decide(options, results, by, thresholds, noise)
    if thresholds.machine != "deterministic":
        decided.comparison.notes.append(about)
    if (decided.rows["verdict"] == "worse").any():
        _confirm(options, results, by, thresholds, noise, decided, run)
    code = decided.exit_code(options.fail_on == "inconclusive")
    registry = compare_rows.registry_of(results)
    if options.markdown:
        options.markdown.write_text(gate_report.markdown(
            decided, registry, code, options.markdown_bytes), encoding="utf-8")
    if options.json:
        options.json.write_text(gate_report.to_json(decided, code), encoding="utf-8")
    print(gate_report.terminal(decided, registry, code))
    return code


def calibrate(options, run=subprocess.run):
    thresholds = gate_thresholds.read(options.machine or "shared_vm", options.thresholds)
    noise, comparison = gate_calibrate.calibrate(options, thresholds, run)
    print(f"{'metric':24} {'half-width':>10} {'margin':>8} {'CV':>8}")
    for name, entry in sorted(noise["metrics"].items()):
        margin = gate_noise.margin(noise, "", "", name)
        print(f"{name:24} {entry['half_width']:10.2%} {margin:8.2%} {entry['cv']:8.2%}")
    steal = "unknown" if noise["steal"] is None else f"{noise['steal']:.2%}"
    print(f"steal {steal}; {len(comparison.rows)} A/A comparisons; written to {options.noise}")
    return 0


def _results(options):
    """Returns (results, factor): one with two arms, or baseline and candidate."""
    paths = list(options.results)
    if options.baseline or options.candidate:
        if paths or not (options.baseline and options.candidate):
            raise BadInput("gate", "--baseline and --candidate go together, without other folders",
                           "see --help")
        paths = [options.baseline, options.candidate]
    if len(paths) not in (1, 2):
        raise BadInput("gate", f"{len(paths)} folders were named", "name one result with two arms, "
                       "or a baseline and a candidate; see --help")
    results = compare_run.load(paths)
    if len(results) == 1:
        _require_arms(results[0], options.arms)
    return results, "arm" if len(results) == 1 else "result"


def _require_arms(result, arms):
    planned = list(dict.fromkeys(case["arm"] for case in result.manifest["plan"]["cases"]))
    for arm in arms:
        if arm not in planned:
            raise BadInput(result.path, f"has no arm {arm!r}, only {', '.join(planned) or 'none'}",
                           f"run with --arm {arm}=ALLOCATOR, or name the arms: --arms BASE CANDIDATE")


def _thresholds(options, results):
    if options.deterministic and options.machine:
        raise BadInput("--deterministic", "excludes --machine: its margins do not depend on one")
    machine = "deterministic" if options.deterministic else (
        options.machine or compare_run.machine_of(results))
    return gate_thresholds.read(machine, options.thresholds)


def _decide(options, results, by, thresholds, noise, only=None):
    base, candidate = options.arms if by == "arm" else (None, None)
    return gate_decide.decide(results, thresholds, by, base, candidate, noise,
                              tuple(compare_run.words(options.exempt)), only,
                              tuple(compare_run.words(options.without)),
                              tuple(compare_run.words(options.require)))


def _confirm(options, results, by, thresholds, noise, decided, run):
    """The one rerun: only what looked worse is judged again, as a family of its own."""
    rows = decided.rows
    worse = rows[rows["verdict"] == "worse"]
    if options.no_confirm:
        decided.confirmation = f"{len(worse)} regressions, without a confirming rerun as declared"
        return
    only = {gate_decide.key_of(row) for row in worse.to_dict("records")}
    try:
        fresh = gate_confirm.rerun(results[-1], gate_confirm.free_folder(results[-1]),
                                   options.lab, run)
        again = _decide(options, [*results[:-1], fresh], by, thresholds, noise, only)
    except BadInput as error:
        rows.loc[worse.index, ["verdict", "reason"]] = "failed", "confirmation_failed"
        decided.confirmation = f"no confirming rerun: {error}"
        return
    confirmed = gate_decide.confirm(decided, again)
    decided.confirmation = (f"{confirmed} of {len(worse)} regressions confirmed by one rerun in fresh "
                            f"processes ({fresh.path})")
