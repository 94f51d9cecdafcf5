"""A bulk review that waits while columns are renamed goes on with the drafts that it was given."""

from importlib import import_module

import pytest
from django.apps import apps
from django.utils import timezone

from catalog.choices import ReviewOrder, ReviewStep
from catalog.models import BulkReview, ReviewAction
from catalog.selectors.review_queue import ReviewQueue

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
MIGRATION = import_module("catalog.migrations.0012_plain_names")


def waiting(queue):
    action = ReviewAction.objects.create(step=ReviewStep.APPROVE, count=0)
    return BulkReview.objects.create(action=action, queue=queue, total=1, as_of=timezone.now())


def test_the_choice_of_a_waiting_review_is_read_after_the_renaming_and_before():
    queue = ReviewQueue(order=ReviewOrder.SIMILAR, perceptual_hash="a" * 16)
    kept = queue.as_json()
    former = {**kept, "look": kept["perceptual_hash"]}
    del former["perceptual_hash"]
    review, undo = waiting(former), waiting({})

    MIGRATION.choices_rename(apps, None)
    review.refresh_from_db()
    undo.refresh_from_db()
    assert ReviewQueue.from_json(review.queue) == queue
    assert undo.queue == {}

    MIGRATION.choices_rename_back(apps, None)
    review.refresh_from_db()
    assert review.queue == former
