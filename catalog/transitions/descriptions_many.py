"""The state changes of many drafts at once, each with its entry in the history.

What `transitions.description` does to one, in a number of statements that does not grow with the
drafts. Both are called in a transaction that holds the products' rows and has the drafts locked.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.contrib.auth.models import User
from django.utils import timezone

from catalog.bulk_insert import rows_insert
from catalog.choices import DescriptionAction, DescriptionState
from catalog.edit_distance import edit_distance
from catalog.models import (
    Description,
    DescriptionEvent,
    Product,
    ReviewAction,
    WebhookEventType,
)
from catalog.selectors.descriptions import IN_MACHINE_WORDS
from catalog.transitions.description import verdict_of
from catalog.transitions.webhook import events_record


def drafts_approve(*, drafts: Sequence[Description], actor: User, review: ReviewAction) -> None:
    """Drafts to approved, one a (product, language), `product` loaded.

    What was approved before is superseded, and so are other drafts in a machine's words alone.
    """
    now = timezone.now()
    _supersede(_others(drafts), actor, review)
    by_distance = defaultdict(list)
    for draft in drafts:
        by_distance[edit_distance(draft)].append(draft.pk)
    for distance, ids in by_distance.items():
        Description.objects.filter(pk__in=ids).update(
            state=DescriptionState.APPROVED,
            reviewed_by=actor,
            reviewed_at=now,
            edit_distance=distance,
            updated_at=now,
        )
    Product.objects.filter(pk__in=[draft.product_id for draft in drafts]).update(updated_at=now)
    _record(drafts, DescriptionAction.APPROVED, DescriptionState.APPROVED, actor, review)
    events_record(
        kind=WebhookEventType.DESCRIPTION_APPROVED,
        subjects={
            draft.product.sku: {"sku": draft.product.sku, "language": draft.language}
            for draft in drafts
        },
    )


def drafts_reject(
    *, drafts: Sequence[Description], actor: User, review: ReviewAction, reason: str
) -> None:
    """Drafts to rejected, all for one reason, which is already checked."""
    now = timezone.now()
    Description.objects.filter(pk__in=[draft.pk for draft in drafts]).update(
        state=DescriptionState.REJECTED,
        reviewed_by=actor,
        reviewed_at=now,
        rejection_reason=reason,
        updated_at=now,
    )
    _record(
        drafts,
        DescriptionAction.REJECTED,
        DescriptionState.REJECTED,
        actor,
        review,
        **({"rejection_reason": reason} if reason else {}),
    )


def _others(drafts: Sequence[Description]) -> list[Description]:
    """What makes way for these drafts."""
    places = {(draft.product_id, draft.language) for draft in drafts}
    products = Description.objects.filter(product__in={product for product, _ in places})
    approved = products.filter(state=DescriptionState.APPROVED)
    untouched = products.filter(IN_MACHINE_WORDS, state=DescriptionState.DRAFT)
    chosen = {draft.pk for draft in drafts}
    return [
        other
        for other in (approved | untouched).select_for_update().order_by("pk")
        if (other.product_id, other.language) in places and other.pk not in chosen
    ]


def _supersede(others: Iterable[Description], actor: User, review: ReviewAction) -> None:
    ids = [other.pk for other in others]
    Description.objects.filter(pk__in=ids).update(
        state=DescriptionState.SUPERSEDED, updated_at=timezone.now()
    )
    rows_insert(
        DescriptionEvent,
        (
            DescriptionEvent(
                description_id=other.pk,
                action=DescriptionAction.SUPERSEDED,
                actor=actor,
                before={"state": other.state},
                after={"state": DescriptionState.SUPERSEDED.value},
                review=review,
            )
            for other in others
        ),
    )


def _record(
    drafts: Iterable[Description],
    action: DescriptionAction,
    state: DescriptionState,
    actor: User,
    review: ReviewAction,
    **after: str,
) -> None:
    rows_insert(
        DescriptionEvent,
        (
            DescriptionEvent(
                description_id=draft.pk,
                action=action,
                actor=actor,
                before={"state": draft.state, **verdict_of(draft)},
                after={"state": state.value, **after},
                review=review,
            )
            for draft in drafts
        ),
    )
