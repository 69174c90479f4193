"""Inconclusive rows, environments that differ, and stored baselines: exits 4 and 5."""

from lablib.gate_testing import POINT, MMAPS, WALL, SPREAD, values, on, write, run, rows_of, spoil, two


def test_inconclusive_fails_only_when_asked_to(tmp_path, monkeypatch):
    monkeypatch.setitem(SPREAD, WALL, 0.045)
    result = write(tmp_path / "r", measure="time")
    code, rows = rows_of(result, "--machine", "quiet", tmp_path=tmp_path)
    assert code == 0 and "inconclusive" in {row["verdict"] for row in rows}
    assert run(result, "--machine", "quiet", "--fail-on", "inconclusive") == 4


def test_another_libc_is_an_environment_mismatch_named_by_its_key(tmp_path):
    code, rows = rows_of(*two(tmp_path, "libc", "glibc 2.41"), tmp_path=tmp_path)
    assert code == 5 and {row["reason"] for row in rows} == {"environment:libc"}
    assert "glibc 2.36 against glibc 2.41" in rows[0]["detail"]
    assert run(*two(tmp_path, "libc", "glibc 2.41"), "--exempt", "libc") == 0


def test_all_rows_of_one_mismatch_are_told_in_one_line(tmp_path, capsys):
    run(*two(tmp_path, "libc", "glibc 2.41"), "--markdown", tmp_path / "summary.md")
    shown, summary = capsys.readouterr().out, (tmp_path / "summary.md").read_text()
    for text in (shown, summary):
        assert text.count("libc: glibc 2.36 against glibc 2.41") == 1
    assert "not comparable in" in shown


def test_a_key_that_is_required_to_agree_is_a_mismatch_too(tmp_path):
    results = two(tmp_path, "compiler", "GNU 14.2.0")
    assert run(*results) == 0
    code, rows = rows_of(*results, "--require", "compiler", tmp_path=tmp_path)
    assert code == 5 and all("compiler" in row["detail"] for row in rows)


def test_another_cpu_forbids_comparing_times_but_not_counts(tmp_path):
    assert run(*two(tmp_path, "cpu_model", "another")) == 0
    assert run(*two(tmp_path, "cpu_model", "another", measure="time")) == 5


def test_a_regression_wins_over_a_failure_and_a_mismatch(tmp_path):
    points = [{**POINT[0], "touched_pages": pages} for pages in ("1", "23")]
    def worse_and_failing(row):
        return spoil()(row) if row["params"]["touched_pages"] == "1" else row
    result = write(tmp_path / "r", on(MMAPS, lambda value: value + 10), points=points,
                   change=worse_and_failing)
    assert run(result, "--no-confirm") == 1



def test_a_stored_baseline_is_labelled_and_compared_without_pairs(tmp_path, capsys):
    assert run(*two(tmp_path, "note", "x", value=values(), measure="time")) == 0
    assert "not the same session" in capsys.readouterr().out


def test_what_the_baseline_does_not_have_yet_is_told_and_what_the_candidate_lost_is_missing(tmp_path):
    more = [{**POINT[0], "touched_pages": pages} for pages in ("1", "23")]
    small = write(tmp_path / "small", arms={"glibc": "glibc"})
    large = write(tmp_path / "large", arms={"glibc": "glibc"}, points=more)
    code, rows = rows_of(small, large, tmp_path=tmp_path)
    assert code == 0 and "new" in {row["reason"] for row in rows}
    code, rows = rows_of(large, small, tmp_path=tmp_path)
    assert code == 3 and "no_run" in {row["reason"] for row in rows}
