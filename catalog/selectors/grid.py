"""Reads for the grid over products: rows by keyset, so that page 1,000 costs what page 1 does."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from catalog.models import GridCell, GridStep, Product, SavedView
from catalog.selectors.completeness import products_lacking
from catalog.selectors.products import ORDERINGS, products_filtered

#: Products whose attributes are offered as columns, the latest first.
ATTRIBUTES_OF = 300
MOST_ATTRIBUTES = 60
#: Where counting stops: no step takes more.
MOST_COUNTED = 20_000
#: Filters that the grid's address may hold, as `products_filtered` takes them.
FILTERS = ("search", "state", "category", "brand", "colour", "gender", "has_description", "missing")


@dataclass(frozen=True, slots=True)
class GridQuery:
    """Which products, in which order, and where the page begins: after or before a SKU."""

    filters: Mapping[str, str] = field(default_factory=dict)
    is_falling: bool = False
    after: str = ""
    before: str = ""

    def products(self) -> QuerySet[Product]:
        """All that match, in order."""
        column, _falling = ORDERINGS["sku"]
        matching = products_filtered({"state": "any", **self.filters})
        if "missing" in self.filters:
            matching = products_lacking(matching, self.filters["missing"])
        return matching.order_by(f"-{column}" if self.is_falling else column)


@dataclass(frozen=True, slots=True)
class GridPage:
    """The rows, and the SKU behind or before which the pages beside it begin; empty at an end."""

    products: list[Product]
    next_after: str
    previous_before: str


def grid_page(query: GridQuery, *, rows: int) -> GridPage:
    """One page of the grid."""
    backwards = bool(query.before)
    at = query.before or query.after
    matching = query.products()
    if at:
        rising = query.is_falling == backwards
        matching = matching.filter(**{f"sku__{'gt' if rising else 'lt'}": at})
    if backwards:
        matching = matching.reverse()
    found = list(matching[: rows + 1])
    more, found = len(found) > rows, found[:rows]
    if backwards:
        found.reverse()
    if not found:
        return GridPage([], "", "")
    has_next, has_previous = (True, more) if backwards else (more, bool(at))
    return GridPage(
        found,
        next_after=found[-1].sku if has_next else "",
        previous_before=found[0].sku if has_previous else "",
    )


def grid_count(query: GridQuery) -> int:
    """How many match; `MOST_COUNTED` + 1 stands for any number above it."""
    return query.products().order_by()[: MOST_COUNTED + 1].count()


def rows_from(query: GridQuery, sku: str, count: int) -> list[Product]:
    """The product of this SKU and those that follow it in the grid, `count` at most."""
    side = "lte" if query.is_falling else "gte"
    return list(query.products().filter(**{f"sku__{side}": sku})[:count])


def attribute_names() -> list[str]:
    """Attributes that the latest products have, the usual ones first."""
    latest = Product.objects.exclude(attributes={}).order_by("-pk")
    counts: Counter[str] = Counter()
    for attributes in latest.values_list("attributes", flat=True)[:ATTRIBUTES_OF]:
        counts.update(list(attributes))
    return [name for name, _count in counts.most_common(MOST_ATTRIBUTES)]


def grid_step_last(actor: User) -> GridStep | None:
    """This person's last step that can be undone."""
    steps = GridStep.objects.filter(actor=actor, undoes=None, undone_by=None)
    return steps.order_by("-id").first()


def last_editor(product_id: int, column: str) -> str:
    """Who changed this cell last in the grid; empty where nobody did."""
    cells = GridCell.objects.filter(product=product_id, column=column, step__actor__isnull=False)
    name: str | None = cells.order_by("-id").values_list("step__actor__username", flat=True).first()
    return name or ""


def saved_views_of(user: User) -> QuerySet[SavedView]:
    """One's own views, and those that colleagues share."""
    views = SavedView.objects.filter(Q(owner=user) | Q(is_shared=True))
    return views.select_related("owner").order_by("name", "pk")
