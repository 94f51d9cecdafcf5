"""The named state changes of items: only the holder of the token writes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError
from django.utils import timezone

from catalog.choices import OPEN_ITEM_STATES, FailureReason, JobItemState, JobState
from catalog.models import DescriptionJobItem
from catalog.selectors.jobs import failures_by_reason, job_progress
from catalog.transitions.job_item import (
    items_cancel,
    items_expire,
    items_fail,
    items_finish,
    items_lease,
    items_release,
    items_renew,
    items_requeue_failed,
    items_retry,
)
from tests.factories import DescriptionJobItemFactory, ModelVersionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NOW = timezone.now()
LATER = NOW + timedelta(minutes=2)


def leased(**values):
    """An item in the hands of a worker; returns it and the worker's token."""
    item = DescriptionJobItemFactory(**values)
    token = uuid4()
    assert items_lease(items=[item], token=token, until=LATER, version=None) == 1
    item.refresh_from_db()
    return item, token


def row(item):
    return DescriptionJobItem.objects.filter(pk=item.pk).values().get()


def finish(item, token):
    return items_finish(items=[item], token=token)


def fail(item, token):
    return items_fail(items=[item], token=token, reason=FailureReason.MODEL_ERROR, detail="why")


def retry(item, token):
    return items_retry(item_ids=[item.pk], token=token, due_at=LATER, detail="why")


@pytest.mark.parametrize("state", [JobItemState.QUEUED, JobItemState.RETRY])
def test_a_lease_pins_the_version_and_counts_the_attempt(state):
    item = DescriptionJobItemFactory(state=state, attempts=1)
    version, token = ModelVersionFactory(), uuid4()
    assert items_lease(items=[item], token=token, until=LATER, version=version) == 1
    item.refresh_from_db()
    assert item.state == JobItemState.LEASED
    assert (item.lease_token, item.lease_until, item.attempts) == (token, LATER, 2)
    assert item.model_version == version


def test_of_two_workers_one_gets_the_item():
    item, token = leased()
    assert items_lease(items=[item], token=uuid4(), until=LATER, version=None) == 0
    item.refresh_from_db()
    assert (item.lease_token, item.attempts) == (token, 1)


def test_a_finished_item_is_done_and_nobodys():
    item, token = leased()
    assert finish(item, token) == 1
    item.refresh_from_db()
    assert (item.state, item.lease_token, item.lease_until) == (JobItemState.DONE, None, None)
    assert item.ended_at is not None
    assert job_progress(item.job).done == 1


def test_a_failed_item_says_why():
    item, token = leased()
    fail(item, token)
    item.refresh_from_db()
    assert (item.state, item.failure_reason, item.detail) == ("failed", "model_error", "why")
    assert failures_by_reason(item.job) == {FailureReason.MODEL_ERROR: 1}


def test_an_item_to_be_retried_waits():
    item, token = leased()
    retry(item, token)
    item.refresh_from_db()
    assert (item.state, item.due_at, item.alone) == (JobItemState.RETRY, LATER, False)
    assert item.ended_at is None


@pytest.mark.parametrize("write", [finish, fail, retry], ids=lambda write: write.__name__)
@pytest.mark.parametrize("rival", ["expired", "expired and leased again", "cancelled", "done"])
def test_a_worker_that_lost_its_lease_writes_nothing(write, rival):
    item, token = leased()
    if rival.startswith("expired"):
        items_expire(now=LATER + timedelta(seconds=1))
    if rival == "expired and leased again":
        items_lease(items=[item], token=uuid4(), until=LATER, version=None)
    if rival == "cancelled":
        items_cancel(job=item.job)
    if rival == "done":
        finish(item, token)
    before = row(item)
    counted = job_progress(item.job)
    assert write(item, token) == 0
    assert row(item) == before
    assert job_progress(item.job) == counted


