"""What every reader yields, whatever the file is: rows of text cells, each with its line."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row. `line` is where a person finds it in the file, counted from 1 (the header's line).

    `reason` is empty for a row that can be used; otherwise it says in a sentence what is wrong,
    and `cells` holds what could be read, which may be nothing.
    """

    line: int
    cells: Sequence[str]
    reason: str = ""


class RowFaulty(Exception):
    """A row cannot be used; the message is a sentence for the person who owns the file."""
