"""The state changes of many drafts at once, each with its entry in the history.

What `transitions.description` does to one, in a number of statements that does not grow with the
drafts. All are called in one transaction: `drafts_choose` locks, the others change what it gave.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from catalog.bulk_insert import rows_insert
from catalog.choices import DescriptionAction, DescriptionState, ReviewStep
from catalog.edit_distance import edit_distance
from catalog.models import (
    Description,
    DescriptionEvent,
    Product,
    ReviewAction,
    WebhookEventType,
)
from catalog.selectors.descriptions import IN_MACHINE_WORDS
from catalog.selectors.review_queue import drafts_free_for
from catalog.transitions.description import products_lock, verdict_of
from catalog.transitions.review_lease import review_lease_end
from catalog.transitions.webhook import events_record


def drafts_choose(
    *, asked: QuerySet[Description], step: ReviewStep, actor: User, as_of: datetime
) -> list[Description]:
    """Lock what can be judged of `asked`, `product` loaded, in the order of their ids.

    That is what is a draft still, did not change after `as_of`, and is before nobody else. Of
    several drafts of one product and language the newest is approved.
    """
    products_lock(asked.order_by().values_list("product_id", flat=True))
    unchanged = asked.filter(state=DescriptionState.DRAFT, updated_at__lte=as_of)
    free = drafts_free_for(unchanged, reviewer=actor)
    drafts = list(free.select_for_update(of=("self",)).select_related("product").order_by("pk"))
    if step == ReviewStep.APPROVE:
        return list({(draft.product_id, draft.language): draft for draft in drafts}.values())
    return drafts


def drafts_judge(
    *, drafts: Sequence[Description], actor: User, review: ReviewAction, reason: str = ""
) -> None:
    """Approve or reject, as the review's step says, what `drafts_choose` gave; end the leases."""
    if review.step == ReviewStep.APPROVE:
        drafts_approve(drafts=drafts, actor=actor, review=review)
    else:
        drafts_reject(drafts=drafts, actor=actor, review=review, reason=reason)
    review_lease_end(description_ids=[draft.pk for draft in drafts], reviewer=actor)


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
