"""The closing line of `make test` counts what ran and never makes an empty suite look green."""

import sys

import pytest

from run_tests import Count, count_junit, run_suite


def write(path, text):
    path.write_text(text)
    return path


def test_ctest_counts_disabled_and_skipped_together(tmp_path):
    junit = write(tmp_path / "a.xml", '<testsuite tests="7" failures="1" disabled="1" skipped="2"/>')
    assert count_junit(junit) == Count(3, 1, 3)


def test_pytest_errors_are_failures(tmp_path):
    junit = write(tmp_path / "a.xml", '<testsuites><testsuite tests="5" failures="1" errors="2" skipped="1"/></testsuites>')
    assert count_junit(junit) == Count(1, 3, 1)


@pytest.mark.parametrize("text", ["", '<testsuite tests="0"/>', "<testsuite", "<testsuites/>"])
def test_a_file_without_tests_is_refused(tmp_path, text):
    with pytest.raises(ValueError, match="no test"):
        count_junit(write(tmp_path / "a.xml", text))


def test_a_suite_that_leaves_no_file_is_one_failure(tmp_path, capsys):
    stale = write(tmp_path / "a.xml", '<testsuite tests="5" failures="0"/>')
    assert run_suite("ctest", ["true"], stale) == Count(failed=1)
    assert "no test counts" in capsys.readouterr().err


def test_a_suite_that_exits_non_zero_without_a_failed_test_is_one_failure(tmp_path):
    script = f"open({str(tmp_path / 'a.xml')!r}, 'w').write('<testsuite tests=\"5\"/>'); raise SystemExit(3)"
    count = run_suite("pytest", [sys.executable, "-c", script], tmp_path / "a.xml")
    assert (count.passed, count.failed) == (5, 1)


def test_the_closing_line_has_three_numbers():
    assert str(Count(1, 2, 3) + Count(4, 0, 0)) == "5 passed, 2 failed, 3 skipped"
