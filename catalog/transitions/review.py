"""Rows beside a review: who has which draft open, and what a worker has left to judge.

A lease gives a draft to one reviewer for a short time, so that each has another draft open.
A bulk review goes `running -> done | stopped`, chunk by chunk.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from catalog.choices import BulkReviewState
from catalog.leasing import change_state
from catalog.models import BulkReview, Description, ReviewAction, ReviewLease
from catalog.selectors.review_queue import drafts_free_for
from catalog.wakeups import wake_reviews

#: An open page in use renews in time; a draft that somebody walked away from is free after this.
LEASE = timedelta(minutes=5)
#: Drafts that a bulk review names for a person to look at.
NAMED = 50
#: How often a rival may be quicker before the reviewer gets no draft.
TRIES = 5


def review_lease_take(
    *, candidates: Iterable[QuerySet[Description]], reviewer: User
) -> Description | None:
    """Give the reviewer the first draft that nobody else has; None where all are taken.

    `candidates` are ordered querysets, asked in turn. A reviewer's own draft is given again.
    """
    for drafts in candidates:
        for _ in range(TRIES):
            with transaction.atomic():
                # PostgreSQL skips a draft that a rival is taking in this moment; with SQLite the
                # rival waits until we are done.
                free = drafts_free_for(drafts, reviewer=reviewer).select_for_update(
                    of=("self",), skip_locked=True, no_key=True
                )
                draft = free.first()
                if draft is None:
                    break
                if _take(draft, reviewer):
                    return draft
    return None


def review_lease_open(*, description: Description, reviewer: User) -> ReviewLease:
    """Take a draft that was opened by its address; returns the lease, which may be another's."""
    with transaction.atomic():
        Description.objects.select_for_update(no_key=True).filter(pk=description.pk).first()
        _take(description, reviewer)
        return ReviewLease.objects.select_related("reviewer").get(description=description)


def review_lease_renew(*, description_id: int, reviewer: User) -> bool:
    """Extend the lease; False where the draft is no longer the reviewer's."""
    held = ReviewLease.objects.filter(description=description_id, reviewer=reviewer)
    return held.update(until=timezone.now() + LEASE) == 1


def review_lease_end(*, description_ids: Iterable[int], reviewer: User) -> datetime | None:
    """Give drafts back; returns when the reviewer took the first, None if they had none."""
    held = ReviewLease.objects.filter(description__in=description_ids, reviewer=reviewer)
    taken_at = held.order_by("taken_at").values_list("taken_at", flat=True).first()
    if taken_at is not None:
        held.delete()
    return taken_at


def bulk_reviews_due() -> QuerySet[BulkReview]:
    """Bulk reviews that a worker has to continue, the oldest first."""
    return BulkReview.objects.filter(state=BulkReviewState.RUNNING).order_by("pk")


def bulk_review_begin(
    *, action: ReviewAction, total: int, as_of: datetime, **chosen: Any
) -> BulkReview:
    """Leave an action to a worker, which is woken on commit."""
    review = BulkReview.objects.create(action=action, total=max(total, 0), as_of=as_of, **chosen)
    transaction.on_commit(wake_reviews)
    return review


def bulk_review_take() -> BulkReview | None:
    """Lock the first due review that no other worker has locked, for one transaction."""
    due = bulk_reviews_due().select_for_update(of=("self",), skip_locked=True)
    return due.select_related("action__reviewer").first()


def bulk_review_advance(*, review: BulkReview, position: int, done: int, left: int) -> None:
    """Record a chunk, in its transaction."""
    ReviewAction.objects.filter(pk=review.pk).update(count=F("count") + done)
    BulkReview.objects.filter(pk=review.pk).update(position=position, left=F("left") + left)


def bulk_review_name(*, review: BulkReview, skus: Sequence[str]) -> None:
    """Record the products of drafts that contradict themselves, as many as a page can show."""
    review.contradicting = [*review.contradicting, *skus][:NAMED]
    BulkReview.objects.filter(pk=review.pk).update(contradicting=review.contradicting)


def bulk_review_finish(*, review: BulkReview) -> None:
    """Running to done."""
    _end(review, BulkReviewState.DONE)


def bulk_review_stop(*, review: BulkReview) -> None:
    """Running to stopped: what was done stays done. Waits for the chunk that is being written."""
    BulkReview.objects.select_for_update().get(pk=review.pk)
    _end(review, BulkReviewState.STOPPED)


def _end(review: BulkReview, state: BulkReviewState) -> None:
    rows = BulkReview.objects.filter(pk=review.pk)
    change_state(rows, BulkReviewState.RUNNING, to=state, ended_at=timezone.now())


def _take(draft: Description, reviewer: User) -> bool:
    """Called with the draft's row locked, so a rival has written their lease before."""
    now = timezone.now()
    lease = ReviewLease.objects.filter(description=draft).first()
    if lease is not None and lease.reviewer_id != reviewer.pk and lease.until > now:
        return False
    mine = lease is not None and lease.reviewer_id == reviewer.pk and lease.until > now
    ReviewLease(
        description=draft,
        reviewer_id=reviewer.pk,
        taken_at=lease.taken_at if lease is not None and mine else now,
        until=now + LEASE,
    ).save(force_insert=lease is None, force_update=lease is not None)
    return True
