"""merge.py joins whole plans, refuses everything else by name, and overwrites nothing."""

import json

import pytest

import merge
from lablib import compare_sides, record, testing
from lablib.errors import BadInput


def shard(folder, index, count, blocks=4, environment=None, allocators=("glibc", "jemalloc"), **changes):
    """A result that holds the blocks of shard index/count."""
    testing.write(folder, blocks=blocks, allocators=allocators,
                  change=lambda row: row if row["block"] % count == index % count else None)
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["plan"]["shard"] = {"index": index, "count": count}
    manifest["environments"]["e0"].update(environment or {})
    (folder / "manifest.json").write_text(json.dumps({**manifest, **changes}))
    return folder


def rows(folder):
    return [json.loads(line) for line in (folder / "runs.jsonl").read_text().splitlines()]


def test_two_shards_make_the_whole_plan(tmp_path):
    merge.merge([shard(tmp_path / "b", 2, 2), shard(tmp_path / "a", 1, 2)], tmp_path / "out")
    whole = rows(testing.write(tmp_path / "whole", blocks=4))
    joined = rows(tmp_path / "out")
    assert sorted((row["block"], row["case"]) for row in joined) == sorted((row["block"], row["case"]) for row in whole)
    assert len({row["run"] for row in joined}) == len(joined)
    manifest = json.loads((tmp_path / "out/manifest.json").read_text())
    assert manifest["plan"]["shard"] == {"index": 1, "count": 1}
    assert {row["environment"] for row in joined} == set(manifest["environments"]) == {"s1-e0", "s2-e0"}


def test_the_parts_stay_as_they_are(tmp_path):
    parts = [shard(tmp_path / "a", 1, 2), shard(tmp_path / "b", 2, 2)]
    before = [(part / name).read_bytes() for part in parts for name in ("manifest.json", "runs.jsonl")]
    merge.merge(parts, tmp_path / "out")
    assert before == [(part / name).read_bytes() for part in parts for name in ("manifest.json", "runs.jsonl")]


def test_series_follow_their_runs(tmp_path):
    part = shard(tmp_path / "a", 1, 1)
    (part / "series").mkdir()
    (part / "series/r000001.jsonl").write_text("{}\n")
    merge.merge([part], tmp_path / "out")
    assert (tmp_path / "out/series/s1-r000001.jsonl").read_text() == "{}\n"


