"""The named state changes of a bulk review: `running -> done | stopped`, chunk by chunk."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from catalog.choices import BulkReviewState
from catalog.models import BulkReview, ReviewAction
from catalog.wakeups import wake_reviews


def bulk_reviews_due() -> QuerySet[BulkReview]:
    """Those that a worker has to take further, the oldest first."""
    return BulkReview.objects.filter(state=BulkReviewState.RUNNING).order_by("pk")


def bulk_review_begin(
    *, action: ReviewAction, total: int, as_of: datetime, **chosen: Any
) -> BulkReview:
    """Leave an action to a worker, which is woken once this is committed."""
    review = BulkReview.objects.create(action=action, total=max(total, 0), as_of=as_of, **chosen)
    transaction.on_commit(wake_reviews)
    return review


def bulk_review_take() -> BulkReview | None:
    """Lock the first that is due and that no other worker is at; for one transaction."""
    due = bulk_reviews_due().select_for_update(of=("self",), skip_locked=True)
    return due.select_related("action__reviewer").first()


def bulk_review_advance(*, review: BulkReview, position: int, done: int, left: int) -> None:
    """Note a chunk, in its transaction."""
    ReviewAction.objects.filter(pk=review.pk).update(count=F("count") + done)
    BulkReview.objects.filter(pk=review.pk).update(position=position, left=F("left") + left)


def bulk_review_finish(*, review: BulkReview) -> None:
    """Running to done."""
    _end(review, BulkReviewState.DONE)


def bulk_review_stop(*, review: BulkReview) -> None:
    """Running to stopped: what was done stays done. Waits for the chunk that is being written."""
    BulkReview.objects.select_for_update().get(pk=review.pk)
    _end(review, BulkReviewState.STOPPED)


def _end(review: BulkReview, state: BulkReviewState) -> None:
    rows = BulkReview.objects.filter(pk=review.pk, state=BulkReviewState.RUNNING)
    rows.update(state=state, ended_at=timezone.now())
