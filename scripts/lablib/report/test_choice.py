"""The choice: right ratios, right rule, right deploy line, and nothing chosen on thin ground."""

import pytest

from lablib import record, testing
from lablib.errors import BadInput
from lablib.report import deploy, sides, verdict

CHURN = testing.experiment("churn", ["fill", "churn"], ["live_bytes"])
POINTS = [{"live_bytes": "1MiB"}, {"live_bytes": "8MiB"}]
NO_KNOBS = [{}]
MIB = 1 << 20


def load(folder, **shape):
    shape = {"experiments": (CHURN,), "points": POINTS, "knobs": NO_KNOBS, "blocks": 6,
             "ideal": lambda at: {}, "measure": "time", **shape}
    return record.load(testing.write(folder, **shape), warn=lambda text: None)


def costs(memory=1.0, time=1.0, noise=0.0):
    """jemalloc's factors against glibc's constant costs."""
    def value(at):
        factor = {"rss_anon_bytes": memory, "wall_ns": time}.get(at.metric, 1.0)
        jitter = 1 + noise * (at.rng.random() - 0.5)
        return round(2e6 * (factor if at.arm == "jemalloc" else 1.0) * jitter)
    return value


def choose(result):
    table = sides.per_run(result)
    base = sides.choose_base(result, table)
    arms = list(dict.fromkeys(table["arm"]))
    failed = table[table["status"] != "ok"].groupby("arm").size().to_dict()
    ratios = [sides.overall(sides.against_base(result, table, base, measure), arms)
              for measure in (sides.FOOTPRINT, sides.TIME)]
    found = verdict.candidates(arms, *ratios, failed)
    return verdict.choose(found, base), {each.side: each for each in found}, verdict.frontier(found)


def test_ratios_are_medians_of_blocks_against_the_base(tmp_path):
    _, found, _ = choose(load(tmp_path, value=costs(memory=0.8, time=1.25)))
    assert found["jemalloc"].footprint.value == pytest.approx(0.8)
    assert found["jemalloc"].cost.value == pytest.approx(1.25)
    assert found["glibc"].footprint.value == found["glibc"].cost.value == 1
    assert found["jemalloc"].footprint.blocks == 6


def test_a_side_that_is_clearly_better_is_chosen(tmp_path):
    (chosen, why), _, _ = choose(load(tmp_path, value=costs(0.8, 0.9, noise=0.02)))
    assert chosen.side == "jemalloc" and "over the whole interval" in why


def test_a_small_gain_is_no_reason_to_leave_the_base(tmp_path):
    (chosen, _), _, _ = choose(load(tmp_path, value=costs(0.99, 0.99)))
    assert chosen.side == "glibc"


def test_a_gain_within_the_noise_is_no_reason(tmp_path):
    (chosen, _), found, _ = choose(load(tmp_path, value=costs(0.97, 0.97, noise=0.6)))
    assert chosen.side == "glibc" and found["jemalloc"].score[2] > 0.98


def test_memory_against_time_leaves_both_on_the_frontier(tmp_path):
    (chosen, _), _, edge = choose(load(tmp_path, value=costs(0.5, 2.0)))
    assert chosen.side == "glibc" and set(edge) == {"glibc", "jemalloc"}


def test_a_side_that_is_beaten_in_both_is_not_on_the_frontier(tmp_path):
    _, _, edge = choose(load(tmp_path, value=costs(1.5, 1.5)))
    assert edge == ["glibc"]


def test_a_side_with_failed_runs_is_not_chosen(tmp_path):
    def fail(row):
        if row["arm"] == "jemalloc" and row["block"] == 3 and row["params"]["live_bytes"] == "8MiB":
            row.update(status="oom_killed", reason="limit")
        return row

    (chosen, _), found, _ = choose(load(tmp_path, value=costs(0.5, 0.5), change=fail))
    assert chosen.side == "glibc" and found["jemalloc"].failed == 1


