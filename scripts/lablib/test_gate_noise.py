import json
import math
import types

import pytest

import gate
from lablib import gate_noise, gate_run, gate_thresholds, record, testing
from lablib.errors import BadInput

ARMS = {"base": "glibc", "candidate": "glibc"}
MACHINE = {"cpu_model": "AMD EPYC", "cpus_count": 2}


def stolen(share):
    """The environment of a session of ten seconds in which the hypervisor took this share of two CPUs."""
    facts = {**testing.ENVIRONMENT, "session_wall_ns": 10**10, "session_steal_ns": int(share * 2 * 10**10)}
    return {"environments": {"e0": facts}}


def write(folder, factor=1.0, spread=0.02, measure="time", blocks=20, manifest=None):
    def value(at):
        level = {"wall_ns": 10**7, "minor_faults_count": 500}.get(at.metric, 1 << 22)
        noise = math.exp(at.rng.gauss(0, spread)) if at.metric == "wall_ns" else 1
        return int(level * noise * (factor if at.arm == "candidate" and at.metric == "wall_ns" else 1))
    return testing.write(folder, allocators=("glibc",), arms=ARMS, blocks=blocks, value=value,
                         measure=measure, manifest=manifest, points=[{"block_bytes": "1MiB", "touched_pages": "1", "touch": "read"}])


def noise_file(path, half_width=0.0, cv=0.0, steal=0.0, machine=None):
    path.write_text(json.dumps({
        "schema_version": 1, "machine": machine or MACHINE, "steal": steal, "created": "2026", "made_from": [],
        "metrics": {"wall_ns": {"half_width": half_width, "cv": cv, "rows": 1}}, "half_widths": {}}))
    return path


def run(result, noise, *more):
    return gate_run.gate(gate.parse([str(result), "--noise", str(noise), "--machine", "quiet",
                                     "--no-confirm", *more]))


def test_a_margin_is_raised_to_twice_the_half_width_of_the_noise_floor(tmp_path):
    slower = write(tmp_path / "r", factor=1.12)
    assert run(slower, noise_file(tmp_path / "calm.json")) == 1
    assert run(slower, noise_file(tmp_path / "noisy.json", half_width=0.08)) == 0
    noise, _ = gate_noise.read(tmp_path / "noisy.json", [record.load(slower)])
    assert gate_noise.margin(noise, "e", "p", "wall_ns") == pytest.approx(math.exp(0.16) - 1)
    assert gate_noise.margin(noise, "e", "p", "other") == 0


def test_the_noise_of_a_place_counts_before_that_of_its_metric():
    noise = {"metrics": {"wall_ns": {"half_width": 0.01}}, "half_widths": {"e/p/wall_ns": 0.2}}
    assert gate_noise.margin(noise, "e", "p", "wall_ns") > 0.4 > gate_noise.margin(noise, "e", "q", "wall_ns")


def test_the_noise_floor_of_another_machine_does_not_count(tmp_path, capsys):
    path = noise_file(tmp_path / "n.json", half_width=0.5, machine={"cpu_model": "another"})
    assert run(write(tmp_path / "r", factor=1.12), path) == 1
    assert "of another machine" in capsys.readouterr().out


@pytest.mark.parametrize("more, words", [({"cv": 0.2}, "varies by 20%"), ({"steal": 0.03}, "stole 3.0%")])
def test_a_machine_that_is_too_noisy_is_refused(tmp_path, capsys, more, words):
    assert run(write(tmp_path / "r"), noise_file(tmp_path / "n.json", **more)) == 3
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("share, code", [(0.03, 3), (0.005, 0)])
def test_a_result_whose_time_was_stolen_is_refused_without_any_noise_floor(tmp_path, capsys, share, code):
    assert run(write(tmp_path / "r", manifest=stolen(share)), tmp_path / "none.json") == code
    assert ("stole 3.0% of the time of these runs" in capsys.readouterr().out) == (code == 3)


def test_a_broken_noise_file_is_bad_input(tmp_path):
    (tmp_path / "n.json").write_text("{}")
    with pytest.raises(BadInput, match="not a noise floor"):
        run(write(tmp_path / "r"), tmp_path / "n.json")


def lab(code=0):
    """A lab that runs A/A, in sessions of which a part was stolen."""
    def runner(command, **_):
        runner.commands.append(command)
        if code == 0:
            write(command[command.index("--out") + 1], measure=command[command.index("--measure") + 1],
                  manifest=stolen(0.002))
        return types.SimpleNamespace(returncode=code)
    runner.commands = []
    return runner


def test_calibration_writes_a_floor_that_the_gate_reads(tmp_path, capsys):
    path = tmp_path / "noise.json"
    options = gate.parse(["--calibrate", "--noise", str(path), "--out", str(tmp_path)])
    runner = lab()
    assert gate_run.calibrate(options, runner) == 0
    runs = runner.commands
    assert [command[command.index("--measure") + 1] for command in runs] == ["counts", "time"]
    assert all("base=glibc" in command and "candidate=glibc" in command for command in runs)
    noise, about = gate_noise.read(path, [record.load(write(tmp_path / "r"))])
    assert noise["machine"] == MACHINE and "raised" in about
    assert 0.001 < noise["metrics"]["wall_ns"]["half_width"] < 0.05
    assert noise["metrics"]["minor_faults_count"]["half_width"] == 0
    assert noise["steal"] == pytest.approx(0.002) and "wall_ns" in capsys.readouterr().out


def test_calibration_fails_when_the_run_fails(tmp_path):
    options = gate.parse(["--calibrate", "--noise", str(tmp_path / "n"), "--out", str(tmp_path)])
    with pytest.raises(BadInput, match="A/A run failed"):
        gate_run.calibrate(options, lab(code=1))


def test_the_reviewed_thresholds_are_those_of_the_rules():
    shared, quiet = gate_thresholds.read("shared_vm"), gate_thresholds.read("quiet")
    exact = gate_thresholds.read("deterministic")
    assert (quiet.runs, shared.runs, exact.runs, quiet.alpha) == (15, 20, 3, 0.01)
    assert (quiet.cv_max, shared.cv_max, quiet.steal_max, shared.steal_max) == (0.05, 0.15, 0.01, 0.05)
    assert (quiet.of("wall_ns").margin, quiet.of("wall_ns", True).margin, shared.of("wall_ns").margin) == (
        0.03, 0.05, 0.10)
    assert (shared.of("rss_peak_bytes").margin, shared.of("rss_peak_bytes").floor) == (0.02, 1 << 20)
    assert (quiet.of("minor_faults_count").margin, quiet.of("minor_faults_count").floor) == (0.01, 16)
    for machine in (quiet, shared, exact):
        assert (machine.of("brk_calls_count").margin, machine.of("brk_calls_count", True).margin) == (0, 0.02)
    assert exact.of("callgrind_instructions_count").margin == 0.005
    assert not exact.of("wall_ns").gate and not quiet.of("heap_bytes").gate
