"""Carries out reviews of more drafts than one request should judge."""

import logging
import time

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from catalog.choices import ReviewStep
from catalog.models import BulkReview, Description
from catalog.selectors.review_queue import ReviewQueue, drafts_in
from catalog.transitions.drafts import drafts_choose, drafts_judge
from catalog.transitions.review import (
    bulk_review_advance,
    bulk_review_finish,
    bulk_review_name,
    bulk_review_stop,
    bulk_review_take,
    bulk_reviews_due,
)
from catalog.transitions.review_undo import review_action_undo
from catalog.wakeups import wake_reviews
from catalog.workers.stopping import is_stopping

logger = logging.getLogger(__name__)

#: Products of one transaction, which holds their rows for about half a second.
CHUNK = 500
#: The sweep shares the queue and must not wait long.
SECONDS = 5.0


def bulk_reviews_run() -> None:
    """Work on bulk reviews for `SECONDS` at most, then wake a successor."""
    deadline = time.monotonic() + SECONDS
    while bulk_review_run_chunk():
        if is_stopping():
            return
        if time.monotonic() > deadline:
            wake_reviews()
            return


def bulk_reviews_sweep() -> bool:
    """Wake a worker if a bulk review is due; returns whether it woke one."""
    return bulk_reviews_due().exists() and wake_reviews()


def bulk_review_run_chunk() -> bool:
    """Do the next chunk of the first due review; False where there is none."""
    with transaction.atomic():
        review = bulk_review_take()
        if review is None:
            return False
        reviewer = review.action.reviewer
        if reviewer is None:  # their account was deleted meanwhile
            bulk_review_stop(review=review)
            return True
        former = review.action.undoes
        if former is not None:
            asked = Description.objects.filter(events__review=former).order_by()
        else:
            asked = drafts_in(ReviewQueue.from_json(review.queue)).exclude(pk__in=review.left_out)
            asked = asked.filter(updated_at__lte=review.as_of)
        behind = asked.filter(product_id__gt=review.position).order_by("product_id")
        products = list(behind.values_list("product_id", flat=True).distinct()[:CHUNK])
        if not products:
            bulk_review_finish(review=review)
            logger.info("Bulk review %s is done: %s", review.pk, review)
            return True
        if former is not None:
            undone = review_action_undo(
                action=former, undo=review.action, actor=reviewer, products=products
            )
            done, left = len(undone.descriptions), len(undone.changed_since)
        else:
            done, left = _judge(review, asked.filter(product_id__in=products), reviewer)
        bulk_review_advance(review=review, position=products[-1], done=done, left=left)
    return True


def _judge(review: BulkReview, asked: QuerySet[Description], actor: User) -> tuple[int, int]:
    """How many drafts were judged, and how many were left alone."""
    count = asked.count()
    step = ReviewStep(review.action.step)
    chosen = drafts_choose(asked=asked, step=step, actor=actor, as_of=review.as_of)
    if drafts := chosen.drafts:
        drafts_judge(drafts=drafts, actor=actor, review=review.action, reason=review.reason)
    if chosen.contradicting:
        bulk_review_name(review=review, skus=[one.product.sku for one in chosen.contradicting])
    return len(drafts), count - len(drafts)
