"""Creates and changes many products at once, with an answer a row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.db import transaction

from catalog.models import Product
from catalog.transitions.product import products_save

FACTS = ("title", "brand", "category_id", "colour", "gender", "attributes", "state")
MOST_ROWS = 1_000


class RowOutcome(Enum):
    """What became of a row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """One row's outcome; `errors` says why it was refused, field to sentences."""

    sku: str
    outcome: RowOutcome
    errors: Mapping[str, Any] | None = None


def products_upsert(
    *, rows: Sequence[Mapping[str, Any]], check_new: Callable[[Mapping[str, Any]], Any]
) -> list[RowAnswer]:
    """Create or change a product a row, all in one transaction; returns an answer a row, in order.

    A row holds `sku` and those of `FACTS` that shall change, already checked; what it does not
    hold stays. `check_new` is asked of each row whose SKU is new, and returns errors or nothing.
    A SKU that comes twice is refused the second time.
    """
    with transaction.atomic():
        stored = _locked([row["sku"] for row in rows])
        answers: list[RowAnswer] = []
        changed: list[Product] = []
        seen: set[str] = set()
        for row in rows:
            if row["sku"] in seen:
                again = {"sku": ["This SKU came before in the same request."]}
                answers.append(RowAnswer(row["sku"], RowOutcome.REFUSED, again))
                continue
            seen.add(row["sku"])
            answers.append(_plan(row, stored.get(row["sku"]), changed, check_new))
        products_save(products=changed)
    return answers


def _locked(skus: Sequence[str]) -> dict[str, Product]:
    """The products that exist, locked in the order of their keys: two requests cannot wait for
    each other in a circle."""
    rows = Product.objects.select_for_update(no_key=True).filter(sku__in=skus).order_by("pk")
    return {product.sku: product for product in rows}


def _plan(
    row: Mapping[str, Any],
    product: Product | None,
    changed: list[Product],
    check_new: Callable[[Mapping[str, Any]], Any],
) -> RowAnswer:
    """What to do with one row; a product to be written is added to `changed`."""
    if product is None:
        if errors := check_new(row):
            return RowAnswer(row["sku"], RowOutcome.REFUSED, errors)
        changed.append(Product(**row))
        return RowAnswer(row["sku"], RowOutcome.CREATED)
    new = {name: row[name] for name in FACTS if name in row and row[name] != getattr(product, name)}
    if not new:
        return RowAnswer(product.sku, RowOutcome.UNCHANGED)
    for name, value in new.items():
        setattr(product, name, value)
    changed.append(product)
    return RowAnswer(product.sku, RowOutcome.UPDATED)
