"""Changes in the grid: cells as one step, which is undone as one. Nobody's words are lost.

A cell is written only where it still holds what its editor has seen. Otherwise the editor is told
both values, and decides.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.category_tree import CategoryTree
from catalog.choices import GridStepKind
from catalog.exceptions import GridRefused, TransitionRefused
from catalog.grid_columns import Column, columns_of
from catalog.models import Category, GridCell, GridStep, Product
from catalog.selectors.grid import grid_step_last
from catalog.transitions.product import products_change

#: Products that are read or locked by one query.
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What somebody wants in a cell. `seen` is the text that stood there; None takes any."""

    product_id: int
    column: Column
    text: str
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class CellOutcome:
    """One cell: the texts before and after, or why it stays as it is."""

    product: Product
    column: Column
    before: str
    after: str
    reason: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of the cells of a step, or would become of them."""

    changed: list[CellOutcome] = field(default_factory=list)
    unchanged: int = 0
    refused: list[CellOutcome] = field(default_factory=list)
    #: Somebody else changed these since they were seen; `before` is what they hold now.
    conflicts: list[CellOutcome] = field(default_factory=list)
    step: GridStep | None = None


def cells_preview(*, edits: Sequence[CellEdit]) -> Outcome:
    """What `cells_change` would do now. Nothing is written."""
    products = _products({edit.product_id for edit in edits}, lock=False)
    outcome = Outcome()
    for _edit, _value in _judged(edits, products, outcome, as_of=None):
        pass
    return outcome


def cells_change(
    *,
    edits: Sequence[CellEdit],
    kind: GridStepKind,
    actor: User,
    idempotency_key: UUID,
    as_of: datetime | None = None,
) -> Outcome:
    """Write the cells as one step; what cannot be written stays, and is named.

    Products that changed after `as_of` count as conflicts. A second click with the same key finds
    the step of the first and changes nothing.
    """
    with transaction.atomic():
        products = _products({edit.product_id for edit in edits}, lock=True)
        outcome = Outcome(step=GridStep.objects.filter(idempotency_key=idempotency_key).first())
        if outcome.step is None:
            cells = list(_written(edits, products, outcome, as_of))
            outcome.step = _step_write(cells, products, kind, actor, idempotency_key)
    return outcome


def grid_undo(*, actor: User, idempotency_key: UUID) -> Outcome:
    """Take back this person's last step, all of it; cells that changed since stay and are named.

    Raises `TransitionRefused` where there is none.
    """
    with transaction.atomic():
        outcome = Outcome(step=GridStep.objects.filter(idempotency_key=idempotency_key).first())
        if outcome.step is not None:
            return outcome
        undone = grid_step_last(actor)
        if undone is None:
            raise TransitionRefused(_("There is nothing to undo."))
        cells = list(undone.cells.all())
        products = _products({cell.product_id for cell in cells}, lock=True)
        known, _gone = columns_of({cell.column for cell in cells}, CategoryTree())
        columns = {column.key: column for column in known}
        back = list(_taken_back(cells, products, columns, outcome))
        outcome.step = _step_write(
            back, products, GridStepKind.UNDO, actor, idempotency_key, undoes=undone
        )
    return outcome


def _products(ids: Collection[int], *, lock: bool) -> dict[int, Product]:
    """The products by id, locked by rising id, so that no two steps wait in a circle."""
    found: dict[int, Product] = {}
    rows = Product.objects.select_for_update(no_key=True) if lock else Product.objects.all()
    ordered = sorted(ids)
    for first in range(0, len(ordered), _AT_ONCE):
        some = rows.filter(pk__in=ordered[first : first + _AT_ONCE]).order_by("pk")
        found.update((product.pk, product) for product in some)
    return found


def _judged(
    edits: Sequence[CellEdit],
    products: Mapping[int, Product],
    outcome: Outcome,
    *,
    as_of: datetime | None,
) -> Iterator[tuple[CellEdit, Any]]:
    """The edits that may be written, with their values; the others are noted in `outcome`."""
    for edit in edits:
        product = products.get(edit.product_id)
        if product is None:
            continue  # deleted meanwhile
        column, now = edit.column, edit.column.value(product)
        before = column.text(now)
        cell = CellOutcome(product, column, before, edit.text.strip())
        try:
            value = _value_of(edit)
        except GridRefused as refused:
            outcome.refused.append(CellOutcome(product, column, before, edit.text, str(refused)))
            continue
        if value == now or column.text(value) == before:
            outcome.unchanged += 1
        elif (edit.seen is not None and before != edit.seen) or (
            as_of is not None and product.updated_at > as_of
        ):
            outcome.conflicts.append(cell)
        else:
            outcome.changed.append(cell)
            yield edit, value


def _value_of(edit: CellEdit) -> Any:
    if not edit.column.is_editable:
        raise GridRefused(_("%(column)s cannot be changed here.") % {"column": edit.column.label})
    return edit.column.parse(edit.text)


def _written(
    edits: Sequence[CellEdit],
    products: Mapping[int, Product],
    outcome: Outcome,
    as_of: datetime | None,
) -> Iterator[tuple[GridCell, Column]]:
    """Put the values into the products, in memory; what each cell held and holds."""
    for edit, value in _judged(edits, products, outcome, as_of=as_of):
        product = products[edit.product_id]
        before = edit.column.value(product)
        edit.column.write(product, value)
        yield (
            GridCell(product=product, column=edit.column.key, before=before, after=value),
            edit.column,
        )


def _taken_back(
    cells: Sequence[GridCell],
    products: Mapping[int, Product],
    columns: Mapping[str, Column],
    outcome: Outcome,
) -> Iterator[tuple[GridCell, Column]]:
    """As `_written`, from what a step did; a category that is gone cannot come back."""
    categories = set(Category.objects.values_list("pk", flat=True))
    for cell in cells:
        product, column = products[cell.product_id], columns[cell.column]
        now = column.value(product)
        lost = column.stored_in == "category" and cell.before not in (None, *categories)
        told = CellOutcome(product, column, column.text(now), column.text(cell.before))
        if now != cell.after or lost:
            outcome.conflicts.append(told)
            continue
        outcome.changed.append(told)
        column.write(product, cell.before)
        yield (
            GridCell(product=product, column=cell.column, before=now, after=cell.before),
            column,
        )


def _step_write(
    cells: Sequence[tuple[GridCell, Column]],
    products: Mapping[int, Product],
    kind: GridStepKind,
    actor: User,
    idempotency_key: UUID,
    undoes: GridStep | None = None,
) -> GridStep | None:
    """Save the products and the step. No cell and nothing to undo: no step."""
    if not cells and undoes is None:
        return None
    now = timezone.now()
    changed = [products[pk] for pk in sorted({cell.product_id for cell, _column in cells})]
    for product in changed:
        product.updated_at = now
    if changed:
        columns = {column.stored_in for _cell, column in cells}
        products_change(products=changed, columns=[*sorted(columns), "updated_at"])
    step = GridStep.objects.create(
        actor=actor, kind=kind, idempotency_key=idempotency_key, count=len(cells), undoes=undoes
    )
    for cell, _column in cells:
        cell.step = step
    GridCell.objects.bulk_create([cell for cell, _column in cells], batch_size=1_000)
    return step
