"""What people found when they opened drafts one by one: the evidence for auto-approval."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from catalog.category_tree import CategoryTree
from catalog.certificate import Review
from catalog.choices import DescriptionAction, DescriptionState
from catalog.claims import claims_changed
from catalog.models import Category, Description, DescriptionEvent, ModelVersion

#: Who judges a text faster has not read it: no evidence.
LEAST_SECONDS = 1.0
#: The latest reviews that count.
LATEST = 2_000
#: Texts that were judged; another text has taken the place of a superseded one since.
_JUDGED = (
    DescriptionState.APPROVED,
    DescriptionState.SUPERSEDED,
    DescriptionState.WITHDRAWN,
    DescriptionState.REJECTED,
)


@dataclass(frozen=True)
class ReviewedDraft:
    """A reviewed draft by its id."""

    pk: int
    review: Review


def reviewed_drafts(version: ModelVersion) -> dict[str, list[ReviewedDraft]]:
    """The latest reviews of a version's drafts, by the root of the product's category.

    Only steps over one text alone that was open for a second or more, and were not undone.
    """
    steps = DescriptionEvent.objects.filter(
        description=OuterRef("pk"),
        action__in=(DescriptionAction.APPROVED, DescriptionAction.REJECTED),
        review__count=1,
        review__seconds__gte=LEAST_SECONDS,
        review__undone_by=None,
    )
    rows = Description.objects.filter(
        Exists(steps),
        model_version=version,
        state__in=_JUDGED,
        reviewed_by__isnull=False,
        confidence__isnull=False,
    ).exclude(generated_standard="")
    return _by_category(rows.order_by("-reviewed_at", "-pk")[:LATEST])


def outcomes_of(descriptions: QuerySet[Description]) -> list[ReviewedDraft]:
    """What people found in drafts that they have judged by now."""
    judged = descriptions.filter(state__in=_JUDGED, reviewed_by__isnull=False)
    return [_reviewed(row) for row in judged.order_by("pk")]


def category_ids(root: str) -> Collection[int]:
    """The ids of a root category and all below it, by the root's name."""
    tree = CategoryTree()
    ids = Category.objects.values_list("pk", flat=True)
    return [pk for pk in ids if tree.names(pk)[0] == root]


def _by_category(rows: QuerySet[Description]) -> dict[str, list[ReviewedDraft]]:
    tree = CategoryTree()
    found: dict[str, list[ReviewedDraft]] = {}
    for row in rows.select_related("product"):
        names = tree.names(row.product.category_id) if row.product.category_id else [""]
        found.setdefault(names[0], []).append(_reviewed(row))
    return dict(sorted(found.items()))


def _reviewed(row: Description) -> ReviewedDraft:
    return ReviewedDraft(row.pk, Review(row.confidence or 0.0, _was_wrong(row)))


def _was_wrong(row: Description) -> bool:
    """Whether it was rejected, or approved with another claim than it was written with."""
    if row.state == DescriptionState.REJECTED:
        return True
    texts: Mapping[str, Any] = {"standard": row.generated_standard}
    return claims_changed(row, texts)