@pytest.mark.parametrize("second, message", [
    (dict(index=1, count=2), "shard 1/2 a second time"),
    (dict(index=2, count=3), "is shard 2/3, the others are of 2"),
    (dict(index=2, count=2, blocks=6), "another number of blocks"),
    (dict(index=2, count=2, seed=9), "another seed"),
    (dict(index=2, count=2, outcome="running"), "is not complete"),
    (dict(index=2, count=2, environment={"libc": "glibc 2.41"}), "libc is glibc 2.41, in .* it is glibc 2.36"),
])
def test_what_does_not_belong_together_is_refused(tmp_path, second, message):
    parts = [shard(tmp_path / "a", 1, 2), shard(tmp_path / "b", **second)]
    with pytest.raises(BadInput, match=message):
        merge.merge(parts, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_shards_run_with_other_limits_are_refused(tmp_path):
    parts = [shard(tmp_path / name, index, 2, execution={"timeout_ms": 60000, "cpus": cpus})
             for index, (name, cpus) in enumerate([("a", "0"), ("b", "0,1")], 1)]
    with pytest.raises(BadInput, match="ran with cpus 0,1, .* with 0"):
        merge.merge(parts, tmp_path / "out")


def test_another_plan_is_refused(tmp_path):
    other = shard(tmp_path / "b", 2, 2)
    manifest = json.loads((other / "manifest.json").read_text())
    manifest["plan"]["id"] = "beef"
    (other / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BadInput, match=r"another plan \(beef\) than .* \(5f0c\)"):
        merge.merge([shard(tmp_path / "a", 1, 2), other], tmp_path / "out")


def test_a_missing_shard_is_named(tmp_path):
    with pytest.raises(BadInput, match="shard 2/3 is missing"):
        merge.merge([shard(tmp_path / "a", 1, 3), shard(tmp_path / "c", 3, 3)], tmp_path / "out")


def test_a_block_in_two_shards_is_refused(tmp_path):
    second = shard(tmp_path / "b", 2, 2)
    (second / "runs.jsonl").write_bytes((shard(tmp_path / "a", 1, 2) / "runs.jsonl").read_bytes())
    with pytest.raises(BadInput, match="has block 1, which .* has too"):
        merge.merge([tmp_path / "a", second], tmp_path / "out")


def test_a_lost_block_is_refused(tmp_path):
    part = shard(tmp_path / "a", 1, 1)
    kept = [row for row in rows(part) if row["block"] != 3]
    (part / "runs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in kept))
    with pytest.raises(BadInput, match="lacks block 3 of 4"):
        merge.merge([part], tmp_path / "out")


def test_an_existing_folder_is_not_touched(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/precious").write_text("x")
    with pytest.raises(BadInput, match="exists already"):
        merge.merge([shard(tmp_path / "a", 1, 1)], tmp_path / "out")
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["precious"]


def test_the_kernel_may_differ_for_counts_but_not_for_times(tmp_path):
    one = shard(tmp_path / "a", 1, 2)
    other = shard(tmp_path / "b", 2, 2, environment={"kernel": "Linux 6.12"})
    merge.merge([one, other], tmp_path / "counts")
    for part in (one, other):
        manifest = json.loads((part / "manifest.json").read_text())
        (part / "manifest.json").write_text(json.dumps({**manifest, "measure": "time"}))
    with pytest.raises(BadInput, match="kernel is Linux 6.12"):
        merge.merge([one, other], tmp_path / "times")


def image(folder, name, version, **facts):
    shard(folder, 1, 1, allocators=("glibc", "mimalloc"), environment={"image": name, **facts})
    manifest = json.loads((folder / "manifest.json").read_text())
    next(each for each in manifest["allocators"] if each["name"] == "mimalloc")["version"] = version
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def images_joined(tmp_path):
    parts = [image(tmp_path / "a", "bookworm", "2.0.9"), image(tmp_path / "b", "trixie", "3.0.1", libc="glibc 2.41")]
    merge.merge(parts, tmp_path / "out", by_image=True)
    return tmp_path / "out"


def test_images_become_arms_with_versions_of_their_own(tmp_path):
    out = images_joined(tmp_path)
    manifest = json.loads((out / "manifest.json").read_text())
    assert {name: each["image"] for name, each in manifest["environments"].items()} == {
        "bookworm-e0": "bookworm", "trixie-e0": "trixie"}
    assert {each["arm"]: each["version"] for each in manifest["allocators"]} == {
        "glibc bookworm": "1.0", "mimalloc bookworm": "2.0.9", "glibc trixie": "1.0", "mimalloc trixie": "3.0.1"}
    cases = {case["id"]: case["arm"] for case in manifest["plan"]["cases"]}
    assert all(cases[row["case"]] == row["arm"] for row in rows(out))


def test_images_can_be_compared_and_keep_other_comparisons_apart(tmp_path):
    runs = compare_sides.gather([record.load(images_joined(tmp_path))])
    by_image = compare_sides.choose_factor(runs, "image")
    assert compare_sides.choose_base(runs, by_image) == ("bookworm", ["trixie"])
    assert "image" not in compare_sides.point_columns(runs, by_image)
    by_allocator = compare_sides.choose_factor(runs)
    assert by_allocator.kind == "allocator"
    assert "image" in compare_sides.point_columns(runs, by_allocator)


@pytest.mark.parametrize("second, message", [("bookworm", "image bookworm a second time"), (None, "not made in one container")])
def test_an_image_twice_or_none_is_refused(tmp_path, second, message):
    with pytest.raises(BadInput, match=message):
        merge.merge([image(tmp_path / "a", "bookworm", "2"), image(tmp_path / "b", second, "2")], tmp_path / "out",
                    by_image=True)
