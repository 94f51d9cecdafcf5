"""Messages, sweeps, jobs and people that come twice, or in the middle of a worker's batch."""

import time
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.choices import DescriptionState, JobState, SkipReason
from catalog.models import Description, DescriptionJob, DescriptionJobItem, Product
from catalog.selectors.jobs import job_progress
from catalog.services.description_texts import description_write
from catalog.services.jobs import description_job_cancel, description_job_create
from catalog.transitions.description import description_approve
from catalog.wakeups import wake_descriptions
from catalog.workers.lease import lease_take
from catalog.workers.sweep import sweep_run
from tests.factories import UserFactory
from tests.rivals import at_once

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def test_a_wake_up_that_is_delivered_five_times_does_the_work_once(
    start_broker, start_workers, create_job, finished, control
):
    start_broker()
    start_workers()
    start_workers(sweeper=False)
    job = create_job(products=24)
    assert wake_descriptions(count=5)
    finished(job)
    assert sum(count for _, count in control.calls()) == 24
    assert set(job.items.values_list("attempts", flat=True)) == {1}


def test_two_sweeps_at_once_requeue_each_item_once(create_job, start_broker):
    start_broker()
    job = create_job(products=8)
    assert len(lease_take(limit=8).items) == 8
    DescriptionJobItem.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    DescriptionJobItem.objects.filter(pk=job.items.first().pk).update(attempts=3)
    reports = at_once(lambda _: sweep_run(), range(2))
    assert sum(report.requeued for report in reports) == 7
    assert sum(report.failed for report in reports) == 1
    assert job_progress(job).failed == 1


def test_the_same_job_asked_for_twice_is_done_once(
    start_broker, start_workers, create_job, finished, control
):
    start_broker()
    first, second = create_job(), create_job()
    assert second.state == JobState.COMPLETED
    assert set(second.items.values_list("skip_reason", flat=True)) == {SkipReason.IN_PROGRESS}
    start_workers()
    finished(first)
    assert sum(count for _, count in control.calls()) == 6


def test_a_job_cancelled_while_it_is_leased_stays_cancelled(
    start_broker, start_workers, create_job, control, wait_until
):
    start_broker()
    control.hold()
    worker = start_workers()
    job = create_job()
    wait_until(control.holding_pid, "a worker to begin")
    description_job_cancel(job=job, actor=None)
    control.let_go()
    refused = "Nothing was written for 4 items"
    wait_until(lambda: refused in worker.log.read_text(), "its writes to be refused")
    worker.ask_to_end()
    worker.wait_for_end()
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert list(job.items.values_list("state", flat=True)) == ["cancelled"] * 6
    assert not Description.objects.exists()
    assert job_progress(job).cancelled == 6


def test_a_text_approved_while_the_worker_writes_stands(
    start_broker, start_workers, create_job, control, wait_until
):
    start_broker()
    control.hold()
    start_workers()
    job = create_job()
    wait_until(control.holding_pid, "a worker to begin")
    person, product = UserFactory(), Product.objects.first()
    text = description_write(product=product, actor=person, standard="A person's words.")
    description_approve(description=text, actor=person)
    control.let_go()

    def ended():
        job.refresh_from_db()
        return job.state == JobState.COMPLETED

    wait_until(ended, "the job to end")
    text.refresh_from_db()
    assert (text.state, text.standard) == (DescriptionState.APPROVED, "A person's words.")
    states = product.descriptions.values_list("state", flat=True)
    assert sorted(states) == ["approved", "draft"]


def test_one_photo_that_somebody_waits_for_overtakes_a_bulk_job(
    start_broker, start_workers, workers, create_job, control, wait_until
):
    """The bulk worker is held in its batch for as long as it takes."""
    start_broker()
    create_job()
    start_workers()
    control.hold()
    bulk = create_job(again=True)
    wait_until(control.holding_pid, "the bulk worker to begin")
    workers("interactive", DESCRIBE_CONTROL="")
    single = description_job_create(
        products=Product.objects.all()[:1], again=True, priority=DescriptionJob.SINGLE_PRIORITY
    )
    start = time.monotonic()

    def ended():
        single.refresh_from_db()
        return single.state == JobState.COMPLETED

    wait_until(ended, "the single photo to be described", seconds=20)
    assert time.monotonic() - start < 20
    bulk.refresh_from_db()
    assert bulk.state == JobState.RUNNING
    assert job_progress(bulk).done == 0