def test_times_of_counts_runs_do_not_count(tmp_path):
    table = sides.per_run(load(tmp_path, measure="counts"))
    assert table["time"].isna().all() and table["faults"].notna().all()


def test_footprint_is_the_highest_mark_and_kept_the_last(tmp_path):
    value = {"fill": 900, "churn": 500}
    table = sides.per_run(load(tmp_path, value=lambda at: value[at.phase]))
    assert set(table["footprint"]) == {900} and set(table["kept"]) == {500}
    assert set(table["time"]) == {1400}


def test_experiments_about_the_kernel_are_no_workloads(tmp_path):
    kernel = testing.experiment("page_cache", ["fill"], ["live_bytes"], family="kernel")
    result = load(tmp_path, experiments=(CHURN, kernel))
    assert sides.workloads(result) == ["churn"]
    assert sides.workloads(load(tmp_path / "k", experiments=(kernel,))) == ["page_cache"]


def test_points_of_a_workload_weigh_by_what_they_cost(tmp_path):
    def value(at):
        large = at.params["live_bytes"] == "8MiB"
        return (9 if large else 1) * MIB * (2 if at.arm == "jemalloc" and not large else 1)

    _, found, _ = choose(load(tmp_path, value=value))
    assert found["jemalloc"].footprint.value == pytest.approx(1.1)


def test_workloads_that_hold_almost_nothing_do_not_count(tmp_path):
    tiny = testing.experiment("min_chunk", ["fill"], ["live_bytes"])
    result = load(tmp_path, experiments=(CHURN, tiny), value=lambda at:
                  2 * MIB if at.experiment == "churn" else 300000)
    assert sides.workloads(result) == ["churn"]


def test_nothing_measured_is_refused(tmp_path):
    result = load(tmp_path, change=lambda row: {**row, "status": "failed", "reason": "x"})
    with pytest.raises(BadInput, match="no run of a workload"):
        sides.choose_base(result, sides.per_run(result))


def preloading(row):
    if row["arm"] == "jemalloc":
        row["variables"] = {"LD_PRELOAD": "/opt/my libs/libjemalloc.so.2"}
        if row["knobs"].get("purge_delay_ms") == "0":
            row["variables"]["MALLOC_CONF"] = "dirty_decay_ms:0"
    return row


def test_the_deploy_line_is_what_the_runs_were_started_with(tmp_path):
    knobs = [{"purge_delay_ms": "absent"}, {"purge_delay_ms": "0"}]
    result = load(tmp_path, change=preloading, knobs=knobs)
    assert deploy.line(result, "jemalloc") == (
        "LD_PRELOAD='/opt/my libs/libjemalloc.so.2' your-program", "")
    assert deploy.line(result, "jemalloc", "purge_delay_ms=0")[0] == (
        "LD_PRELOAD='/opt/my libs/libjemalloc.so.2' MALLOC_CONF=dirty_decay_ms:0 your-program")
    assert "nothing to deploy" in deploy.line(result, "glibc")[1]


def test_knobs_make_sides_of_their_own(tmp_path):
    knobs = [{"purge_delay_ms": "absent"}, {"purge_delay_ms": "0"}]
    table = sides.per_run(load(tmp_path, knobs=knobs))
    assert set(table["side"]) == {"glibc", "jemalloc", "glibc purge_delay_ms=0",
                                  "jemalloc purge_delay_ms=0"}


def test_a_side_without_a_time_is_neither_scored_nor_chosen_beside_sides_that_have_one():
    def ratio(value):
        return sides.Ratio(value, value, value, 6, 0.95)
    footprint = {"glibc": ratio(1.0), "jemalloc": ratio(0.5)}
    found = verdict.candidates(["glibc", "jemalloc"], footprint, {"glibc": ratio(1.0)}, {})
    assert [(each.side, each.whole) for each in found] == [("glibc", True), ("jemalloc", False)]
    assert verdict.choose(found, "glibc")[0].side == "glibc"
