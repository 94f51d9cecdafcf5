"""Decides, product by product, what a job would do: describe its main photo, or skip it, and why.

The decision is one query, so the database can count it for a preview and insert it as items,
without a product ever coming to Python.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.db import connections, models, router
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat, Substr
from django.utils import timezone

from catalog.choices import (
    OPEN_ITEM_STATES,
    DescriptionState,
    ItemOutcome,
    JobItemState,
    SkipReason,
)
from catalog.models import (
    Description,
    DescriptionJob,
    DescriptionJobItem,
    ModelVersion,
    Product,
    ProductImage,
)
from catalog.models.description import IN_MACHINE_WORDS

#: Products decided on, and items written, by one statement.
CHUNK = 5_000


@dataclass(frozen=True)
class JobRequest:
    """What is asked of each product of a job."""

    language: str = "en"
    options: Mapping[str, Any] = field(default_factory=dict)
    again: bool = False
    only_without_text: bool = False
    #: Pinned by who asks; None is the version that is active when a worker takes the item.
    pinned: ModelVersion | None = None
    #: The version that would describe now: the pinned or the active one; None if there is none.
    version: ModelVersion | None = None
    #: Empty for the ordinary request, which is the same for everybody; the job's id for
    #: *again*, which a person may ask for as often as they like.
    scope: str = ""

    @cached_property
    def digest(self) -> str:
        """What is the same for all products of the request, in 16 hexadecimal digits."""
        version = self.pinned.pk if self.pinned else "active"
        parts = [version, dict(self.options), self.language, self.scope]
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def product_id_chunks(products: QuerySet[Product]) -> Iterator[list[int]]:
    """The ids of the products, each once, in rising order, in lists of up to `CHUNK`.

    All ids are read at once (they are small) so that no cursor stays open while items are written.
    """
    # Wrapped, because `products` may be sliced, ordered or hold a product twice by a join.
    rows = Product.objects.filter(pk__in=products.values("pk")).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def items_planned(*, products: QuerySet[Product], request: JobRequest) -> QuerySet[Product]:
    """The products with `photo_id`, `key` and `skip`: a SkipReason, empty for one to describe.

    `key` is the request's fingerprint; the database lets one item with it be open at a time.
    """
    main_photo = ProductImage.objects.filter(product=OuterRef("pk")).order_by("position", "pk")
    return (
        products.annotate(
            photo_id=models.Subquery(main_photo.values("pk")[:1]),
            photo_sha256=models.Subquery(main_photo.values("sha256")[:1]),
        )
        .annotate(
            key=Concat(
                Value(f"{request.digest}-"),
                Cast("pk", models.CharField()),
                Value("-"),
                Substr("photo_sha256", 1, 24),
                output_field=models.CharField(),
            )
        )
        .annotate(
            skip=models.Case(
                When(photo_id=None, then=Value(SkipReason.NO_PHOTO.value)),
                *_text_skips(request),
                *_unrecognised_skips(request),
                *_same_request_skips(request),
                default=Value(""),
                output_field=models.CharField(),
            )
        )
    )


def skips_count(planned: QuerySet[Any]) -> dict[str, int]:
    """How many of the planned products are skipped for which reason; empty for those that are not.

    One query, in which no product comes to Python.
    """
    return dict(planned.order_by().values_list("skip").annotate(count=models.Count("pk")))


def items_insert(*, job: DescriptionJob, product_ids: Sequence[int], request: JobRequest) -> None:
    """Insert the items of these products as they are planned now, in one statement.

    `INSERT … SELECT` has no form in Django's ORM, so the SELECT is the ORM's and the INSERT ours.
    Raises `IntegrityError` when a rival has made one of the same requests in this moment.
    """
    now = Value(timezone.now(), output_field=models.DateTimeField())
    nothing = Value(None, output_field=models.DateTimeField())
    wanted = Q(skip="")
    values: dict[str, Any] = {
        "job_id": Value(job.pk, output_field=models.IntegerField()),
        "product_id": F("pk"),
        "image_id": F("photo_id"),
        "state": models.Case(
            When(wanted, then=Value(JobItemState.QUEUED.value)),
            default=Value(JobItemState.SKIPPED.value),
        ),
        "skip_reason": F("skip"),
        "idempotency_key": models.Case(When(wanted, then=F("key")), default=Value("")),
        "due_at": now,
        "ended_at": models.Case(When(wanted, then=nothing), default=now),
        "attempts": Value(0),
        "alone": Value(False, output_field=models.BooleanField()),
        "failure_reason": Value("", output_field=models.CharField()),
        "outcome": Value("", output_field=models.CharField()),
        "detail": Value("", output_field=models.TextField()),
    }
    planned = items_planned(products=Product.objects.filter(pk__in=product_ids), request=request)
    rows = planned.order_by("pk").values_list(*values.values())
    database = router.db_for_write(DescriptionJobItem)
    connection = connections[database]
    select, parameters = rows.query.get_compiler(database).as_sql()
    quote = connection.ops.quote_name
    columns = ", ".join(quote(name) for name in values)
    table = quote(DescriptionJobItem._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) {select}", parameters)


def _text_skips(request: JobRequest) -> list[When]:
    """Which texts keep a product from being described."""
    if request.again:
        return []
    texts = Description.objects.filter(
        product=OuterRef("pk"),
        language=request.language,
        state__in=(DescriptionState.DRAFT, DescriptionState.APPROVED),
    )
    if request.only_without_text:
        return [When(Exists(texts), then=Value(SkipReason.HAS_TEXT.value))]
    approved = texts.filter(state=DescriptionState.APPROVED)
    by_version = texts.filter(model_version=request.version, model_version__isnull=False)
    return [
        When(Exists(by_version), then=Value(SkipReason.ALREADY_DESCRIBED.value)),
        When(Exists(approved.exclude(IN_MACHINE_WORDS)), then=Value(SkipReason.HUMAN_TEXT.value)),
    ]


def _unrecognised_skips(request: JobRequest) -> list[When]:
    """Where the same request of the same version found nothing, and the product is as it was.

    Another version, other options, or a change of the product or of its photos ask again.
    """
    if request.again or request.version is None:
        return []
    before = DescriptionJobItem.objects.filter(
        product=OuterRef("pk"),
        state=JobItemState.DONE,
        outcome=ItemOutcome.NOT_RECOGNISED,
        idempotency_key=OuterRef("key"),
        model_version=request.version,
        ended_at__gte=OuterRef("updated_at"),
    )
    return [When(Exists(before), then=Value(SkipReason.NOT_RECOGNISED.value))]


def _same_request_skips(request: JobRequest) -> list[When]:
    """Whether the same is waiting or at work already; a request with a scope is like no other.

    Found by product, whose index every database can use: SQLite cannot tell from bound values
    that the partial index on the key covers a query.
    """
    if request.scope:
        return []
    same = DescriptionJobItem.objects.filter(
        product=OuterRef("pk"), state__in=OPEN_ITEM_STATES, idempotency_key=OuterRef("key")
    )
    return [When(Exists(same), then=Value(SkipReason.IN_PROGRESS.value))]
