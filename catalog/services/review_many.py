"""Approve or reject many drafts as one step of a reviewer, which is undone as one."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.choices import ReviewStep
from catalog.exceptions import TransitionRefused
from catalog.models import BulkReview, Description, ReviewAction
from catalog.selectors.review_queue import ReviewQueue
from catalog.services.description_texts import reason_clean
from catalog.transitions.drafts import drafts_choose, drafts_judge
from catalog.transitions.review import bulk_review_begin
from catalog.transitions.text_changes import products_lock


@dataclass(frozen=True, slots=True)
class ManyReviewed:
    """How many drafts a step judged, and how many of the chosen ones it left alone.

    `contradicting` names those left alone because their texts contradict one another, by SKU.
    """

    judged: int
    left: int
    contradicting: list[str] = field(default_factory=list)


def review_many(
    *,
    ids: Collection[int],
    step: ReviewStep,
    actor: User,
    idempotency_key: UUID,
    as_of: datetime,
    reason: str = "",
) -> ManyReviewed:
    """Approve drafts in their own words, or reject them, unless they changed after `as_of`.

    Of several drafts of one product and language the newest is approved, and none whose texts
    contradict one another. A second click finds the row of the first, and does nothing. Raises
    `TransitionRefused` where none is left to judge, and `DescriptionRefused` for a reason too long;
    nothing changes then.
    """
    clean = reason_clean(reason)
    with transaction.atomic():
        asked = Description.objects.filter(pk__in=ids)
        products_lock(asked.order_by().values_list("product_id", flat=True))
        known = ReviewAction.objects.filter(idempotency_key=idempotency_key).first()
        if known is not None:
            return ManyReviewed(judged=known.count, left=len(ids) - known.count)
        chosen = drafts_choose(asked=asked, step=step, actor=actor, as_of=as_of)
        contradicting = [draft.product.sku for draft in chosen.contradicting]
        if not chosen.drafts:
            raise TransitionRefused(_why_none(contradicting))
        judged = len(chosen.drafts)
        action = ReviewAction.objects.create(
            reviewer=actor, step=step, idempotency_key=idempotency_key, count=judged
        )
        drafts_judge(drafts=chosen.drafts, actor=actor, review=action, reason=clean)
    return ManyReviewed(judged, len(ids) - judged, contradicting)


def review_all(
    *,
    queue: ReviewQueue,
    step: ReviewStep,
    actor: User,
    idempotency_key: UUID,
    as_of: datetime,
    total: int,
    left_out: Collection[int] = (),
    reason: str = "",
) -> BulkReview:
    """Have a worker approve or reject all drafts of a queue, however many they are.

    `total` is how many there were when they were chosen, with those of `left_out`. Returns at once;
    a second click returns what the first began. Raises `DescriptionRefused` for a reason too long.
    """
    clean = reason_clean(reason)
    with transaction.atomic():
        action, new = ReviewAction.objects.get_or_create(
            idempotency_key=idempotency_key, defaults={"reviewer": actor, "step": step, "count": 0}
        )
        if not new:
            return action.bulk
        return bulk_review_begin(
            action=action,
            total=total - len(left_out),
            as_of=as_of,
            queue=queue.as_json(),
            left_out=sorted(left_out),
            reason=clean,
        )


def _why_none(contradicting: Sequence[str]) -> str:
    if contradicting:
        return _("The texts of %(skus)s contradict one another.") % {
            "skus": ", ".join(contradicting)
        }
    return _("None of these drafts is still as you chose it.")
