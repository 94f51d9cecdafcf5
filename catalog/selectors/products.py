"""Reads of products: filtered, searched, in pages by position, by change, and for storefronts.

A page by position costs the same wherever it begins, and none shifts while rows change.

The search index (PostgreSQL's full-text search, FTS5 on SQLite) holds SKU, title, brand, colour,
category and the approved text of each product; the triggers of the change feed keep it. Drafts
are not in it, so that a search never tells what a draft says.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Case, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.expressions import RawSQL

from catalog.choices import DescriptionState, ProductState
from catalog.folding import folded
from catalog.languages import Said, language_chain, spoken
from catalog.models import (
    Category,
    Description,
    Product,
    ProductCategory,
    ProductChange,
    Variant,
)
from catalog.selectors.product_documents import COLUMNS, product_rows

#: By what a page is ordered: a column whose values are unique, and whether it falls.
ORDERINGS = {
    "sku": ("sku", False),
    "-sku": ("sku", True),
    "updated_at": ("change__sequence", False),
    "-updated_at": ("change__sequence", True),
}
MOST_WORDS = 8
#: Levels of categories that a filter reaches; shops have three or four.
DEEPEST_CATEGORY = 8
_WORD = re.compile(r"[^\W_]+")

_MATCHES = {
    "postgresql": (
        "SELECT product_id FROM catalog_productsearch WHERE document @@ to_tsquery('simple', %s)"
    ),
    "sqlite": "SELECT rowid FROM catalog_productsearch WHERE catalog_productsearch MATCH %s",
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
    """Products that match all filters: `state`, `category` (slug; those below it
    count), `brand`, `colour`, `gender`,
    `has_description` (`"true"`, `"false"`), `search`."""
    products = Product.objects.all()
    if filters.get("state", ProductState.PUBLISHED) != "any":
        products = products.filter(state=filters.get("state", ProductState.PUBLISHED))
    if "category" in filters:
        products = products_in(products, filters["category"])
    for name in ("brand", "colour"):
        if name in filters:
            products = products.filter(_in_any_case(name, filters[name]))
    if "gender" in filters:
        products = products.filter(gender=filters["gender"])
    if "has_description" in filters:
        approved = Exists(
            Description.objects.filter(
                product=OuterRef("pk"),
                language__in=language_chain(language),
                state=DescriptionState.APPROVED,
            )
        )
        products = products.filter(approved if filters["has_description"] == "true" else ~approved)
    if "search" in filters:
        products = products_matching(products, filters["search"])
    return products


def products_in(products: QuerySet[Product], slug: str) -> QuerySet[Product]:
    """Those of the products that stand in a category or below it, as their main one or another."""
    categories = _category_and_below(slug).values("pk")
    further = ProductCategory.objects.filter(category__in=categories)
    in_main = Q(category__in=categories)
    if not further.exists():  # most shops have none, and one condition is served by an index
        return products.filter(in_main)
    return products.filter(in_main | Q(pk__in=further.values("product")))


def _category_and_below(slug: str) -> QuerySet[Category]:
    """A category and those below it, as a part of the page's own query."""
    at_or_above = Q(slug=slug)
    for levels in range(1, DEEPEST_CATEGORY):
        at_or_above |= Q(**{f"{'parent__' * levels}slug": slug})
    return Category.objects.filter(at_or_above)


def _in_any_case(name: str, text: str) -> Q:
    """SQLite ignores the case of ASCII letters alone, hence the usual spellings beside it."""
    if connection.vendor != "sqlite":
        return Q(**{f"{name}__iexact": text})
    spellings = {text, text.lower(), text.upper(), text.capitalize(), text.title()}
    return Q(**{f"{name}__iexact": text}) | Q(**{f"{name}__in": sorted(spellings)})


def products_matching(products: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Narrow `products` to those in which every word of `text` begins a word, whatever its
    case and its accents.

    Words after the eighth are ignored; a text without any finds nothing.
    """
    words = _WORD.findall(folded(text))[:MOST_WORDS]
    if not words:
        return products.none()
    if connection.vendor == "postgresql":
        # Words are letters and digits alone, so none of them can be an operator.
        query = " & ".join(f"{word}:*" for word in words)
    else:
        query = " ".join(f'"{word}"*' for word in words)
    matches = Q(pk__in=RawSQL(_MATCHES[connection.vendor], [query]))  # noqa: S611
    skus = Variant.objects.filter(sku=text.strip())
    return products.filter(matches | Q(pk__in=skus.values("product")))


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
    more, rows = len(rows) > limit, rows[:limit]
    if position.backwards:
        return Page(rows[::-1], more_before=more, more_after=True)
    return Page(rows, more_before=position.value is not None, more_after=more)


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


def latest_change() -> tuple[int, datetime | None]:
    """Number and time of the last change of any product; (0, None) in an empty catalog."""
    row = ProductChange.objects.order_by("-sequence").values_list("sequence", "at").first()
    return row or (0, None)


def change_of(sku: str) -> ProductChange | None:
    """The last change of the product that has or had this SKU, otherwise of one with a variant of
    this SKU."""
    found = ProductChange.objects.filter(product_id=sku).first()
    if found is not None:
        return found
    variants = Variant.objects.filter(sku=sku).order_by("pk")
    return ProductChange.objects.filter(
        product_id__in=Subquery(variants.values("product__sku")[:1])
    ).first()


def products_for_storefront(*, language: str = "en") -> QuerySet[Product]:
    """Published products by SKU, with category, photos (the main one first) and approved text.

    `approved_descriptions` of each holds its approved texts: those of the language's chain first,
    then that in the shop's language, the English one, others. Four queries, however many products.
    """
    chain = dict.fromkeys([*language_chain(language), settings.SHOP_LANGUAGE, "en"])
    whens = [When(language=one, then=place) for place, one in enumerate(chain)]
    nearness = Case(*whens, default=len(chain))
    approved = (
        Description.objects.filter(state=DescriptionState.APPROVED)
        .select_related("model_version")
        .order_by(nearness, "language")
    )
    return (
        Product.objects.filter(state=ProductState.PUBLISHED)
        .select_related("category")
        .prefetch_related(
            "images",
            "translations",
            Prefetch("descriptions", approved, to_attr="approved_descriptions"),
        )
        .order_by("sku")
    )


def product_speak(product: Product, *, language: str) -> Product:
    """The product with what it is called in the language as `spoken`, for a page."""
    own = Said(settings.SHOP_LANGUAGE, product.title, product.colour, product.attributes)
    translations = [
        Said(row.language, row.title, row.colour, row.attributes)
        for row in product.translations.all()
    ]
    product.spoken = spoken(own, translations, language_chain(language))  # type: ignore[attr-defined]
    return product
