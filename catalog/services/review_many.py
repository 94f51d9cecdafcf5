"""Approve or reject many drafts as one step of a reviewer, which is undone as one.

A draft that is not as the reviewer chose it (judged or changed meanwhile, before another reviewer
now) is left alone, and the rest goes on.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from catalog.choices import DescriptionState, ReviewStep
from catalog.exceptions import TransitionRefused
from catalog.models import Description, ReviewAction
from catalog.selectors.review_queue import drafts_free_for
from catalog.services.description_texts import reason_clean
from catalog.transitions import descriptions_many as transitions
from catalog.transitions.description import products_lock
from catalog.transitions.review_lease import review_lease_end


@dataclass(frozen=True, slots=True)
class ManyReviewed:
    """How many drafts a step judged, and how many of those asked for it left alone."""

    judged: int
    left: int


def review_approve_many(
    *, ids: Collection[int], actor: User, press: UUID, as_of: datetime
) -> ManyReviewed:
    """Approve drafts in their own words, unless they changed after `as_of`.

    Of several drafts of one product and language the newest is approved. Raises
    `TransitionRefused` where none is left to approve; nothing changes then.
    """

    def work(drafts: list[Description], action: ReviewAction) -> None:
        transitions.drafts_approve(drafts=drafts, actor=actor, review=action)

    return _step(ReviewStep.APPROVE, ids, actor, press, as_of, work)


def review_reject_many(
    *, ids: Collection[int], actor: User, press: UUID, as_of: datetime, reason: str
) -> ManyReviewed:
    """Reject drafts for one reason. Raises `DescriptionRefused` for one too long, else as above."""
    clean = reason_clean(reason)

    def work(drafts: list[Description], action: ReviewAction) -> None:
        transitions.drafts_reject(drafts=drafts, actor=actor, review=action, reason=clean)

    return _step(ReviewStep.REJECT, ids, actor, press, as_of, work)


def _step(
    step: ReviewStep,
    ids: Collection[int],
    actor: User,
    press: UUID,
    as_of: datetime,
    work: Callable[[list[Description], ReviewAction], None],
) -> ManyReviewed:
    """All in one transaction. A second press finds the row of the first, and does nothing."""
    with transaction.atomic():
        asked = Description.objects.filter(pk__in=ids)
        products_lock(asked.order_by().values_list("product_id", flat=True))
        known = ReviewAction.objects.filter(press=press).first()
        if known is not None:
            return ManyReviewed(judged=known.count, left=len(ids) - known.count)
        free = drafts_free_for(
            asked.filter(state=DescriptionState.DRAFT, updated_at__lte=as_of), reviewer=actor
        )
        locked = free.select_for_update(of=("self",)).select_related("product").order_by("pk")
        drafts = list(locked)
        if step == ReviewStep.APPROVE:
            drafts = _one_a_place(drafts)
        if not drafts:
            raise TransitionRefused(_("None of these drafts is still as you chose it."))
        action = ReviewAction.objects.create(
            reviewer=actor, step=step, press=press, count=len(drafts)
        )
        work(drafts, action)
        review_lease_end(description_ids=[draft.pk for draft in drafts], reviewer=actor)
    return ManyReviewed(judged=len(drafts), left=len(ids) - len(drafts))


def _one_a_place(drafts: list[Description]) -> list[Description]:
    """The newest of each product and language; `drafts` are in the order of their ids."""
    return list({(draft.product_id, draft.language): draft for draft in drafts}.values())
