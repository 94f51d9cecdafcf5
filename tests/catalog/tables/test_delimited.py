"""CSV as it comes: encodings, delimiters, broken rows, and cells that a spreadsheet would run."""

import tracemalloc

import pytest

from catalog.exceptions import ImportRefused
from catalog.tables.delimited import (
    LONGEST_CELL,
    delimited_rows,
    formula_escape,
    formula_restore,
)

NOT_CLOSED = "A quote that opens in this row is never closed."
TEXT = "sku,title\n1,Größe “M” – schön\n2,Ça va\n"


def read(tmp_path, content, **options):
    path = tmp_path / "table.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [(row.line, list(row.cells), row.reason) for row in delimited_rows(path, **options)]


def good(tmp_path, content):
    rows = read(tmp_path, content)
    assert [reason for _, _, reason in rows] == [""] * len(rows)
    return [cells for _, cells, _ in rows]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_encodings_are_found(tmp_path, encoding):
    assert good(tmp_path, TEXT.encode(encoding)) == [
        ["sku", "title"],
        ["1", "Größe “M” – schön"],
        ["2", "Ça va"],
    ]


def test_letters_of_another_script_are_not_taken_for_western_ones(tmp_path):
    text = "sku,title\n" + "".join(
        f"{number},Красное платье из хлопка с длинным рукавом\n" for number in range(20)
    )
    assert good(tmp_path, text.encode("cp1251"))[1] == [
        "0",
        "Красное платье из хлопка с длинным рукавом",
    ]


def test_a_named_encoding_is_taken_at_its_word(tmp_path):
    rows = read(tmp_path, "sku,title\n1,żółty\n".encode("cp1250"), encoding="cp1250")
    assert rows[1] == (2, ["1", "żółty"], "")


def test_of_mixed_encodings_the_wrong_rows_are_named(tmp_path):
    content = "sku,title\n1,Größe\n".encode() + "2,Größe\n".encode("cp1252") + b"3,ok\n"
    rows = read(tmp_path, content)
    assert [(line, reason) for line, _, reason in rows if reason] == [
        (3, "The row holds characters that are not in the file's encoding (utf-8).")
    ]
    assert rows[3] == (4, ["3", "ok"], "")


def test_utf_16_that_breaks_off_is_refused(tmp_path):
    content = "sku,title\n1,a\n".encode("utf-16") + b"\x00\xd8\x41"
    with pytest.raises(ImportRefused, match=r"its text \(utf-16\) breaks off"):
        read(tmp_path, content)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_are_found(tmp_path, delimiter, ending):
    rows = [["sku", "title", "price"], ["1", "a, b; c", "1,50"], ["2", 'say "x"', ""]]
    lines = [delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows]
    assert good(tmp_path, ending.join(lines)) == rows


def test_a_semicolon_table_of_decimal_commas(tmp_path):
    assert good(tmp_path, "sku;price\n1;1,50\n2;2,50\n") == [
        ["sku", "price"],
        ["1", "1,50"],
        ["2", "2,50"],
    ]


def test_excels_separator_line_is_no_row(tmp_path):
    assert good(tmp_path, "sep=;\nsku;title\n1;a,b\n") == [["sku", "title"], ["1", "a,b"]]


def test_one_column_is_a_table_too(tmp_path):
    assert good(tmp_path, "sku\nA\nB\n") == [["sku"], ["A"], ["B"]]


def test_a_cell_may_hold_lines_which_stay_as_they_are(tmp_path):
    assert good(tmp_path, 'sku,text\n1,"a\r\nb\n\nc"\n2,d\n') == [
        ["sku", "text"],
        ["1", "a\r\nb\n\nc"],
        ["2", "d"],
    ]


def test_rows_too_long_or_short_are_named_and_the_rest_goes_on(tmp_path):
    rows = read(tmp_path, "sku,title\n1,a,b\n2\n3,c,,\n\n4,d\n")
    assert rows[1:] == [
        (2, ["1", "a", "b"], "The row has 3 cells, but the header has only 2."),
        (3, ["2"], "The row has 1 cells, but the header has 2."),
        (4, ["3", "c"], ""),
        (6, ["4", "d"], ""),
    ]


