"""Any order of claims, ends, expiries, cancellations and retries: nothing is lost or done twice."""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from catalog.choices import (
    OPEN_ITEM_STATES,
    OPEN_JOB_STATES,
    FailureReason,
    JobItemState,
    JobState,
)
from catalog.engine.describe import GeneratedText
from catalog.exceptions import TransitionRefused
from catalog.models import (
    Description,
    DescriptionJob,
    DescriptionJobItem,
    DescriptionJobTally,
    Product,
)
from catalog.selectors.jobs import job_counts
from catalog.services import jobs as services
from catalog.transitions import job as job_transitions
from catalog.transitions.job import job_pause, tallies_fold
from catalog.transitions.job_item import items_expire, items_release
from catalog.workers.endings import (
    Described,
    Failed,
    NotRecognised,
    Postponed,
    endings_write,
    jobs_close,
)
from catalog.workers.lease import lease_renew, lease_take
from tests.factories import ModelVersionFactory, ProductImageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

PRODUCTS = 5
STEPS = (
    job_pause,
    services.description_job_resume,
    services.description_job_cancel,
    services.description_job_retry_failed,
)


ENDS = ["done", "not_recognised", "failed", "retry"]


class Jobs(RuleBasedStateMachine):
    """Workers hold leases, some of them long after they lost them; people press buttons."""

    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        ModelVersionFactory()
        self.products = [ProductImageFactory().product.pk for _ in range(PRODUCTS)]
        self.texts = 0

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)

    @initialize()
    def make_the_first(self):
        self.make(chosen=set(range(PRODUCTS)), again=False, priority=0)

    @rule(
        chosen=st.sets(st.integers(0, PRODUCTS - 1), min_size=1),
        again=st.booleans(),
        priority=st.sampled_from([0, 10]),
    )
    def make(self, chosen, again, priority):
        products = Product.objects.filter(pk__in=[self.products[index] for index in chosen])
        job = services.description_job_create(products=products, again=again, priority=priority)
        assert job.total == len(chosen)

    @rule(
        target=leases,
        limit=st.integers(1, 4),
        urgent=st.booleans(),
        may_be_alone=st.booleans(),
    )
    def claim(self, limit, urgent, may_be_alone):
        lease = lease_take(limit=limit, urgent=urgent, may_be_alone=may_be_alone)
        if lease is None:
            return multiple()
        assert len(lease.items) <= (1 if lease.is_alone else limit)
        return lease

    @rule(
        lease=leases,  # left among them: a worker that was frozen writes the same twice
        ends=st.lists(st.sampled_from(ENDS), min_size=4, max_size=4),
    )
    def finish(self, lease, ends):
        held = set(
            DescriptionJobItem.objects.filter(lease_token=lease.token).values_list("pk", flat=True)
        )
        endings = [self.ending(item, end) for item, end in zip(lease.items, ends, strict=False)]
        lost = endings_write(lease=lease, endings=endings)
        assert lost == len({item.pk for item in lease.items} - held)

    @rule(limit=st.integers(1, 4), end=st.sampled_from(ENDS))
    def work(self, limit, end):
        """A worker to whom nothing happens."""
        if lease := lease_take(limit=limit):
            self.finish(lease=lease, ends=[end] * 4)

    @rule(end=st.sampled_from(ENDS))
    def work_too_late(self, end):
        """A worker is frozen past its lease, and writes while a rival holds the same item."""
        if late := lease_take(limit=1):
            self.expire()
            rival = lease_take(limit=1)
            self.finish(lease=late, ends=[end] * 4)
            if rival:
                self.finish(lease=rival, ends=["done"] * 4)

    def ending(self, item, end):
        if end == "failed":
            return Failed(item, FailureReason.MODEL_ERROR, "why")
        if end == "retry":
            return Postponed(item, due_at=timezone.now(), detail="why", alone=False)
        if end == "not_recognised":
            return NotRecognised(item, "why")
        self.texts += 1
        text = f"Text {self.texts}."
        return Described(item, GeneratedText(text, text, "", 0.5), {}, item.image_id)

    @rule(lease=leases)
    def renew(self, lease):
        lease_renew(lease=lease)

    @rule(lease=leases)
    def release(self, lease):
        items_release(token=lease.token)

    @rule()
    def expire(self):
        leased = DescriptionJobItem.objects.filter(state=JobItemState.LEASED)
        leased.update(lease_until=timezone.now() - timedelta(seconds=1))
        items_expire(now=timezone.now())
        assert not leased.exists()

    @rule(step=st.sampled_from(STEPS), index=st.integers(0, 3))
    def press(self, step, index):
        jobs = list(DescriptionJob.objects.order_by("pk"))
        if not jobs:
            return
        with suppress(TransitionRefused):
            step(job=jobs[index % len(jobs)], actor=None)

    @rule()
    def sweep(self):
        jobs_close()
        tallies_fold(before=timezone.now() + timedelta(seconds=1))

    @invariant()
    def every_item_is_somewhere(self):
        for job in DescriptionJob.objects.all():
            assert job.items.count() == job.total

    @invariant()
    def tallies_agree_with_the_items(self):
        jobs = list(DescriptionJob.objects.all())
        counts = job_counts(jobs)
        for job in jobs:
            ended = job.items.exclude(state__in=OPEN_ITEM_STATES)
            ends = ended.values_list("state", "outcome")
            assert +counts[job.pk] == Counter(outcome or state for state, outcome in ends)

    @invariant()
    def done_items_have_one_draft_and_others_none(self):
        with_draft = Description.objects.exclude(job_item=None).values_list("job_item", flat=True)
        done = DescriptionJobItem.objects.filter(state=JobItemState.DONE, outcome="")
        assert sorted(with_draft) == sorted(done.values_list("pk", flat=True))

    @invariant()
    def no_request_is_open_twice(self):
        keys = DescriptionJobItem.objects.filter(state__in=OPEN_ITEM_STATES).values_list(
            "idempotency_key", flat=True
        )
        assert len(set(keys)) == len(keys)

    @invariant()
    def ended_jobs_owe_nothing(self):
        ended = DescriptionJob.objects.exclude(state__in=OPEN_JOB_STATES)
        open_items = DescriptionJobItem.objects.filter(state__in=OPEN_ITEM_STATES)
        assert not open_items.filter(job__in=ended).exists()
        cancelled = DescriptionJob.objects.filter(state=JobState.CANCELLED)
        assert not cancelled.filter(ended_at=None).exists()

    @invariant()
    def attempts_are_within_their_limit(self):
        worker_died = DescriptionJobItem.objects.filter(failure_reason=FailureReason.WORKER_DIED)
        assert all(item.attempts >= DescriptionJobItem.lease.attempts for item in worker_died)
        assert not DescriptionJobTally.objects.filter(count=0).exists()


def test_no_item_is_lost_and_none_has_two_drafts_of_one_request(monkeypatch):
    monkeypatch.setattr(job_transitions, "FEW_ROWS", 1)  # so that the few there are get folded
    run_state_machine_as_test(
        Jobs,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
