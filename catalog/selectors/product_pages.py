"""Pages of products by position: each costs the same, and none shifts while rows change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from catalog.choices import DescriptionState, ProductState
from catalog.models import Description, Product, ProductChange
from catalog.selectors.product_documents import COLUMNS, product_rows
from catalog.selectors.product_search import products_matching

#: By what a page is ordered: a column whose values are unique, and whether it falls.
ORDERINGS = {
    "sku": ("sku", False),
    "-sku": ("sku", True),
    "updated_at": ("change__sequence", False),
    "-updated_at": ("change__sequence", True),
}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: behind the row of this value, or (`backwards`) before it; None: at the
    very beginning."""

    value: str | int | None = None
    backwards: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the order asked for, and whether there is more on either side."""

    rows: list[tuple[Any, ...]]
    more_before: bool
    more_after: bool


def products_filtered(filters: Mapping[str, Any], *, language: str = "en") -> QuerySet[Product]:
    """Products that match all filters: `state`, `category` (slug), `brand`, `colour`, `gender`,
    `has_description` (`"true"`, `"false"`), `search`."""
    products = Product.objects.all()
    if filters.get("state", ProductState.PUBLISHED) != "any":
        products = products.filter(state=filters.get("state", ProductState.PUBLISHED))
    for name, lookup in _LOOKUPS.items():
        if name in filters:
            products = products.filter(**{lookup: filters[name]})
    if "has_description" in filters:
        approved = Exists(
            Description.objects.filter(
                product=OuterRef("pk"), language=language, state=DescriptionState.APPROVED
            )
        )
        products = products.filter(approved if filters["has_description"] == "true" else ~approved)
    if "search" in filters:
        products = products_matching(products, filters["search"])
    return products


_LOOKUPS = {
    "category": "category__slug",
    "brand": "brand__iexact",
    "colour": "colour__iexact",
    "gender": "gender",
}


def product_page(
    products: QuerySet[Product], *, ordering: str, position: Position, limit: int
) -> Page:
    """One page, as rows with the columns of a product document, and its order's value last."""
    column, falling = ORDERINGS[ordering]
    falling = falling != position.backwards
    # For changes this makes the join an inner one, which the index on their numbers can serve.
    products = products.filter(Q(**{f"{column}__gt": "" if column == "sku" else 0}))
    if position.value is not None:
        products = products.filter(**{f"{column}__{'lt' if falling else 'gt'}": position.value})
    rows = list(
        product_rows(products)
        .order_by(f"{'-' if falling else ''}{column}")
        .values_list(*COLUMNS, column)[: limit + 1]
    )
    return _page(rows, position, limit)


def change_page(
    *, since: datetime | None, position: Position, limit: int, drafts: bool
) -> list[tuple[str, int, datetime]]:
    """Up to `limit` + 1 changes (SKU, number, time), oldest first. Without `drafts` those of
    products that storefronts never saw are left out.
    """
    changes = ProductChange.objects.order_by("sequence")
    if not drafts:
        changes = changes.filter(ever_published=True)
    if position.value is not None:
        changes = changes.filter(sequence__gt=position.value)
    elif since is not None:
        # Times rise with the numbers, so one look at the index of times finds where to begin.
        first = ProductChange.objects.filter(at__gte=since).order_by("at", "sequence")
        changes = changes.filter(sequence__gte=Subquery(first.values("sequence")[:1]))
    return list(changes.values_list("pk", "sequence", "at")[: limit + 1])


def _page(rows: list[tuple[Any, ...]], position: Position, limit: int) -> Page:
    more = len(rows) > limit
    rows = rows[:limit]
    if position.backwards:
        return Page(rows[::-1], more_before=more, more_after=True)
    return Page(rows, more_before=position.value is not None, more_after=more)
