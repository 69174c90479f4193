"""Every experiment under every allocator that is here, at its smoke point; and that adding one of
either is adding one file.
"""

import os
import subprocess
from collections import defaultdict

import pytest

from conftest import BUILD, LONGEST_S, ROOT, Lab, Result

TEMPLATES = ROOT / "harness" / "testdata" / "templates"

# Its requests follow the addresses it gets: an adversary, as its header says.
ADAPTIVE = {"halving_survivors"}

KILLED = {"oom_kill", "oom_victim"}


@pytest.fixture(scope="module")
def everything(tmp_path_factory):
    """One sweep over the whole catalogue."""
    lab = Lab(tmp_path_factory.mktemp("catalogue"))
    out, _ = lab.call("list", "experiments")
    names = [line.split()[0] for line in out.splitlines()]
    return lab.measure(*names, "--profile", "smoke", "--quiet")


def told(run):
    return f"{run['experiment']} under {run['arm']} {run['params']}: {run['status']}: {run['reason']}"


def meant_to_be_killed(run):
    """Being killed at a memory limit is what the run is about, or the answer of a search for one."""
    return run["status"] == "oom_killed" and (run["experiment"] in KILLED or run["search"] is not None)


def test_every_experiment_runs_or_says_why_not(everything):
    bad = [told(run) for run in everything.runs
           if run["status"] not in ("ok", "skipped") and not meant_to_be_killed(run)]
    assert bad == []
    assert [told(run) for run in everything.runs if run["status"] == "skipped" and not run["reason"]] == []


def test_every_experiment_is_ok_under_some_allocator_or_needs_what_this_machine_lacks(everything):
    statuses = defaultdict(set)
    for run in everything.runs:
        statuses[run["experiment"]].add(run["status"])
    never = {name for name, seen in statuses.items() if not seen & {"ok", "oom_killed"}}
    unexplained = [told(run) for run in everything.runs
                   if run["experiment"] in never and "not supported by" in run["reason"]]
    assert unexplained == []  # an experiment whose knobs no allocator has


def test_the_whole_result_is_valid_and_complete(everything):
    assert everything.problems() == ""
    assert everything.measured() == everything.planned()


def requests(run):
    names = ("allocations_count", "frees_count", "request_checksum", "live_bytes", "live_blocks_count")
    return [(phase["name"], *(phase["metrics"].get(name) for name in names)) for phase in run["phases"]]


def test_every_allocator_is_asked_for_the_same(everything):
    asked = defaultdict(dict)
    for run in everything.runs:
        if run["status"] == "ok" and run["search"] is None and run["experiment"] not in ADAPTIVE:
            point = (run["experiment"], str(run["params"]), str(run["knobs"]), run["block"])
            asked[point][run["arm"]] = requests(run)
    assert max(len(arms) for arms in asked.values()) > 1
    differing = {point: arms for point, arms in asked.items()
                 if any(one != other for one in arms.values() for other in arms.values())}
    assert differing == {}


def test_known_work_is_seen_exactly(everything):
    runs = [run for run in everything.runs if run["experiment"] == "known_work"]
    if any("ASLR" in warning for run in runs for warning in run["warnings"]):
        pytest.skip("ASLR cannot be switched off here")
    wrong = []
    for run in runs:
        for phase in run["phases"]:
            for metric, ideal in phase["ideal"].items():
                seen = phase["metrics"][metric]
                if metric in run["nulls"]:
                    continue
                if metric in run["at_start"]:
                    seen -= run["at_start"][metric]
                if seen != ideal:
                    wrong.append((run["params"], phase["name"], metric, seen, ideal))
    assert {run["params"]["pages"] for run in runs} == {"0", "23", "230"}
    assert wrong == []


# Inside a mount namespace of its own: the source and build trees are laid over, so that what is added
# and built is gone when the shell ends, whatever happens.
DROP_IN = r"""
set -e
mount -t tmpfs -o size=2g tmpfs "$SPACE"
lay_over() {
  mkdir "$SPACE/$1" "$SPACE/$1.work"
  mount -t overlay overlay -o "lowerdir=$2,upperdir=$SPACE/$1,workdir=$SPACE/$1.work$OPTIONS" "$2"
}
lay_over source "$ROOT"
case "$BUILD" in "$ROOT"/*) ;; *) lay_over build "$BUILD" ;; esac
cp "$TEMPLATES/template_experiment.cpp" "$ROOT/experiments/"
cp "$TEMPLATES/template_allocator.cpp" "$ROOT/allocators/"
cmake --build "$BUILD" --target alloclab alloclab_bump >"$OUT/build.log" 2>&1
"$BUILD/alloclab" list experiments >"$OUT/experiments"
"$BUILD/alloclab" list allocators >"$OUT/allocators"
"$BUILD/alloclab" run template_experiment --allocators glibc,template_allocator --profile smoke --quiet \
  --out "$OUT/result"
"""


def in_own_mounts(script, names):
    """Runs `script` where its mounts are nobody else's. Skips the test where that is not permitted."""
    root = os.geteuid() == 0
    unshare = ["unshare", "-m" if root else "-rm"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("mount namespaces are not permitted here")
    environment = {**os.environ, **{name: str(value) for name, value in names.items()},
                   "OPTIONS": "" if root else ",userxattr"}
    return subprocess.run([*unshare, "sh", "-c", script], env=environment, capture_output=True, text=True,
                          timeout=LONGEST_S, check=False)


def test_adding_an_experiment_and_an_allocator_is_adding_one_file_each(tmp_path):
    space = tmp_path / "space"
    space.mkdir()
    done = in_own_mounts(DROP_IN, {"SPACE": space, "ROOT": ROOT, "BUILD": BUILD, "TEMPLATES": TEMPLATES,
                                   "OUT": tmp_path})
    log = tmp_path / "build.log"
    if "overlay" in done.stderr and not log.exists():
        pytest.skip(f"overlay mounts are not permitted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr + (log.read_text()[-3000:] if log.exists() else "")

    assert "template_experiment " in (tmp_path / "experiments").read_text()
    assert "template_allocator " in (tmp_path / "allocators").read_text()
    runs = [run for run in Result(tmp_path / "result").runs if run["experiment"] == "template_experiment"]
    assert {(run["arm"], run["status"]) for run in runs} == {("glibc", "ok"), ("template_allocator", "ok")}
    served = {run["serving"]["malloc"] for run in runs if run["arm"] == "template_allocator"}
    assert all(path.endswith("liballoclab_bump.so") for path in served)
    assert not (ROOT / "experiments" / "template_experiment.cpp").exists()
