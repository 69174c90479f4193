"""Values as multiples of another run's or another phase's, in the same block."""

import pytest

from lablib import cells, frame, record, testing

CHURN = testing.experiment("churn", ["alone", "together", "control_alone", "control_together"], ["threads", "workload"])
POINTS = [{"threads": str(threads), "workload": workload}
          for threads in (1, 2, 4) for workload in ("allocate", "control")]


def select(folder, value, points=POINTS, change=None, **view):
    result = record.load(testing.write(folder, experiments=(CHURN,), points=points, value=value, measure="time",
                                       ideal=lambda at: {}, change=change), warn=lambda text: None)
    view = {"title": "t", "metric": "wall_ns", "phase": "together", "x": "threads", "series": "allocator", **view}
    return frame.select(result, CHURN, view)


def medians(picture):
    table = cells.summarise(picture)
    return {(row["series"], row["x"]): row["median"] for row in table.to_dict("records")}


def by_block(at):
    """The control grows with threads and drifts from block to block; the allocator takes three times as long."""
    control = 100 * int(at.params["threads"]) * at.block
    return control * (3 if at.params["workload"] == "allocate" else 1) * (2 if at.arm == "jemalloc" else 1)


OF_CONTROL = {"where": "workload=allocate", "relative_to": "workload=control"}


def test_the_divisor_is_the_run_of_the_same_block_arm_and_point(tmp_path):
    picture = select(tmp_path, by_block, **OF_CONTROL)
    assert set(picture.frame["value"]) == {3.0} and len(picture.frame) == 2 * 3 * 3
    assert picture.unit == "ratio" and set(picture.frame["ideal"]) == {1.0}


def test_a_divisor_that_failed_leaves_a_gap_with_a_reason(tmp_path):
    def fail(row):
        if row["params"] == {"threads": "2", "workload": "control"} and row["arm"] == "glibc":
            row.update(status="failed", reason="exit 3", phases=[])
        return row

    picture = select(tmp_path, by_block, change=fail, **OF_CONTROL)
    assert ("glibc", "2") not in medians(picture) and medians(picture)[("jemalloc", "2")] == 3
    assert picture.notes == ["wall_ns was not measured in 3 runs of glibc: no value of workload=control beside it"]


@pytest.mark.parametrize("zero", [0, None])
def test_nothing_is_divided_by_nothing(tmp_path, zero):
    picture = select(tmp_path, lambda at: zero if at.params["workload"] == "control" else 5, **OF_CONTROL)
    assert picture.frame.empty


def test_a_phase_is_divided_by_its_counterpart_round_by_round(tmp_path):
    rounds = {"alone": [10, 20, 30], "together": [40, 60, 360], "control_alone": [5, 10, 15],
              "control_together": [10, 20, 90]}

    def repeat(row):
        row["phases"] = [{"name": phase, "metrics": {"wall_ns": values[turn]}, "ideal": {}}
                         for turn in range(3) for phase, values in rounds.items()]
        return row

    picture = select(tmp_path, by_block, [{"threads": "2", "workload": "allocate"}], repeat,
                     phase="", x="phase", relative_to="phase=control_*")
    assert medians(picture) == {(arm, phase): value for arm in ("glibc", "jemalloc")
                                for phase, value in (("alone", 2), ("together", 4))}
