import math
import types

import numpy
import pytest
from hypothesis import given, settings, strategies as st

import history
from lablib import history_change, history_series, record, testing
from lablib.errors import BadInput


def steps(*levels, spread=0.005, seed=1):
    rng = numpy.random.default_rng(seed)
    return numpy.concatenate([level * numpy.exp(spread * rng.normal(size=count)) for level, count in levels])


def places(changes):
    return [each.at for each in changes]


def test_one_step_is_found_where_it_is():
    found = history_change.changes(steps((100, 8), (110, 8)))
    assert places(found) == [8]
    assert found[0].ratio == pytest.approx(1.1, abs=0.01) and found[0].p < 0.01


def test_two_steps_are_found_also_when_they_cancel():
    assert places(history_change.changes(steps((100, 10), (130, 10), (100, 10)), margin=0.03)) == [10, 20]


def test_a_step_smaller_than_the_margin_is_not_told():
    assert history_change.changes(steps((100, 10), (101.5, 10), spread=0.001), margin=0.03) == []


def test_a_steady_series_rarely_shows_a_change():
    alarms = sum(bool(history_change.changes(steps((100, 20), seed=seed), seed=seed)) for seed in range(200))
    assert alarms <= 20  # five percent are claimed


def test_few_results_show_nothing_by_chance():
    assert history_change.changes([100, 200]) == []
    assert history_change.changes([100, 100, 200]) == []


def test_the_fewest_results_are_those_that_show_the_clearest_step():
    fewest = history_change.fewest()
    for count, found in ((fewest, [fewest // 2]), (fewest - 1, [])):
        clear = [100] * (fewest // 2) + [200] * (count - fewest // 2)
        assert places(history_change.changes(clear)) == found


def test_a_series_too_short_to_show_a_change_is_not_called_steady(tmp_path, capsys):
    def value(at):
        return {"minor_faults_count": 1000, "rss_anon_bytes": 5000 + at.rng.randrange(9)}.get(at.metric, 0)
    folders = [testing.write(tmp_path / str(number), value=value) for number in range(5)]
    out = shown(capsys, *folders, "--metric", "minor_faults_count", "--no-plots")
    assert "too short" not in out and " 0 are steady" not in out  # constant within every result
    out = shown(capsys, *folders, "--metric", "rss_anon_bytes", "--no-plots")
    assert "are too short to say" in out and "8 results are the fewest" in out


def test_exact_values_change_where_they_differ():
    found = history_change.exact_changes([5, 5, 5, 6, 6, float("nan"), 6, 5])
    assert places(found) == [3, 7] and [each.after for each in found] == [6, 5]


def test_a_gap_in_the_series_does_not_move_a_change():
    values = steps((100, 8), (110, 8))
    values[3] = numpy.nan
    assert places(history_change.changes(values)) == [8]


@given(st.lists(st.integers(0, 5), max_size=20))
@settings(deadline=None, max_examples=50)
def test_changes_lie_inside_the_series_in_order_and_really_differ(values):
    found = history_change.changes(values)
    assert places(found) == sorted(set(places(found)))
    assert all(0 < each.at < len(values) and each.before != each.after for each in found)


def nightly(tmp_path, count=12, step=6, facts=lambda number: {}):
    """Results whose faults jump by 10 % at number `step`; folders are named against the order."""
    folders = []
    for number in range(count):
        def value(at, number=number):
            level = {"minor_faults_count": 1000 + 100 * (number >= step), "wall_ns": 10**6}.get(at.metric, 5000)
            return int(level * math.exp(at.rng.gauss(0, 0.01)) if at.metric == "wall_ns" else level)
        environment = {**testing.ENVIRONMENT, "git_commit": f"{number:040x}", **facts(number)}
        folders.append(testing.write(
            tmp_path / f"n{count - number:02}", value=value, blocks=3,
            points=[{"block_bytes": "1MiB", "touched_pages": "23", "touch": "write"}],
            manifest={"created": f"2026-11-{number + 1:02}T00:00:00Z", "environments": {"e0": environment}}))
    return sorted(folders)


def shown(capsys, *arguments):
    assert history.main([str(each) for each in arguments]) == 0
    return capsys.readouterr().out


def test_the_change_is_named_with_its_commit_and_drawn(tmp_path, capsys):
    out = shown(capsys, *nightly(tmp_path), "--metric", "minor_faults_count", "--out", tmp_path / "p")
    line = next(line for line in out.splitlines() if line.startswith("minor_faults_count"))
    assert f"{6:040x}"[:9] in line and "×1.100" in line and "exact" in line and "1000 → 1100" in line
    for suffix in ("svg", "png"):
        assert (tmp_path / "p" / f"first_touch-minor_faults_count.{suffix}").stat().st_size > 1000


def test_a_change_of_the_environment_stands_beside_the_change_of_the_metric(tmp_path, capsys):
    folders = nightly(tmp_path, facts=lambda number: {"libc": "glibc 2.41" if number >= 6 else "glibc 2.36"})
    out = shown(capsys, *folders, "--metric", "minor_faults_count", "--no-plots")
    assert all(line.endswith("libc") for line in out.splitlines() if line.startswith("minor_faults"))


def test_results_stand_in_the_order_of_their_commits_where_git_knows_them(tmp_path):
    results = [record.load(folder) for folder in nightly(tmp_path, count=3)]
    listing = "\n".join(f"{number:040x}" for number in (1, 2, 0))
    def git(*_, **__):
        return types.SimpleNamespace(stdout=listing)
    ordered, how = history_series.in_commit_order(results, git)
    assert [history_series.label(each)[-1] for each in ordered] == ["0"] * 3
    assert [each.manifest["created"][8:10] for each in ordered] == ["02", "03", "01"]
    assert "commits" in how
    ordered, how = history_series.in_commit_order(results, lambda *_, **__: types.SimpleNamespace(stdout=""))
    assert [each.manifest["created"][8:10] for each in ordered] == ["01", "02", "03"]
    assert "time" in how


def test_one_result_or_results_without_a_common_point_are_bad_input(tmp_path):
    one = testing.write(tmp_path / "a")
    with pytest.raises(BadInput, match="at least two"):
        history.main([str(one)])
    other = testing.write(tmp_path / "b", measure="time")
    with pytest.raises(BadInput, match="two of them"):
        history.main([str(one), str(other)])
