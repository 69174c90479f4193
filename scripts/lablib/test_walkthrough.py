"""The heap's pictures: the story is what the notes tell, the measured columns what was recorded."""

from lablib import drawings, heap_story, record, testing, walkthrough

KIB = 1 << 10
SIZES = {"a": 30 * KIB, "b": 40 * KIB, "c": 200 * KIB, "d": 100 * KIB}
NAMES = ["malloc_a", "malloc_b", "malloc_c", "malloc_d", "free_c", "free_b", "free_d", "free_a"]
START, MAPPED = 1 << 40, 1 << 46
PLACES = {"a": START + 672, "b": START + 32 * KIB, "c": MAPPED, "d": START + 72 * KIB}
METRICS = {name: {"unit": unit, "kind": kind, "better": "none", "deterministic": True,
                  "blocking": "counts", "source": "", "meaning": ""}
           for name, unit, kind in (
               ("rss_anon_bytes", "byte", "gauge"), ("heap_start_address", "address", "gauge"),
               ("heap_top_address", "address", "gauge"), ("brk_calls_count", "count", "counter"),
               ("block_address", "address", "observed"), ("block_bytes", "byte", "observed"))}


def value(at):
    """A heap of 300 KiB that shrinks to 160 KiB at free D, when the trim threshold is set."""
    letter, shrinks = at.phase[-1], at.knobs["trim_threshold_bytes"] != "absent"
    late = at.phase in ("free_d", "free_a")
    return {"rss_anon_bytes": 200000 + (100 if shrinks and late else 168) * KIB,
            "heap_start_address": START, "block_address": PLACES[letter],
            "block_bytes": SIZES[letter], "brk_calls_count": int(shrinks and at.phase == "free_d"),
            "heap_top_address": START + (160 if shrinks and late else 300) * KIB}[at.metric]


def with_heap_start(row):
    return {**row, "at_start": {"rss_anon_bytes": 200000, "heap_start_address": START}}


def result(folder, **shape):
    described = testing.experiment(heap_story.EXPERIMENT, NAMES)
    knobs = [{"mmap_threshold_bytes": mmap, "trim_threshold_bytes": trim}
             for mmap, trim in (("absent", "absent"), ("absent", "128KiB"), ("128KiB", "128KiB"))]
    folder = testing.write(folder, experiments=(described,), points=[{}], knobs=knobs, metrics=METRICS,
                           value=value, ideal=lambda at: {}, change=with_heap_start, **shape)
    return record.load(folder, warn=lambda text: None)


def test_the_story_maps_c_leaves_a_hole_for_b_and_shrinks_when_b_and_d_merge():
    steps = {step.name: step for step in heap_story.told(SIZES, NAMES)}
    assert steps["malloc_c"].mapped == {"c": 200 * KIB}
    assert steps["malloc_d"].end == steps["free_b"].end == 170 * KIB
    assert steps["free_c"].resident == steps["free_b"].resident == 170 * KIB
    assert steps["free_d"].end == steps["free_d"].resident == 30 * KIB
    assert steps["free_a"].end == 30 * KIB and not steps["free_a"].blocks


def test_measured_steps_are_the_recorded_numbers(tmp_path):
    made = result(tmp_path)
    steps = heap_story.measured(made, made.runs[made.runs["case"] == "c2"].index[0])
    by_name = {step.name: step for step in steps}
    assert by_name["malloc_d"].blocks["d"] == (72 * KIB, 100 * KIB)
    assert by_name["malloc_d"].mapped == {"c": 200 * KIB}
    assert by_name["free_b"].written == 172 * KIB and by_name["free_b"].end == 300 * KIB
    assert by_name["free_d"].resident == 100 * KIB and by_name["free_d"].calls == {"brk": 1}
    assert by_name["free_d"].written == by_name["free_d"].end == 160 * KIB


def test_settings_that_behave_alike_share_a_column(tmp_path):
    titles = [title for title, _ in heap_story.columns(result(tmp_path))]
    assert titles == ["As told", "Measured: both thresholds at default",
                      "Measured: trim threshold 128 KiB; the same with mmap threshold 128 KiB and "
                      "trim threshold 128 KiB"]


def test_the_drawing_tells_every_step_and_what_differs(tmp_path):
    (stem, figure), = drawings.of_result(result(tmp_path))
    assert stem == "abcd_walkthrough-heap" and len(figure.axes) == 3
    names = [text.get_text().split("\n")[0] for text in figure.texts]
    for name in ("malloc A", "malloc D", "free C", "free A"):
        assert name in names
    default = [text.get_text() for text in figure.axes[1].texts]
    assert "RSS 168 KiB · heap 300 KiB · nothing given back" in default
    shrunk = [text.get_text() for text in figure.axes[2].texts]
    assert "RSS 100 KiB (−68 KiB) · heap 160 KiB (−140 KiB) · brk" in shrunk


def test_a_result_without_the_experiment_has_no_drawing(tmp_path):
    made = record.load(testing.write(tmp_path), warn=lambda text: None)
    assert list(drawings.of_result(made)) == []
    assert list(walkthrough.pictures(result(tmp_path / "other", allocators=("jemalloc",)))) == []
