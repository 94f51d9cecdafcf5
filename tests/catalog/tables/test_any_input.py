"""Whatever a file holds, reading it ends in rows or in a sentence, and reading loses no line."""

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.exceptions import ImportRefused
from catalog.importing.staging import source_stage
from catalog.tables.delimited import delimited_rows
from catalog.tables.formats import FORMATS, recognise
from catalog.tables.formats.plain import MappedFormat, mapping_guess
from catalog.tables.record import RowFaulty

QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SIGNS = st.text(st.sampled_from("ab1,;\t|\"'\r\n\0 =<>&>/\\[]{}é€\ud800"), max_size=60)
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n"), max_size=20)


@QUICK
@given(content=st.binary(max_size=300) | SIGNS.map(lambda t: t.encode(errors="surrogatepass")))
def test_any_bytes_end_in_rows_or_a_sentence(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    try:
        source_stage(path, tmp_path / "rows.jsonl")
    except ImportRefused as error:
        assert str(error).endswith((".", "!")) or ":" in str(error)


@QUICK
@given(rows=st.lists(st.lists(CELL, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_csv_writes_is_read_as_it_was(tmp_path, rows):
    rows = [["sku", "title", "text"], *(row for row in rows if any(row))]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path = tmp_path / "table.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    found = list(delimited_rows(path, encoding="utf-8"))
    assert [row.reason for row in found] == [""] * len(rows)
    assert [list(row.cells) for row in found] == rows


@pytest.mark.parametrize("key", [*FORMATS, "mapped"])
@QUICK
@given(data=st.data())
def test_any_cells_are_read_and_written_back_unchanged(key, data):
    """Of each format, under its own header: what was read is written as it was."""
    format_ = FORMATS.get(key)
    header = format_.default_header if format_ else ("Nr", "Name", "Farbe", "Text", "Bild")
    format_ = format_ or MappedFormat(mapping_guess(header))
    layout = format_.layout(header)
    width = len(header)
    cells = st.one_of(CELL, st.sampled_from(["a=1,b=2", "A > B", "[clear]", "1", "<p>x</p>"]))
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), min_size=1,
                              max_size=2))  # fmt: skip
    try:
        record = format_.read(layout, rows)
    except RowFaulty:
        return
    record.facts = {name: value for name, value in record.facts.items() if value}
    assert format_.write(layout, record, rows) == rows


@QUICK
@given(header=st.lists(CELL, min_size=1, max_size=8))
def test_any_header_is_known_or_asks_for_a_mapping(header):
    assert recognise(header) is None or recognise(header).key in FORMATS
    assert set(mapping_guess(header)) == set(header)