def test_a_quote_that_is_never_closed_costs_its_own_row_alone(tmp_path):
    rows = read(tmp_path, 'sku,title\n1,"abc\n2,"def"\n3,ok\n4,"end')
    assert rows[1:] == [
        (2, ["1", "abc"], NOT_CLOSED),
        (3, ["2", "def"], ""),
        (4, ["3", "ok"], ""),
        (5, ["4", "end"], NOT_CLOSED),
    ]


def test_a_quote_inside_a_cell_that_is_not_doubled_is_named(tmp_path):
    rows = read(tmp_path, 'sku,title\n1,"a "b" c"\n2,d\n')
    assert [(line, reason) for line, _, reason in rows[1:]] == [
        (2, "A quote inside a cell is not doubled."),
        (3, ""),
    ]


def test_cells_that_an_editor_has_aligned(tmp_path):
    content = (
        '"sku"   ,"title"    ,brand\n'
        '"1"     ,"Cap"      ,Wren \n'
        '"2"     ,"Hat ""L"" ","a, b"  \n'
        '"3"     ,"two\nlines"  ,"c"\n'
        "4,plain,d\n"
    )
    assert read(tmp_path, content) == [
        (1, ["sku", "title", "brand"], ""),
        (2, ["1", "Cap", "Wren "], ""),
        (3, ["2", 'Hat "L" ', "a, b"], ""),
        (4, ["3", "two\nlines", "c"], ""),
        (6, ["4", "plain", "d"], ""),
    ]


def test_an_open_quote_before_aligned_cells_costs_its_own_row_alone(tmp_path):
    rows = read(tmp_path, 'sku,title\n1,"abc\n2,"def"  \n3,ok\n')
    assert rows[1:] == [
        (2, ["1", "abc"], NOT_CLOSED),
        (3, ["2", "def"], ""),
        (4, ["3", "ok"], ""),
    ]


def test_a_quote_in_the_middle_of_a_plain_cell_is_a_sign_like_any_other(tmp_path):
    assert good(tmp_path, 'sku,title\n1,12" tyre\n') == [["sku", "title"], ["1", '12" tyre']]


def test_nul_is_named(tmp_path):
    rows = read(tmp_path, b"sku,title\n1,a\0b\n2,c\n")
    assert rows[1][2] == "The row holds a NUL character."
    assert rows[2] == (3, ["2", "c"], "")


@pytest.mark.parametrize("quoted", [True, False])
def test_a_cell_of_ten_megabytes_is_named_and_fills_no_memory(tmp_path, quoted):
    cell = "x" * 10_000_000
    content = f'sku,title\n1,"{cell}"\n2,ok\n' if quoted else f"sku,title\n1,{cell}\n2,ok\n"
    path = tmp_path / "table.csv"
    path.write_text(content)
    del cell, content
    tracemalloc.start()
    rows = [(row.line, row.reason) for row in delimited_rows(path)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == [
        (1, ""),
        (2, f"A cell is longer than {LONGEST_CELL:,} characters."),
        (3, ""),
    ]
    assert peak < 40_000_000


def test_a_quote_that_swallows_a_whole_file_costs_one_row(tmp_path):
    lines = "".join(f"{number},title\n" for number in range(20_000))
    rows = read(tmp_path, f'sku,title\nx,"open\n{lines}')
    assert [row for row in rows if row[2]] == [(2, ["x", "open"], NOT_CLOSED)]
    assert len(rows) == 20_002
    assert rows[-1] == (20_002, ["19999", "title"], "")


@pytest.mark.parametrize("cell", ["=1+1", "+a", "-2+3", "@SUM(A1)", "\t=x", "\r=x", "--", "+", "="])
def test_formulas_are_escaped_and_come_back(cell):
    assert formula_escape(cell) == f"'{cell}"
    assert formula_restore(f"'{cell}") == cell


@pytest.mark.parametrize("cell", ["", "-5", "+4.50", "-1,5", "a=b", "'quoted", "'0123", "1-2", "é"])
def test_other_cells_stay_as_they_are(cell):
    assert formula_escape(cell) == cell
    assert formula_restore(cell) == cell
