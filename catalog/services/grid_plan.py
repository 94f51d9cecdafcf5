"""Many cells at once: what a paste, a replacement, or one value for all would change."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from catalog.exceptions import GridRefused
from catalog.grid_columns import Column
from catalog.models import Product
from catalog.selectors.grid import MOST_COUNTED, GridQuery, rows_from
from catalog.services.grid import CellEdit

#: Cells of one step: one transaction, some seconds.
MOST_CELLS = MOST_COUNTED
#: A share of pasted values from which they count as those of another column.
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Pasted:
    """The edits of a paste, lines that found no row, and a column that the values seem to be of."""

    edits: list[CellEdit]
    beyond: int = 0
    looks_like: Column | None = None


def set_plan(*, query: GridQuery, column: Column, text: str) -> list[CellEdit]:
    """One text for all that match. Raises `GridRefused` for one that the column does not take."""
    if not column.is_editable:
        raise GridRefused(_("%(column)s cannot be changed here.") % {"column": column.label})
    column.parse(text)
    return [CellEdit(pk, column, text) for pk in _ids(query)]


def replace_plan(
    *, query: GridQuery, column: Column, find: str, replacement: str, any_case: bool = False
) -> list[CellEdit]:
    """The cells of all that match in which `find` stands. Raises `GridRefused`."""
    if not find:
        raise GridRefused(_("Type what to find: without it every cell would match."))
    if not (column.is_text and column.is_editable):
        raise GridRefused(
            _("Words of %(column)s cannot be replaced: set a value instead.")
            % {"column": column.label}
        )
    pattern = re.compile(re.escape(find), re.IGNORECASE if any_case else 0)
    edits: list[CellEdit] = []
    for product in query.products().iterator(chunk_size=2_000):
        text = column.text(column.value(product))
        replaced = pattern.sub(lambda _found: replacement, text)
        if replaced != text:
            edits.append(CellEdit(product.pk, column, replaced))
            _within_bounds(len(edits))
    return edits


def paste_plan(
    *, query: GridQuery, sku: str, columns: Sequence[Column], first: Column, text: str
) -> Pasted:
    """Cells from a spreadsheet, from the row of `sku` and the column `first` of `columns` on.

    Raises `GridRefused` for more columns than there are, or too many cells.
    """
    lines = _cells(text)
    wide = max((len(line) for line in lines), default=0)
    if wide == 0:
        raise GridRefused(_("There is nothing to paste: copy some cells first."))
    onto = columns[columns.index(first) :]
    if wide > len(onto):
        raise GridRefused(
            _("The paste has %(wide)s columns, and %(left)s are left from this cell on.")
            % {"wide": wide, "left": len(onto)}
        )
    _within_bounds(sum(map(len, lines)))
    products = rows_from(query, sku, len(lines))
    edits = [
        CellEdit(product.pk, column, cell)
        for product, line in zip(products, lines, strict=False)
        for column, cell in zip(onto, line, strict=False)
    ]
    others = [column for column in columns if column is not first]
    looks_like = _other_column(products, [line[0] for line in lines], others)
    return Pasted(edits, max(0, len(lines) - len(products)), looks_like)


def _ids(query: GridQuery) -> list[int]:
    ids = list(query.products().values_list("pk", flat=True)[: MOST_CELLS + 1])
    _within_bounds(len(ids))
    return ids


def _within_bounds(cells: int) -> None:
    if cells > MOST_CELLS:
        raise GridRefused(
            _("One step takes %(most)s cells at most: narrow the filter, or paste in parts.")
            % {"most": f"{MOST_CELLS:,}"}
        )


def _cells(text: str) -> list[list[str]]:
    """The cells of a copied range: tabs between them, quotes round one with a line break."""
    lines = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    while lines and not lines[-1]:
        lines.pop()
    try:
        return [line or [""] for line in csv.reader(_joined(lines), delimiter="\t")]
    except csv.Error as error:
        raise GridRefused(_("These cells cannot be read: copy them again.")) from error


def _joined(lines: list[str]) -> Iterator[str]:
    return (f"{line}\n" for line in lines)


def _other_column(
    products: Sequence[Product], values: Sequence[str], others: Sequence[Column]
) -> Column | None:
    """The other column whose cells hold most of the first values already, if one does."""
    typed = Counter(value.strip().casefold() for value in values if value.strip())
    if typed.total() < 3:
        return None
    for column in others:
        held = {column.text(column.value(product)).strip().casefold() for product in products}
        if sum(typed[value] for value in held if value) >= ALIKE * typed.total():
            return column
    return None
