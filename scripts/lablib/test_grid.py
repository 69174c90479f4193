"""The table: rows series, columns x values, the ideal last, and nothing invented."""

from lablib import frame, grid, record, testing


def lay_out(folder, change=None, value=testing.plain_value, **view):
    result = record.load(testing.write(folder, change=change, value=value), warn=lambda text: None)
    experiment = result.experiments["first_touch"]
    return grid.lay_out(frame.select(result, experiment, {**experiment["table"], **view}, False))


def test_the_ideal_is_the_last_row(tmp_path):
    assert grid.plain(lay_out(tmp_path)) == """\
RSS after touching
columns: touched_pages, pages touched; touch = write

allocator    0      1      23
glibc      0 B  4 KiB  92 KiB
jemalloc   0 B  4 KiB  92 KiB
ideal      0 B  4 KiB  92 KiB"""


def test_a_cell_that_varies_shows_its_spread(tmp_path):
    table = lay_out(tmp_path, metric="minor_faults_count", since_start=False,
                    value=lambda at: 10 + at.block)
    assert table.rows[0][1] == "12 [11, 13]"


def test_a_failed_cell_names_the_status(tmp_path):
    def fail(row):
        if row["allocator"] == "glibc" and row["params"]["touched_pages"] == "1":
            row.update(status="timeout", reason="30 s", phases=[])
        return row

    assert lay_out(tmp_path, fail).rows[0] == ["glibc", "0 B", "timeout", "92 KiB"]


def test_what_was_not_measured_is_no_row(tmp_path):
    table = lay_out(tmp_path, metric="mmap_calls_count", since_start=False)
    assert table.rows == [] and "tracefs" in table.notes[0]


def test_a_table_by_allocator_has_one_row_an_allocator(tmp_path):
    table = lay_out(tmp_path, x="allocator", where="touched_pages=23")
    assert table.rows == [["glibc", "92 KiB"], ["jemalloc", "92 KiB"]]


def test_neighbouring_columns_that_agree_are_merged_when_asked(tmp_path):
    table = lay_out(tmp_path, metric="mmap_calls_count", since_start=False,
                    value=lambda at: 7 if at.params["touched_pages"] == "23" else 5)
    assert grid.merged(table).header == ["0 … 1", "23"]
    assert grid.merged(table).rows[0] == ["glibc", "5", "7"]
    assert "0 … 1" in grid.plain(table, most_columns=5) and "0 … 1" not in grid.plain(table, 80)


def test_markdown_escapes_what_could_be_markup():
    table = grid.Grid("<b>", ["arm"], ["1"], [["a|b*", "`2`"]], ["x\ny"], True)
    assert grid.markdown(table) == (
        "**&lt;b>**\n\n| arm | 1 |\n|---|---:|\n| a\\|b\\* | \\`2\\` |\n\n- x\ufffdy")
