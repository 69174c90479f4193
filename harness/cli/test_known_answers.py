"""Known answers: every experiment has at least one number that follows from its parameters alone, and
under glibc the lab measures exactly that number. What follows from glibc's own sizes is in known_glibc.py.
"""

import pytest

import known_glibc
from conftest import Lab

_RULES_SINCE, _RULES_UNTIL = (2, 26), (2, 41)  # glibc with a thread cache of seven, and fast bins


@pytest.fixture(scope="module")
def smoke(tmp_path_factory):
    """The whole catalogue under glibc, counts only."""
    lab = Lab(tmp_path_factory.mktemp("known"))
    out, _ = lab.call("list", "experiments")
    names = [line.split()[0] for line in out.splitlines()]
    return lab.measure(*names, "--allocators", "glibc", "--profile", "smoke", "--quiet")


def exact_of(result):
    return {experiment["name"]: {(one["phase"], one["metric"]) for one in experiment["exact"]}
            for experiment in result.manifest["experiments"]}


def measured(run, phase, metric):
    """As ideals are meant: a gauge counts from the first mark. None where it could not be had."""
    value = phase["metrics"].get(metric)
    return value if value is None else value - run["at_start"].get(metric, 0)


def answers(run, exact):
    """(phase, metric, measured, derived) of every exact ideal in the phases that the run went through."""
    return [(phase["name"], metric, measured(run, phase, metric), derived)
            for phase in run["phases"] for metric, derived in phase["ideal"].items()
            if (phase["name"], metric) in exact[run["experiment"]]]


def gives_times_only(result, experiment):
    reasons = [run["reason"] for run in result.runs if run["experiment"] == experiment]
    return all(reason and "times only" in reason for reason in reasons)


def test_every_experiment_has_a_known_answer(smoke):
    without = [name for name, exact in exact_of(smoke).items() if not exact]
    assert [name for name in without if not gives_times_only(smoke, name)] == []


def test_every_known_answer_is_measured_exactly(smoke):
    runs = [run for run in smoke.runs if run["status"] == "ok"]
    if any("ASLR" in warning for run in runs for warning in run["warnings"]):
        pytest.skip("ASLR cannot be switched off here")
    exact = exact_of(smoke)
    wrong = [(run["experiment"], run["params"], run["knobs"], *answer) for run in runs
             for answer in answers(run, exact) if answer[2] is not None and answer[2] != answer[3]]
    assert wrong == []


def test_no_known_answer_goes_unmeasured_without_a_reason(smoke):
    exact = exact_of(smoke)
    silent = [(run["experiment"], *answer) for run in smoke.runs if run["status"] == "ok"
              for answer in answers(run, exact) if answer[2] is None and answer[1] not in run["nulls"]]
    assert silent == []


def test_what_glibc_does_follows_from_its_sizes(smoke):
    version = next(each["version"] for each in smoke.manifest["allocators"] if each["name"] == "glibc")
    if not _RULES_SINCE <= tuple(map(int, version.split(".")[:2])) <= _RULES_UNTIL:
        pytest.skip(f"the rules are not those of glibc {version}")
    runs = [run for run in smoke.runs if run["status"] == "ok" and run["block"] > 0]
    derived = [(run["experiment"], run["params"], run["knobs"], *answer) for run in runs
               if run["experiment"] in known_glibc.ANSWERS
               for answer in known_glibc.ANSWERS[run["experiment"]](known_glibc.Run(run))]
    assert [each for each in derived if each[-2] is not None and each[-2] != each[-1]] == []
    silent = {run["experiment"] for run in runs} & set(known_glibc.ANSWERS) - {each[0] for each in derived}
    assert silent == set()
