"""Jobs: what becomes an item, what is skipped and why, and what rivals can and cannot do."""

import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.choices import (
    DescriptionState,
    FailureReason,
    JobItemState,
    JobState,
    SkipReason,
)
from catalog.exceptions import TransitionRefused
from catalog.models import DescriptionJob, DescriptionJobItem, Product
from catalog.services import job_items
from catalog.services import jobs as services
from tests.factories import (
    DescriptionFactory,
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

ALL = Product.objects.all


def item_of(job: DescriptionJob, product: Product) -> tuple[str, str]:
    return job.items.values_list("state", "skip_reason").get(product=product)


def end_items() -> None:
    DescriptionJobItem.objects.update(state=JobItemState.DONE, ended_at=timezone.now())


def test_a_job_holds_every_product_with_its_main_photo():
    actor = UserFactory()
    first = ProductImageFactory(position=3)
    main = ProductImageFactory(product=first.product, position=1)
    other = ProductImageFactory()

    before = timezone.now()
    job = services.description_job_create(
        products=ALL(), actor=actor, language="de", options={"beams": 2}, priority=10
    )

    job.refresh_from_db()
    assert (job.state, job.created_by, job.language) == (JobState.QUEUED, actor, "de")
    assert (job.options, job.priority) == ({"beams": 2}, 10)
    assert list(job.items.values_list("product", "image", "state", "priority", "attempts")) == [
        (main.product_id, main.pk, JobItemState.QUEUED, 10, 0),
        (other.product_id, other.pk, JobItemState.QUEUED, 10, 0),
    ]
    assert all(before <= item.due_at <= timezone.now() for item in job.items.all())
    assert len(set(job.items.values_list("idempotency_key", flat=True))) == 2


def test_skips_and_says_why():
    no_photo = ProductFactory()
    drafted, approved, rejected = (ProductImageFactory().product for _ in range(3))
    DescriptionFactory(product=drafted)
    DescriptionFactory(product=approved, state=DescriptionState.APPROVED)
    DescriptionFactory(product=rejected, state=DescriptionState.REJECTED)
    waiting = ProductImageFactory().product
    services.description_job_create(products=Product.objects.filter(pk=waiting.pk))

    preview = services.description_job_preview(products=ALL())
    job = services.description_job_create(products=ALL())

    assert item_of(job, no_photo) == (JobItemState.SKIPPED, SkipReason.NO_PHOTO)
    assert item_of(job, drafted) == (JobItemState.SKIPPED, SkipReason.ALREADY_DESCRIBED)
    assert item_of(job, approved) == (JobItemState.SKIPPED, SkipReason.ALREADY_DESCRIBED)
    assert item_of(job, rejected) == (JobItemState.QUEUED, "")
    assert item_of(job, waiting) == (JobItemState.SKIPPED, SkipReason.IN_PROGRESS)
    assert job.items.filter(state=JobItemState.SKIPPED, ended_at=None).count() == 0
    assert preview == services.JobPreview(
        total=5,
        to_describe=1,
        skipped={
            SkipReason.NO_PHOTO: 1,
            SkipReason.ALREADY_DESCRIBED: 2,
            SkipReason.IN_PROGRESS: 1,
        },
    )


def test_a_text_in_another_language_does_not_count():
    product = ProductImageFactory().product
    DescriptionFactory(product=product, language="en")

    job = services.description_job_create(products=ALL(), language="de")

    assert item_of(job, product) == (JobItemState.QUEUED, "")


def test_again_describes_what_has_a_text_but_nothing_without_a_photo():
    described, no_photo = ProductImageFactory().product, ProductFactory()
    DescriptionFactory(product=described, state=DescriptionState.APPROVED)

    preview = services.description_job_preview(products=ALL(), again=True)
    job = services.description_job_create(products=ALL(), again=True)

    assert item_of(job, described) == (JobItemState.QUEUED, "")
    assert item_of(job, no_photo) == (JobItemState.SKIPPED, SkipReason.NO_PHOTO)
    assert (preview.to_describe, preview.skipped) == (1, {SkipReason.NO_PHOTO: 1})


def test_again_is_a_new_request_each_time():
    product = ProductImageFactory().product

    jobs = [services.description_job_create(products=ALL(), again=True) for _ in range(2)]

    assert [item_of(job, product) for job in jobs] == [(JobItemState.QUEUED, "")] * 2


def test_the_same_request_is_free_again_once_the_first_has_ended():
    product = ProductImageFactory().product
    first = services.description_job_create(products=ALL())
    end_items()

    second = services.description_job_create(products=ALL())

    assert item_of(second, product) == (JobItemState.QUEUED, "")
    assert first.items.get().idempotency_key == second.items.get().idempotency_key, (
        "an equal request has an equal key"
    )


@pytest.mark.parametrize(
    ("first", "second"), [({"language": "en"}, {"language": "de"}), ({}, {"options": {"beams": 2}})]
)
def test_another_language_or_other_options_are_another_request(first, second):
    product = ProductImageFactory().product

    jobs = [services.description_job_create(products=ALL(), **asked) for asked in (first, second)]

    assert [item_of(job, product) for job in jobs] == [(JobItemState.QUEUED, "")] * 2


def test_the_key_does_not_depend_on_the_order_of_the_options():
    one = job_items.JobRequest(options={"a": 1, "b": 2})
    other = job_items.JobRequest(options={"b": 2, "a": 1})

    assert one.key(product_id=1, photo_sha256="x") == other.key(product_id=1, photo_sha256="x")
    assert one.key(product_id=1, photo_sha256="x") != one.key(product_id=1, photo_sha256="y")


@pytest.mark.parametrize("again", [False, True])
def test_a_job_without_work_is_completed_at_once(again, django_capture_on_commit_callbacks):
    ProductFactory()

    with django_capture_on_commit_callbacks() as callbacks:
        job = services.description_job_create(products=ALL(), again=again)

    assert job.state == JobState.COMPLETED
    assert job.ended_at is not None
    assert callbacks == []


@pytest.mark.parametrize(("products", "wakeups"), [(1, 1), (2, 1), (3, 2), (20, 4)])
def test_workers_are_woken_on_commit_as_many_as_there_are_batches(
    products, wakeups, settings, django_capture_on_commit_callbacks
):
    settings.LEASE_BATCH = 2
    ProductImageFactory.create_batch(products)

    with django_capture_on_commit_callbacks() as callbacks:
        services.description_job_create(products=ALL())

    assert [(call.func.__name__, call.keywords) for call in callbacks] == [
        ("wake_descriptions", {"count": wakeups})
    ]


def test_a_broker_that_is_down_does_not_keep_the_job_from_being_made(
    caplog, django_capture_on_commit_callbacks
):
    """No broker runs in this test: the wake-up fails for real."""
    ProductImageFactory()

    with django_capture_on_commit_callbacks(execute=True):
        job = services.description_job_create(products=ALL())

    assert DescriptionJob.objects.get() == job
    assert job.items.get().state == JobItemState.QUEUED
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_takes_a_sliced_queryset_and_one_that_repeats_products_by_a_join():
    images = ProductImageFactory.create_batch(2)
    ProductImageFactory(product=images[0].product)

    repeated = Product.objects.filter(images__position__gte=0).order_by("-sku")
    assert services.description_job_create(products=repeated).items.count() == 2
    sliced = Product.objects.order_by("-sku")[:1]
    job = services.description_job_create(products=sliced, again=True)
    assert job.items.get().product == images[1].product


@pytest.mark.parametrize(
    "make", [services.description_job_create, services.description_job_preview]
)
def test_queries_grow_with_chunks_and_not_with_products(make, monkeypatch):
    monkeypatch.setattr(job_items, "CHUNK", 5)

    def queries(products: int) -> int:
        ProductImageFactory.create_batch(products - Product.objects.count())
        with CaptureQueriesContext(
            connection,
        ) as captured:
            make(products=ALL())
        DescriptionJob.objects.all().delete()
        return len(captured)

    assert queries(1) == queries(5)
    per_chunk = queries(10) - queries(5)
    assert queries(15) - queries(10) == per_chunk <= 5


# Rivals


def test_a_rival_between_the_look_and_the_insert_gets_the_product_alone(monkeypatch):
    """The second look finds the rival's item; the product is described once."""
    mine, shared = (ProductImageFactory().product for _ in range(2))
    plan = services.items_plan
    rivals = []

    def plan_before_the_rival(**arguments):
        monkeypatch.setattr(services, "items_plan", plan)
        planned = plan(**arguments)
        rivals.append(
            services.description_job_create(products=Product.objects.filter(pk=shared.pk))
        )
        return planned

    monkeypatch.setattr(services, "items_plan", plan_before_the_rival)

    job = services.description_job_create(products=ALL())

    assert item_of(job, mine) == (JobItemState.QUEUED, "")
    assert item_of(job, shared) == (JobItemState.SKIPPED, SkipReason.IN_PROGRESS)
    assert item_of(rivals[0], shared) == (JobItemState.QUEUED, "")


@pytest.mark.django_db(transaction=True)
def test_jobs_made_at_the_same_moment_share_the_products_out():
    """Real threads on connections of their own: every product is queued once, in some job."""
    ProductImageFactory.create_batch(12)
    start = threading.Barrier(4)
    failures: list[BaseException] = []

    def make() -> None:
        try:
            start.wait(timeout=30)
            services.description_job_create(products=ALL())
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert failures == []
    assert DescriptionJob.objects.count() == 4
    queued = DescriptionJobItem.objects.filter(state=JobItemState.QUEUED)
    assert sorted(queued.values_list("product", flat=True)) == sorted(
        Product.objects.values_list("pk", flat=True)
    )
    skipped = DescriptionJobItem.objects.filter(state=JobItemState.SKIPPED)
    assert skipped.filter(skip_reason=SkipReason.IN_PROGRESS).count() == 36


@pytest.mark.django_db(transaction=True)
def test_a_job_that_fails_half_way_leaves_nothing(monkeypatch):
    monkeypatch.setattr(job_items, "CHUNK", 2)
    ProductImageFactory.create_batch(4)
    plan = services.items_plan
    calls = []

    def fail_at_the_second_chunk(**arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("lost")
        return plan(**arguments)

    monkeypatch.setattr(services, "items_plan", fail_at_the_second_chunk)

    with pytest.raises(RuntimeError):
        services.description_job_create(products=ALL())

    assert DescriptionJob.objects.count() == 0
    assert DescriptionJobItem.objects.count() == 0


# Steps


def test_pause_and_resume(django_capture_on_commit_callbacks):
    job = DescriptionJobItemFactory().job

    assert services.description_job_pause(job=job, actor=None).state == JobState.PAUSED
    with django_capture_on_commit_callbacks() as callbacks:
        assert services.description_job_resume(job=job, actor=None).state == JobState.QUEUED
    assert len(callbacks) == 1


def test_cancelling_ends_the_open_items_and_keeps_what_is_done():
    job = DescriptionJobFactory(state=JobState.RUNNING)
    queued = DescriptionJobItemFactory(job=job)
    done = DescriptionJobItemFactory(job=job, state=JobItemState.DONE)

    services.description_job_cancel(job=job, actor=None)

    queued.refresh_from_db()
    done.refresh_from_db()
    assert (queued.state, done.state) == (JobItemState.CANCELLED, JobItemState.DONE)
    assert (job.state, job.ended_at is not None) == (JobState.CANCELLED, True)


@pytest.mark.parametrize(
    ("step", "state"),
    [
        (services.description_job_pause, JobState.PAUSED),
        (services.description_job_pause, JobState.COMPLETED),
        (services.description_job_resume, JobState.QUEUED),
        (services.description_job_resume, JobState.CANCELLED),
        (services.description_job_cancel, JobState.COMPLETED),
        (services.description_job_cancel, JobState.CANCELLED),
        (services.description_job_retry_failed, JobState.CANCELLED),
    ],
)
def test_a_refused_step_changes_neither_job_nor_items(
    step, state, django_capture_on_commit_callbacks
):
    job = DescriptionJobFactory(state=state)
    DescriptionJobItemFactory(job=job)
    DescriptionJobItemFactory(
        job=job, state=JobItemState.FAILED, failure_reason=FailureReason.MODEL_ERROR
    )
    before = [*DescriptionJob.objects.values(), *DescriptionJobItem.objects.values()]

    with django_capture_on_commit_callbacks() as callbacks, pytest.raises(TransitionRefused):
        step(job=job, actor=UserFactory())

    assert [*DescriptionJob.objects.values(), *DescriptionJobItem.objects.values()] == before
    assert callbacks == []


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (JobState.COMPLETED, JobState.RUNNING),
        (JobState.FAILED, JobState.RUNNING),
        (JobState.RUNNING, JobState.RUNNING),
        (JobState.PAUSED, JobState.PAUSED),
    ],
)
def test_retrying_queues_the_failed_items_alone(state, after, django_capture_on_commit_callbacks):
    job = DescriptionJobFactory(state=state)
    failed = DescriptionJobItemFactory(
        job=job,
        state=JobItemState.FAILED,
        failure_reason=FailureReason.WORKER_DIED,
        attempts=3,
        ended_at=timezone.now(),
    )
    done = DescriptionJobItemFactory(job=job, state=JobItemState.DONE)

    with django_capture_on_commit_callbacks() as callbacks:
        services.description_job_retry_failed(job=job, actor=None)

    failed.refresh_from_db()
    done.refresh_from_db()
    assert (failed.state, failed.attempts, failed.failure_reason) == (JobItemState.QUEUED, 0, "")
    assert done.state == JobItemState.DONE
    assert job.state == after
    assert len(callbacks) == 1


def test_retrying_a_job_without_failed_items_is_refused_and_leaves_it_ended():
    job = DescriptionJobFactory(state=JobState.COMPLETED)
    DescriptionJobItemFactory(job=job, state=JobItemState.DONE)

    with pytest.raises(TransitionRefused, match="no failed item"):
        services.description_job_retry_failed(job=job, actor=None)

    job.refresh_from_db()
    assert job.state == JobState.COMPLETED
