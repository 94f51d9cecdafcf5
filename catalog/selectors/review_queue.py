"""Drafts that await review: which, in which order, how many, and what comes next.

What comes next is found from where the reviewer is, by the columns of an index and never by an
offset, so it costs the same at the first of 100,000 drafts as at the last. An order is one or two
stretches of drafts: where a column may be empty, drafts without a value come last.
"""

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import reduce
from typing import Any, Self

from django.contrib.auth.models import User
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.choices import DescriptionState, ReviewCheck, ReviewOrder
from catalog.models import Description, ReviewLease

#: Drafts counted where only "how many are left" is shown; beyond, it says "more than".
COUNTED = 1_000
#: Drafts up to which the counts beside the filters are fresh each time.
COUNTED_AFRESH = 20_000
KEPT_SECONDS = 60.0
KEPT_QUEUES = 50


@dataclass(frozen=True, slots=True)
class ReviewQueue:
    """A reviewer's choice of drafts: ids of rows, confidences from 0 to 1 with both ends.

    `perceptual_hash` narrows to photos that have it. A text without confidence is in no range.
    """

    order: ReviewOrder = ReviewOrder.DOUBT
    category: int | None = None
    job: int | None = None
    model_version: int | None = None
    least: float | None = None
    most: float | None = None
    perceptual_hash: str = ""
    #: Only drafts with this fault, if any.
    check: ReviewCheck | None = None

    @property
    def is_narrowed(self) -> bool:
        """Whether any draft is left out."""
        return replace(self, order=ReviewOrder.DOUBT) != ReviewQueue()

    def as_json(self) -> dict[str, Any]:
        """For a JSON column."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """What `as_json` gave."""
        check = kept.get("check")
        order = ReviewOrder(kept["order"])
        return cls(**{**kept, "order": order, "check": check and ReviewCheck(check)})


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Drafts ordered by `keys`, columns that are never empty here; "-" is descending.

    With `column`, the drafts where it is filled, or where it is `empty`.
    """

    keys: tuple[str, ...]
    column: str = ""
    empty: bool = False

    @property
    def only(self) -> Q:
        """Which drafts belong to it."""
        return Q(**{f"{self.column}__isnull": self.empty}) if self.column else Q()

    def holds(self, description: Description) -> bool:
        """Whether a description belongs to it."""
        return not self.column or (_value(description, self.column) is None) == self.empty


_STRETCHES = {
    ReviewOrder.DOUBT: (_Stretch(("doubt_order", "id")),),
    ReviewOrder.NEWEST: (_Stretch(("-id",)),),
    # By SKU within a category: products photographed together often follow each other.
    ReviewOrder.CATEGORY: (
        _Stretch(("product__category_id", "product__sku", "id"), "product__category_id"),
        _Stretch(("product__sku", "id"), "product__category_id", empty=True),
    ),
    ReviewOrder.SIMILAR: (
        _Stretch(("image__perceptual_hash", "id"), "image_id"),
        _Stretch(("id",), "image_id", empty=True),
    ),
}


_CHECKS: Mapping[ReviewCheck | None, Q] = {
    None: Q(),
    ReviewCheck.CONTRADICTS: Q(contradictions__gt=0),
    ReviewCheck.DISAGREES: Q(photo_disagrees=True),
}


def drafts_in(queue: ReviewQueue) -> QuerySet[Description]:
    """All drafts of the queue, in no order."""
    wanted = {
        "product__category": queue.category,
        "job_item__job": queue.job,
        "model_version": queue.model_version,
        "confidence__gte": queue.least,
        "confidence__lte": queue.most,
        "image__perceptual_hash": queue.perceptual_hash or None,
    }
    return Description.objects.filter(
        _CHECKS[queue.check],
        state=DescriptionState.DRAFT,
        **{field: value for field, value in wanted.items() if value is not None},
    ).order_by()


def drafts_ordered(queue: ReviewQueue) -> QuerySet[Description]:
    """All drafts of the queue in its order, for a list."""
    stretch = _STRETCHES[queue.order][0]
    first, *others = stretch.keys
    by = F(first).asc(nulls_last=True) if stretch.column else first
    return drafts_in(queue).order_by(by, *others)


def drafts_free_for(drafts: QuerySet[Description], *, reviewer: User) -> QuerySet[Description]:
    """The drafts that no other reviewer has open now."""
    others = ReviewLease.objects.filter(description=OuterRef("pk"), until__gt=timezone.now())
    return drafts.exclude(Exists(others.exclude(reviewer=reviewer)))


