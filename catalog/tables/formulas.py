"""Cells that a spreadsheet would run as formulas leave as text, and come back as they were.

A cell that begins like a formula gets an apostrophe in front, which spreadsheets do not show; the
readers take it off again. Plain numbers need none.
"""

import re

_FORMULA = re.compile(r"[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d[\d.,]*\Z")
_ESCAPED = re.compile(r"'[=+\-@\t\r]")


def formula_escape(cell: str) -> str:
    """The cell as it may be written to a delimited file."""
    if _FORMULA.match(cell) and not _NUMBER.match(cell):
        return f"'{cell}"
    return cell


def formula_restore(cell: str) -> str:
    """The cell that was meant."""
    if _ESCAPED.match(cell) and not _NUMBER.match(cell[1:]):
        return cell[1:]
    return cell
