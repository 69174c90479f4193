"""The lock names every difference of an image, and keeps what is known of a base had the other way."""

from pathlib import Path

from containers import lock

FACTS = {"base": {"origin": "debootstrap", "digest": "sha256:aa"}, "packages": {"libc6": "2.36", "bash": "5"},
         "build_packages": {"g++": "12"}}


def locked():
    value = lock.read(Path("none.json"))
    lock.update(value, "bookworm", FACTS)
    return value


def test_an_equal_image_has_no_difference():
    assert lock.differences(locked(), "bookworm", FACTS) == []


def test_every_difference_is_named():
    changed = {"base": {"origin": "debootstrap", "digest": "sha256:bb"}, "packages": {"libc6": "2.37", "dash": "1"},
               "build_packages": {"g++": "13"}}
    assert lock.differences(locked(), "bookworm", changed) == [
        "bookworm: base from debootstrap: sha256:aa is now sha256:bb",
        "bookworm: package bash: 5 is now absent",
        "bookworm: package dash: absent is now 1",
        "bookworm: package libc6: 2.36 is now 2.37",
        "bookworm: build package g++: 12 is now 13"]


def test_an_image_that_was_never_locked_is_a_difference():
    assert lock.differences(locked(), "trixie", FACTS) == ["trixie: not in the lock file"]


def test_a_base_had_the_other_way_keeps_its_digest():
    value = locked()
    lock.update(value, "bookworm", {**FACTS, "base": {"origin": "registry", "digest": "sha256:cc"}})
    assert value["images"]["bookworm"]["base"] == {"debootstrap": "sha256:aa", "registry": "sha256:cc"}


def test_what_is_written_is_read_back(tmp_path):
    lock.write(locked(), tmp_path / "lock.json")
    assert lock.read(tmp_path / "lock.json") == locked()
    assert lock.read(tmp_path / "none.json") == lock.EMPTY