def test_renewing_moves_the_deadline_of_what_is_still_held():
    (item, token), (lost, _) = leased(), leased()
    DescriptionJobItem.objects.filter(pk=lost.pk).update(lease_token=uuid4())
    assert items_renew(token=token, until=LATER + timedelta(minutes=1)) == 1
    item.refresh_from_db()
    lost.refresh_from_db()
    assert item.lease_until == LATER + timedelta(minutes=1)
    assert lost.lease_until == LATER


def test_a_released_item_is_as_if_it_had_never_been_taken():
    item, token = leased()
    assert items_release(token=token) == 1
    item.refresh_from_db()
    assert (item.state, item.attempts, item.alone) == (JobItemState.QUEUED, 0, False)
    assert (item.lease_token, item.model_version) == (None, None)


def test_an_expired_lease_is_tried_again_alone():
    item, _ = leased()
    assert items_expire(now=LATER) == (0, 0)
    assert items_expire(now=LATER + timedelta(seconds=1)) == (1, 0)
    item.refresh_from_db()
    assert (item.state, item.alone, item.attempts) == (JobItemState.QUEUED, True, 1)


def test_what_ended_three_workers_is_given_up():
    item, _ = leased(attempts=2, alone=True)
    other, _ = leased(attempts=1)
    assert items_expire(now=LATER + timedelta(seconds=1)) == (1, 1)
    item.refresh_from_db()
    other.refresh_from_db()
    assert (item.state, item.failure_reason) == ("failed", FailureReason.WORKER_DIED)
    assert item.ended_at is not None
    assert other.state == JobItemState.QUEUED


def test_a_worker_can_end_its_own_lease_before_its_time():
    (item, token), (other, _) = leased(), leased()
    assert items_expire(now=NOW, token=token) == (1, 0)
    item.refresh_from_db()
    other.refresh_from_db()
    assert (item.state, item.alone) == (JobItemState.QUEUED, True)
    assert other.state == JobItemState.LEASED


def test_cancelling_ends_open_items_of_this_job_alone():
    item, _ = leased()
    job = item.job
    waiting = DescriptionJobItemFactory(job=job, state=JobItemState.RETRY)
    done = DescriptionJobItemFactory(job=job, state=JobItemState.DONE)
    other = DescriptionJobItemFactory()
    job.refresh_from_db()
    assert items_cancel(job=job) == 2
    assert job_progress(job).cancelled == 2
    states = dict(DescriptionJobItem.objects.values_list("pk", "state"))
    assert states == {
        item.pk: JobItemState.CANCELLED,
        waiting.pk: JobItemState.CANCELLED,
        done.pk: JobItemState.DONE,
        other.pk: JobItemState.QUEUED,
    }


def test_failed_items_get_all_their_attempts_again():
    item, token = leased(attempts=2, alone=True, job__state=JobState.FAILED)
    fail(item, token)
    assert items_requeue_failed(job=item.job) == 1
    item.refresh_from_db()
    assert (item.state, item.attempts, item.alone) == (JobItemState.QUEUED, 0, False)
    assert (item.failure_reason, item.detail, item.ended_at) == ("", "", None)
    assert failures_by_reason(item.job) == {}
    assert job_progress(item.job).left == 1


@pytest.mark.parametrize("state", OPEN_ITEM_STATES)
def test_a_request_that_is_open_elsewhere_is_not_requeued(state):
    item, token = leased(idempotency_key="same")
    fail(item, token)
    lease = {"lease_token": uuid4(), "lease_until": LATER} if state == "leased" else {}
    DescriptionJobItemFactory(idempotency_key="same", state=state, **lease)
    assert items_requeue_failed(job=item.job) == 0
    item.refresh_from_db()
    assert item.state == JobItemState.FAILED


def test_the_database_refuses_a_lease_without_a_deadline():
    item = DescriptionJobItemFactory()
    with pytest.raises(IntegrityError):
        DescriptionJobItem.objects.filter(pk=item.pk).update(state=JobItemState.LEASED)
