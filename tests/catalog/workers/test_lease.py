"""Which items a worker gets, and that two workers never get the same."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.choices import JobItemState, JobState, ModelVersionState
from catalog.models import DescriptionJob, DescriptionJobItem
from catalog.selectors.model_versions import model_version_active
from catalog.transitions.job import job_pause
from catalog.transitions.job_item import items_cancel
from catalog.workers.lease import jobs_due, lease_renew, lease_take
from tests.factories import DescriptionJobFactory, DescriptionJobItemFactory, ModelVersionFactory
from tests.rivals import at_once

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def taken(limit=16):
    lease = lease_take(limit=limit)
    return [item.pk for item in lease.items] if lease else []


def test_a_lease_has_token_deadline_version_and_attempt(version, settings):
    settings.LEASE_SECONDS = 120
    item = DescriptionJobItemFactory()
    before = timezone.now()
    lease = lease_take(limit=16)
    item.refresh_from_db()
    assert lease.version == version
    assert [leased.pk for leased in lease.items] == [item.pk]
    assert (item.state, item.lease_token, item.attempts) == ("leased", lease.token, 1)
    assert item.model_version == version
    waited = item.lease_until - before
    assert timedelta(seconds=120) <= waited < timedelta(seconds=130)


def test_the_job_of_a_leased_item_has_started(version):
    item = DescriptionJobItemFactory()
    lease_take(limit=16)
    job = DescriptionJob.objects.get(pk=item.job_id)
    assert job.state == JobState.RUNNING
    assert job.started_at is not None


def test_nothing_due_is_no_lease(version):
    DescriptionJobItemFactory(due_at=timezone.now() + timedelta(minutes=1))
    DescriptionJobItemFactory(state=JobItemState.DONE)
    assert lease_take(limit=16) is None


@pytest.mark.parametrize("state", [s for s in JobState if s not in ("queued", "running")])
def test_items_of_a_job_that_does_not_run_stay(version, state):
    DescriptionJobItemFactory(job__state=state)
    assert taken() == []


def test_priority_comes_first_then_the_older_job_then_who_waits_longest(version):
    now = timezone.now()
    older, newer = DescriptionJobFactory(), DescriptionJobFactory()
    fourth = DescriptionJobItemFactory(job=newer, due_at=now - timedelta(minutes=9))
    third = DescriptionJobItemFactory(job=older, due_at=now)
    second = DescriptionJobItemFactory(job=older, due_at=now - timedelta(minutes=1))
    first = DescriptionJobItemFactory(job__priority=10, due_at=now)
    assert [taken(limit=1) for _ in range(4)] == [[first.pk], [second.pk], [third.pk], [fourth.pk]]


def test_an_urgent_lease_takes_single_photos_alone(version):
    DescriptionJobItemFactory()
    single = DescriptionJobItemFactory(job__priority=DescriptionJob.SINGLE_PRIORITY)
    assert [item.pk for item in lease_take(limit=16, urgent=True).items] == [single.pk]
    assert lease_take(limit=16, urgent=True) is None


def test_the_single_photos_of_many_jobs_make_one_batch(version):
    items = [DescriptionJobItemFactory().pk for _ in range(3)]
    assert [taken(), taken()] == [items, []]


@pytest.fixture
def job(version):
    return DescriptionJobFactory()


def test_a_lease_is_no_larger_than_asked(job):
    items = [DescriptionJobItemFactory(job=job).pk for _ in range(5)]
    assert [taken(limit=2) for _ in range(4)] == [items[:2], items[2:4], items[4:], []]


def test_an_item_that_must_run_alone_does(job):
    early = timezone.now() - timedelta(minutes=1)
    alone = DescriptionJobItemFactory(job=job, alone=True, due_at=early)
    others = [DescriptionJobItemFactory(job=job).pk for _ in range(2)]
    lease = lease_take(limit=16)
    assert ([item.pk for item in lease.items], lease.is_alone) == ([alone.pk], True)
    assert taken() == others


def test_an_item_that_must_run_alone_is_not_taken_beside_another(job):
    early = timezone.now() - timedelta(minutes=1)
    alone = DescriptionJobItemFactory(job=job, alone=True, due_at=early)
    DescriptionJobItemFactory(job=job)
    assert lease_take(limit=16, may_be_alone=False) is None
    alone.refresh_from_db()
    assert (alone.state, alone.attempts) == (JobItemState.QUEUED, 0)


def test_an_item_that_must_run_alone_joins_no_batch(job):
    first = DescriptionJobItemFactory(job=job, due_at=timezone.now() - timedelta(minutes=1))
    alone = DescriptionJobItemFactory(job=job, alone=True)
    last = DescriptionJobItemFactory(job=job)
    assert [taken(), taken()] == [[first.pk, last.pk], [alone.pk]]


def test_a_batch_has_one_set_of_options(version):
    short = DescriptionJobFactory(options={"max_new_tokens": 8})
    first, second = DescriptionJobItemFactory(job=short), DescriptionJobItemFactory()
    third = DescriptionJobItemFactory(job=short)
    assert [taken(), taken()] == [[first.pk, third.pk], [second.pk]]


def test_the_version_is_the_one_that_is_active_when_leased(version):
    item = DescriptionJobItemFactory(attempts=1, state=JobItemState.RETRY, model_version=version)
    version.state = ModelVersionState.RETIRED
    version.save()
    newer = ModelVersionFactory()
    ModelVersionFactory(state=ModelVersionState.ACTIVE, scope="brand:Acme")
    assert model_version_active() == newer
    lease_take(limit=16)
    item.refresh_from_db()
    assert item.model_version == newer


def test_without_an_active_version_items_are_leased_to_be_failed():
    item = DescriptionJobItemFactory()
    lease = lease_take(limit=16)
    assert lease.version is None
    assert [leased.pk for leased in lease.items] == [item.pk]


def test_renewing_starts_the_time_anew(version):
    item = DescriptionJobItemFactory()
    lease = lease_take(limit=16)
    DescriptionJobItem.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert lease_renew(lease=lease) == 1
    item.refresh_from_db()
    assert item.lease_until > timezone.now() + timedelta(seconds=60)
    items_cancel(job=item.job)
    assert lease_renew(lease=lease) == 0


@pytest.mark.parametrize(("gone", "spent"), [(11, False), (13, True)])
def test_a_lease_is_spent_when_a_tenth_of_its_time_is_gone(version, settings, gone, spent):
    settings.LEASE_SECONDS = 120
    DescriptionJobItemFactory()
    lease = lease_take(limit=16)
    lease.until -= timedelta(seconds=gone)
    assert lease.is_spent is spent
    lease_renew(lease=lease)
    assert not lease.is_spent


def test_what_is_leased_is_in_memory_as_it_is_stored(version):
    DescriptionJobItemFactory(attempts=1, state=JobItemState.RETRY)
    [item] = lease_take(limit=16).items
    stored = DescriptionJobItem.objects.select_related("job", "image").get()
    fields = [field.attname for field in DescriptionJobItem._meta.concrete_fields]
    for name in fields:
        assert getattr(item, name) == getattr(stored, name), name
    with CaptureQueriesContext(connection) as queries:
        assert (item.job.state, item.image.file.name) == ("running", stored.image.file.name)
    assert not queries


def test_pausing_leaves_what_is_leased_and_leases_no_more(version):
    job = DescriptionJobFactory()
    items = [DescriptionJobItemFactory(job=job) for _ in range(2)]
    assert taken(limit=1) == [items[0].pk]
    job_pause(job=job)
    assert not jobs_due().exists()
    assert taken() == []
    items[0].refresh_from_db()
    assert items[0].state == JobItemState.LEASED


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_share_the_items_without_overlap():
    ModelVersionFactory()
    items = {DescriptionJobItemFactory().pk for _ in range(24)}
    taken_by = [[] for _ in range(3)]

    def work(mine):
        while got := taken(limit=2):
            mine.extend(got)

    at_once(work, taken_by)
    everything = [pk for mine in taken_by for pk in mine]
    assert sorted(everything) == sorted(items)
    assert set(DescriptionJobItem.objects.values_list("attempts", flat=True)) == {1}


def test_a_batch_has_one_version_and_a_pinned_one_is_kept(version):
    pinned = ModelVersionFactory(state=ModelVersionState.CANDIDATE)
    first = DescriptionJobItemFactory(job__model_version=pinned)
    second = DescriptionJobItemFactory()
    leases = [lease_take(limit=16) for _ in range(2)]
    assert [[item.pk for item in lease.items] for lease in leases] == [[first.pk], [second.pk]]
    assert [lease.version for lease in leases] == [pinned, version]


def test_due_items_are_read_in_the_order_of_their_index(version):
    """However many wait: no scan of the table and no sort. PostgreSQL plans by its statistics."""
    if connection.vendor != "sqlite":
        pytest.skip("the plan of PostgreSQL depends on the size of the table")
    DescriptionJobItemFactory()
    with CaptureQueriesContext(connection) as captured:
        lease_take(limit=16)
    reads = [query["sql"] for query in captured if "ORDER BY" in query["sql"]]
    assert len(reads) == 4  # jobs, items a state, the version
    with connection.cursor() as cursor:
        for sql in reads[1:3]:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = " ".join(str(row) for row in cursor.fetchall())
            assert "USING INDEX job_item_due" in plan
            assert "TEMP B-TREE" not in plan
        cursor.execute(f"EXPLAIN QUERY PLAN {reads[0]}")
        plan = " ".join(str(row) for row in cursor.fetchall())
        assert plan.count("job_item_due (job_id=? AND state=? AND due_at<?)") == 2


def test_a_batch_never_mixes_languages_nor_options_nor_priorities(version):
    english = DescriptionJobItemFactory(job__language="en")
    german = DescriptionJobItemFactory(job__language="de")
    detailed = DescriptionJobItemFactory(job__options={"length": "detailed"})
    also_english = DescriptionJobItemFactory(job__language="en")
    batches = [taken(), taken(), taken(), taken()]
    assert batches == [[english.pk, also_english.pk], [german.pk], [detailed.pk], []]


def test_two_items_of_one_product_come_in_two_batches(version):
    first = DescriptionJobItemFactory()
    second = DescriptionJobItemFactory(product=first.product, image=first.image)
    other = DescriptionJobItemFactory()
    assert [taken(), taken(), taken()] == [[first.pk, other.pk], [second.pk], []]
