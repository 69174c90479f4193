import json
import pathlib
import shutil
import subprocess
import types

import pytest

import gate
import validate
from lablib import gate_callgrind, gate_instructions, gate_run
from lablib.errors import BadInput

LIBRARY = "/usr/lib/libx.so"
SUMMARY = "==12== Events    : Ir\n==12== Collected : 2237818\n"
SCUDO = "==9== ...\nScudo ERROR: internal map or unmap failure (NO MEMORY)\n"


def test_the_count_is_read_when_the_right_library_served():
    count = gate_callgrind.read(0, f"serving {LIBRARY}\n", SUMMARY, LIBRARY)
    assert (count.instructions, count.reason) == (2237818, "")


@pytest.mark.parametrize("code, out, err, reason", [
    (0, "serving /lib/libc.so.6\n", SUMMARY, "not by /usr/lib/libx.so"),
    (0, "", SUMMARY, "nobody known"),
    (0, f"serving {LIBRARY}\n", "==12== Collected : 0\n", "collected nothing"),
    (0, f"serving {LIBRARY}\n", "", "collected nothing"),
    (1, "", SCUDO, "Scudo ERROR"),
    (-6, "", "", "ended with -6")])
def test_anything_odd_is_null_with_a_reason_and_never_a_number(code, out, err, reason):
    count = gate_callgrind.read(code, out, err, LIBRARY)
    assert count.instructions is None and reason in count.reason


def test_arms_are_resolved_like_those_of_the_lab(tmp_path):
    library = tmp_path / "libjemalloc.so.2"
    library.write_text("")
    listing = types.SimpleNamespace(stdout=json.dumps([{"name": "mimalloc", "path": "/x.so"}]))
    resolve = lambda text: gate_instructions.resolve(text, "lab", lambda *_, **__: listing)
    assert resolve(f"base={library}") == ("base", "jemalloc", str(library))
    assert resolve(f"base=other={library}") == ("base", "other", str(library))
    assert resolve("base=glibc") == ("base", "glibc", None)
    assert resolve("base=mimalloc") == ("base", "mimalloc", "/x.so")
    for wrong in ("base", "base=", "base=/no/such.so", "base=mimaloc"):
        with pytest.raises(BadInput):
            resolve(wrong)


def measured(folder, instructions):
    """A result with made-up counts: instructions(arm) → Count."""
    program = pathlib.Path(__file__)
    arms = [("base", "x", str(program)), ("candidate", "y", str(program.with_name("record.py")))]

    def count(_, workload, operations, library):
        return instructions("base" if library == arms[0][2] else "candidate")

    return gate_instructions.write(folder, arms, ["churn", "mixed"], 1000, 3, program, ["x"], count,
                                   tell=lambda _: None)


def number(value, reason=""):
    return gate_callgrind.Count(value, reason, LIBRARY, 0, "")


def gated(folder, *more):
    return gate_run.gate(gate.parse([str(folder), "--deterministic", "--no-confirm", *more]))


def test_the_result_is_valid_and_gated_like_any_other(tmp_path):
    folder = measured(tmp_path / "r", lambda arm: number(1_000_000))
    assert validate.problems_of(folder) == []
    assert gated(folder) == 0


@pytest.mark.parametrize("more, code", [(10_000, 1), (4_000, 0), (-50_000, 0)])
def test_one_percent_more_instructions_fails_the_gate(tmp_path, more, code):
    assert gated(measured(tmp_path / "r", lambda arm: number(
        1_000_000 + more * (arm == "candidate")))) == code


def test_an_allocator_that_cannot_run_under_valgrind_is_never_green(tmp_path):
    folder = measured(tmp_path / "r", lambda arm: number(None, "Scudo ERROR") if arm == "candidate"
                      else number(5))
    assert validate.problems_of(folder) == []
    assert gated(folder) == 3


def test_an_old_result_is_not_overwritten(tmp_path):
    folder = measured(tmp_path / "r", lambda arm: number(5))
    with pytest.raises(BadInput, match="not empty"):
        measured(folder, lambda arm: number(5))


SHIM = """
#include <stddef.h>
void* __libc_malloc(size_t); void __libc_free(void*);
void* __libc_calloc(size_t, size_t); void* __libc_realloc(void*, size_t);
void* malloc(size_t n) { __asm__ volatile(".rept %d\\nnop\\n.endr"); return __libc_malloc(n); }
void free(void* p) { __libc_free(p); }
void* calloc(size_t n, size_t m) { return __libc_calloc(n, m); }
void* realloc(void* p, size_t n) { return __libc_realloc(p, n); }
"""


def shim(folder, extra):
    """A library whose malloc takes `extra` instructions more than glibc's."""
    source = folder / f"shim{extra}.c"
    source.write_text(SHIM % extra)
    library = source.with_suffix(".so")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
    return str(library)


@pytest.mark.skipif(not (shutil.which("valgrind") and shutil.which("cc")), reason="needs valgrind and cc")
def test_real_counts_are_bit_identical_and_show_one_percent_more(tmp_path):
    source = pathlib.Path(gate_callgrind.__file__).parent.parent / "instructions_workload.cpp"
    program = gate_callgrind.build(source, tmp_path)
    operations = 2000

    def count(library):
        counted = gate_callgrind.count(program, "churn", operations, library)
        assert counted.reason == ""
        return counted.instructions

    base = shim(tmp_path, 1)
    first = count(base)
    assert [count(base) for _ in range(2)] == [first, first]
    extra = 1 + -(-first // 100 // operations)
    assert count(shim(tmp_path, extra)) == first + operations * (extra - 1)