def drafts_following(
    queue: ReviewQueue, position: Description | None = None, *, backwards: bool = False
) -> Iterator[QuerySet[Description]]:
    """Ordered querysets to ask in turn for what follows `position`; most often one is enough.

    After the end they start again from the beginning, as they do without a position.
    """
    stretches = _STRETCHES[queue.order]
    if backwards:
        stretches = tuple(_turned(stretch) for stretch in reversed(stretches))
    drafts = drafts_in(queue)
    if position is not None:
        here = next(i for i, stretch in enumerate(stretches) if stretch.holds(position))
        yield _ordered(drafts.filter(_beyond(stretches[here], position)), stretches[here])
        for stretch in stretches[here + 1 :]:
            yield _ordered(drafts, stretch)
    for stretch in stretches:
        others = drafts.exclude(pk=position.pk) if position is not None else drafts
        yield _ordered(others, stretch)


def drafts_left(queue: ReviewQueue) -> int:
    """How many drafts the queue holds, counted up to one more than `COUNTED`."""
    return drafts_in(queue)[: COUNTED + 1].count()


def drafts_with_similar_photos(description: Description) -> QuerySet[Description]:
    """Drafts in the same language whose photos have this one's hash, without itself."""
    photo = description.image.perceptual_hash if description.image else ""
    if not photo:
        return Description.objects.none()
    similar = drafts_in(ReviewQueue(perceptual_hash=photo)).filter(language=description.language)
    return similar.exclude(pk=description.pk).order_by("id")


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """Drafts of a queue: in all, by the id of category, job and model version, and by fault.

    Each counts what its filter would show, the others being as they are.
    """

    total: int
    categories: dict[int | None, int]
    jobs: dict[int | None, int]
    model_versions: dict[int | None, int]
    checks: dict[ReviewCheck, int]


_kept: OrderedDict[ReviewQueue, tuple[float, QueueCounts]] = OrderedDict()


def queue_counts(queue: ReviewQueue) -> QueueCounts:
    """The counts beside the filters, in six queries whatever the size.

    Read from an index of the drafts alone. For a long queue that is still work, so each web process
    keeps its latest counts for a minute.
    """
    total = drafts_in(queue)[: COUNTED_AFRESH + 1].count()
    if total <= COUNTED_AFRESH:
        return _counted(queue, total)
    known = _kept.get(queue)
    if known is not None and time.monotonic() - known[0] < KEPT_SECONDS:
        return known[1]
    counts = _counted(queue, drafts_in(queue).count())
    _kept[queue] = time.monotonic(), counts
    _kept.move_to_end(queue)
    if len(_kept) > KEPT_QUEUES:
        _kept.popitem(last=False)
    return counts


def _counted(queue: ReviewQueue, total: int) -> QueueCounts:
    def by(column: str, wider: ReviewQueue) -> dict[int | None, int]:
        rows = drafts_in(wider).values_list(column)
        return dict(rows.annotate(drafts=Count("*")).order_by("-drafts"))

    return QueueCounts(
        total=total,
        categories=by("product__category", replace(queue, category=None)),
        jobs=by("job_item__job", replace(queue, job=None)),
        model_versions=by("model_version", replace(queue, model_version=None)),
        # Each has an index of its own, which is short.
        checks={check: drafts_in(replace(queue, check=check)).count() for check in ReviewCheck},
    )


def _ordered(drafts: QuerySet[Description], stretch: _Stretch) -> QuerySet[Description]:
    return drafts.filter(stretch.only).order_by(*stretch.keys)


def _turned(stretch: _Stretch) -> _Stretch:
    keys = tuple(key[1:] if key.startswith("-") else f"-{key}" for key in stretch.keys)
    return replace(stretch, keys=keys)


def _beyond(stretch: _Stretch, description: Description) -> Q:
    """What comes after it by the keys. The first condition is the one that an index begins at."""
    steps = []
    same = Q()
    for key in stretch.keys:
        column = key.lstrip("-")
        value = _value(description, key)
        beyond = "lt" if key.startswith("-") else "gt"
        steps.append(same & Q(**{f"{column}__{beyond}": value}))
        same &= Q(**{column: value})
    first = stretch.keys[0]
    end = "lte" if first.startswith("-") else "gte"
    begin = Q(**{f"{first.lstrip('-')}__{end}": _value(description, first)})
    return begin & reduce(Q.__or__, steps)


def _value(description: Description, key: str) -> object:
    found: object = description
    for name in key.lstrip("-").split("__"):
        found = getattr(found, name, None)
    return found
