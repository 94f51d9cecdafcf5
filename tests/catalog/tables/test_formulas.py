"""Which cells a spreadsheet would run, and that escaping them loses nothing."""

import pytest

from catalog.tables.formulas import formula_escape, formula_restore


@pytest.mark.parametrize("cell", ["=1+1", "+a", "-2+3", "@SUM(A1)", "\t=x", "\r=x", "--", "+", "="])
def test_formulas_are_escaped_and_come_back(cell):
    assert formula_escape(cell) == f"'{cell}"
    assert formula_restore(f"'{cell}") == cell


@pytest.mark.parametrize("cell", ["", "-5", "+4.50", "-1,5", "a=b", "'quoted", "'0123", "1-2", "é"])
def test_other_cells_stay_as_they_are(cell):
    assert formula_escape(cell) == cell
    assert formula_restore(cell) == cell
