"""Decides, product by product, what a job would do: describe its main photo, or skip it, and why.

Products are read in chunks, so a job of 100,000 needs little memory, and a number of queries that
grows with the chunks alone.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from catalog.choices import OPEN_ITEM_STATES, DescriptionState, SkipReason
from catalog.models import Description, DescriptionJobItem, Product, ProductImage

#: Products read, and items written, at a time.
CHUNK = 500


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What is asked of each product of a job."""

    language: str = "en"
    options: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False
    #: Empty for the ordinary request, which is the same whoever makes it; the job's id for
    #: *again*, which a person may ask for as often as they like.
    scope: str = ""

    def key(self, *, product_id: int, photo_sha256: str) -> str:
        """The request's fingerprint; the database lets one item with it be open at a time.

        The model version is the one that is active when a worker takes the item, hence the word.
        """
        parts = [product_id, photo_sha256, "active", dict(self.options), self.language, self.scope]
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PlannedItem:
    """One product of a job: `skip` says why it is left out, and is None for one to describe."""

    product_id: int
    image_id: int | None
    key: str
    skip: SkipReason | None


def product_id_chunks(products: QuerySet[Product]) -> Iterator[list[int]]:
    """The ids of the products, each once, in rising order, in lists of up to `CHUNK`.

    All ids are read at once (they are small) so that no cursor stays open while items are written.
    """
    # Wrapped, because `products` may be sliced, ordered or hold a product twice by a join.
    rows = Product.objects.filter(pk__in=products.values("pk")).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def items_plan(*, product_ids: Sequence[int], request: JobRequest) -> list[PlannedItem]:
    """What would happen to these products now, in the order of their ids. Three queries at most."""
    main_photo = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "pk")
    text = Description.objects.filter(
        product=OuterRef("pk"),
        language=request.language,
        state__in=(DescriptionState.DRAFT, DescriptionState.APPROVED),
    )
    rows = (
        Product.objects.filter(pk__in=product_ids)
        .annotate(
            photo_id=Subquery(main_photo.values("pk")[:1]),
            photo_sha256=Subquery(main_photo.values("sha256")[:1]),
            described=Exists(text),
        )
        .order_by("pk")
        .values_list("pk", "photo_id", "photo_sha256", "described", named=True)
    )
    planned = [_plan(row, request) for row in rows]
    in_progress = _open_keys([item.product_id for item in planned if item.skip is None])
    return [
        PlannedItem(item.product_id, item.image_id, "", SkipReason.IN_PROGRESS)
        if item.skip is None and item.key in in_progress
        else item
        for item in planned
    ]


def _plan(row: Any, request: JobRequest) -> PlannedItem:
    if row.photo_id is None:
        return PlannedItem(row.pk, None, "", SkipReason.NO_PHOTO)
    if row.described and not request.again:
        return PlannedItem(row.pk, row.photo_id, "", SkipReason.ALREADY_DESCRIBED)
    key = request.key(product_id=row.pk, photo_sha256=row.photo_sha256)
    return PlannedItem(row.pk, row.photo_id, key, None)


def _open_keys(product_ids: Sequence[int]) -> set[str]:
    """The requests that are waiting or at work for these products.

    Found by product, whose index every database can use: SQLite cannot tell from bound values that
    the partial index on the key covers a query.
    """
    rows = DescriptionJobItem.objects.filter(product__in=product_ids, state__in=OPEN_ITEM_STATES)
    return set(rows.values_list("idempotency_key", flat=True))
