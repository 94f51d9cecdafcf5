"""Jobs: what becomes an item, what is skipped and why, and what rivals can and cannot do."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.choices import (
    DescriptionState,
    FailureReason,
    JobItemState,
    JobState,
    ModelVersionState,
    SkipReason,
)
from catalog.exceptions import JobRefused, TransitionRefused
from catalog.models import (
    DescriptionJob,
    DescriptionJobItem,
    DescriptionJobTally,
    ModelVersion,
    Product,
)
from catalog.selectors.jobs import job_progress, skips_by_reason
from catalog.services import job_items
from catalog.services import jobs as services
from catalog.transitions.job import job_pause
from tests.factories import (
    DescriptionFactory,
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
)
from tests.rivals import at_once

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
    assert list(job.items.values_list("product", "image", "state", "attempts", "alone")) == [
        (main.product_id, main.pk, JobItemState.QUEUED, 0, False),
        (other.product_id, other.pk, JobItemState.QUEUED, 0, False),
    ]
    assert (job.total, job.model_version) == (2, None)
    blank = ("failure_reason", "skip_reason", "detail", "lease_token", "lease_until", "ended_at")
    assert list(job.items.values_list(*blank)) == [("", "", "", None, None, None)] * 2
    assert all(before <= item.due_at <= timezone.now() for item in job.items.all())
    assert len(set(job.items.values_list("idempotency_key", flat=True))) == 2


def described(version: ModelVersion | None, **columns: object) -> Product:
    """A product with a photo and a text in a machine's words."""
    product = ProductImageFactory().product
    DescriptionFactory(product=product, model_version=version, **columns)
    return product


def test_skips_and_says_why():
    version = ModelVersionFactory()
    no_photo = ProductFactory()
    drafted = described(version)
    approved = described(version, state=DescriptionState.APPROVED)
    rejected = described(version, state=DescriptionState.REJECTED)
    by_hand = described(None, state=DescriptionState.APPROVED, created_by=UserFactory())
    edited = described(None, state=DescriptionState.APPROVED, standard="A person's words.")
    older = described(ModelVersionFactory(state=ModelVersionState.RETIRED))
    waiting = ProductImageFactory().product
    services.description_job_create(products=Product.objects.filter(pk=waiting.pk))

    preview = services.description_job_preview(products=ALL())
    job = services.description_job_create(products=ALL())

    assert item_of(job, no_photo) == (JobItemState.SKIPPED, SkipReason.NO_PHOTO)
    assert item_of(job, drafted) == (JobItemState.SKIPPED, SkipReason.ALREADY_DESCRIBED)
    assert item_of(job, approved) == (JobItemState.SKIPPED, SkipReason.ALREADY_DESCRIBED)
    assert item_of(job, by_hand) == (JobItemState.SKIPPED, SkipReason.HUMAN_TEXT)
    assert item_of(job, edited) == (JobItemState.SKIPPED, SkipReason.HUMAN_TEXT)
    assert item_of(job, waiting) == (JobItemState.SKIPPED, SkipReason.IN_PROGRESS)
    for product in (rejected, older):
        assert item_of(job, product) == (JobItemState.QUEUED, "")
    assert job.items.filter(state=JobItemState.SKIPPED, ended_at=None).count() == 0
    skipped = {
        SkipReason.NO_PHOTO: 1,
        SkipReason.ALREADY_DESCRIBED: 2,
        SkipReason.HUMAN_TEXT: 2,
        SkipReason.IN_PROGRESS: 1,
    }
    assert preview == services.JobPreview(total=8, to_describe=2, skipped=skipped)
    assert (job.total, skips_by_reason(job)) == (8, skipped)
    assert (job_progress(job).skipped, job_progress(job).left) == (6, 2)


def test_only_without_text_leaves_out_whatever_has_one():
    older = described(ModelVersionFactory(state=ModelVersionState.RETIRED))
    rejected = described(None, state=DescriptionState.REJECTED)
    job = services.description_job_create(products=ALL(), only_without_text=True)
    assert item_of(job, older) == (JobItemState.SKIPPED, SkipReason.HAS_TEXT)
    assert item_of(job, rejected) == (JobItemState.QUEUED, "")


def test_a_pinned_version_is_the_one_that_counts():
    active = ModelVersionFactory()
    passed = {"gate": {"passed": True}}
    other = ModelVersionFactory(state=ModelVersionState.CANDIDATE, judgement=passed)
    by_active, by_other = described(active), described(other)
    job = services.description_job_create(products=ALL(), model_version=other)
    assert job.model_version == other
    assert item_of(job, by_active) == (JobItemState.QUEUED, "")
    assert item_of(job, by_other) == (JobItemState.SKIPPED, SkipReason.ALREADY_DESCRIBED)
    same = services.description_job_create(
        products=Product.objects.filter(pk=by_active.pk), model_version=other
    )
    assert item_of(same, by_active) == (JobItemState.SKIPPED, SkipReason.IN_PROGRESS)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"again": True, "only_without_text": True}, "choose one of the two"),
        ({"options": {"length": "endless"}}, "no length 'endless'; choose alt_text, standard"),
    ],
)
@pytest.mark.parametrize("ask", [services.description_job_create, services.description_job_preview])
def test_what_contradicts_itself_is_refused_and_makes_nothing(ask, asked, why):
    ProductImageFactory()
    with pytest.raises(JobRefused, match=why):
        ask(products=ALL(), **asked)
    assert not DescriptionJob.objects.exists()


@pytest.mark.parametrize("judgement", [{}, {"gate": {"passed": False, "verdict": "unclear"}}])
def test_a_candidate_writes_no_draft_before_the_gate_has_passed_it(judgement):
    version = ModelVersionFactory(state=ModelVersionState.CANDIDATE, judgement=judgement)
    ProductImageFactory()
    with pytest.raises(JobRefused, match="The gate has not passed"):
        services.description_job_create(products=ALL(), model_version=version)
    assert not DescriptionJob.objects.exists()
    version.judgement = {"gate": {"passed": True}}
    version.save()
    job = services.description_job_create(products=ALL(), model_version=version)
    assert job.model_version == version


def test_a_rejected_version_is_refused():
    version = ModelVersionFactory(state=ModelVersionState.REJECTED)
    with pytest.raises(JobRefused, match="was rejected"):
        services.description_job_create(products=ALL(), model_version=version)


@pytest.mark.parametrize("ask", [services.description_job_create, services.description_job_preview])
def test_a_language_that_no_version_writes_is_refused(ask):
    ProductImageFactory()
    ModelVersionFactory(languages=["en", "fr"])
    ModelVersionFactory(scope="market:it")
    ModelVersionFactory(state=ModelVersionState.CANARY, canary_share=50, languages=["de"])
    why = "No model version in use writes “de” here. Those in use write: en, fr, it."
    with pytest.raises(JobRefused, match=f"^{why}$"):
        ask(products=ALL(), language="de")
    assert not DescriptionJob.objects.exists()
    for language in ("en", "fr", "it"):
        ask(products=ALL(), language=language)


@pytest.mark.parametrize(
    ("versions", "language"),
    [
        ([], "en"),
        ([{"languages": ["en"]}], "en"),
        ([{"languages": ["de", "en"]}], "en"),
        ([{"languages": ["de", "fr"]}], "de"),
        ([{"languages": ["en-GB"]}], "en-GB"),
        ([{"languages": ["de"]}, {"scope": "market:en", "languages": ["en"]}], "de"),
        ([{"scope": "market:it", "languages": ["it"]}], "it"),
        ([{"scope": "brand:A", "languages": ["de"]}, {"scope": "market:en"}], "en"),
    ],
)
def test_without_a_language_the_texts_are_in_one_that_the_version_writes(versions, language):
    for version in versions:
        ModelVersionFactory(**version)
    product = ProductImageFactory(product__brand="A").product
    job = services.description_job_create(products=ALL())
    assert (job.language, item_of(job, product)) == (language, (JobItemState.QUEUED, ""))


def test_the_version_that_is_asked_for_has_its_own_language():
    ModelVersionFactory()
    own = ModelVersionFactory(state=ModelVersionState.RETIRED, languages=["fr", "de"])
    ProductImageFactory()
    assert services.description_job_create(products=ALL(), model_version=own).language == "fr"


def test_a_version_that_writes_a_language_writes_it_for_every_region():
    version = ModelVersionFactory(languages=["en", "pt-BR"])
    product = ProductImageFactory().product
    for language in ("en-GB", "en-US", "pt-BR"):
        job = services.description_job_create(products=ALL(), language=language)
        assert item_of(job, product) == (JobItemState.QUEUED, "")
    services.description_job_create(products=ALL(), language="en-IE", model_version=version)
    for language in ("pt", "pt-PT", "eng"):
        with pytest.raises(JobRefused, match="Those in use write: en, pt-BR"):
            services.description_job_create(products=ALL(), language=language)


def test_a_version_that_is_asked_for_must_write_the_language():
    ModelVersionFactory(languages=["en", "de"])
    asked_for = ModelVersionFactory(name="ours", state=ModelVersionState.RETIRED)
    ProductImageFactory()
    with pytest.raises(JobRefused, match=r"^ours does not write “de”\. It writes: en\.$"):
        services.description_job_create(products=ALL(), language="de", model_version=asked_for)
    assert not DescriptionJob.objects.exists()


def test_a_brands_version_writes_its_language_for_its_products_alone():
    ModelVersionFactory()
    ModelVersionFactory(scope="brand:Acme", languages=["de"])
    ours = ProductImageFactory(product__brand="Acme").product
    acme = Product.objects.filter(brand="Acme")
    job = services.description_job_create(products=acme, language="de")
    assert item_of(job, ours) == (JobItemState.QUEUED, "")
    ProductImageFactory(product__brand="Wren")
    with pytest.raises(JobRefused, match="Those in use write: de, en"):
        services.description_job_create(products=ALL(), language="de")


def test_the_time_expected_counts_what_waits_already():
    now = timezone.now()
    former = DescriptionJobFactory(
        state=JobState.COMPLETED, started_at=now - timedelta(seconds=10), ended_at=now
    )
    DescriptionJobTally.objects.create(job=former, state="done", count=50, at=now)
    ProductImageFactory.create_batch(4)
    assert services.description_job_preview(products=ALL()).seconds == pytest.approx(4 / 5)
    services.description_job_create(products=ALL())
    preview = services.description_job_preview(products=ALL(), again=True)
    assert preview.seconds == pytest.approx(8 / 5)


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

    assert one.digest == other.digest
    assert one.digest != job_items.JobRequest(options={"a": 1}).digest


def test_another_photo_is_another_request():
    image = ProductImageFactory(position=1)
    first = services.description_job_create(products=ALL())
    ProductImageFactory(product=image.product, position=0)
    second = services.description_job_create(products=ALL())
    assert item_of(second, image.product) == (JobItemState.QUEUED, "")
    keys = [job.items.get().idempotency_key for job in (first, second)]
    assert keys[0] != keys[1]
    assert all(len(key) <= 64 for key in keys)


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
    assert queries(15) - queries(10) == per_chunk <= 3


# Rivals


@pytest.mark.parametrize("refusals", [1, services.PLANS_A_CHUNK])
def test_a_chunk_that_a_rival_was_quicker_with_is_planned_anew(refusals, monkeypatch):
    """The insert is refused as the database would; that it would is shown by the threads below."""
    product = ProductImageFactory().product
    insert, calls = services.items_insert, []

    def insert_after_refusals(**arguments):
        calls.append(arguments)
        insert(**arguments)
        if len(calls) <= refusals:
            raise IntegrityError("one_open_item_a_request")

    monkeypatch.setattr(services, "items_insert", insert_after_refusals)
    if refusals == services.PLANS_A_CHUNK:
        with pytest.raises(IntegrityError):
            services.description_job_create(products=ALL())
        assert not DescriptionJob.objects.exists()
    else:
        job = services.description_job_create(products=ALL())
        assert item_of(job, product) == (JobItemState.QUEUED, "")


@pytest.mark.django_db(transaction=True)
def test_jobs_made_at_the_same_moment_share_the_products_out():
    """Real threads on connections of their own: every product is queued once, in some job."""
    ProductImageFactory.create_batch(12)
    at_once(lambda _: services.description_job_create(products=ALL()), range(4))
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
    insert = services.items_insert
    calls = []

    def fail_at_the_second_chunk(**arguments):
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("lost")
        insert(**arguments)

    monkeypatch.setattr(services, "items_insert", fail_at_the_second_chunk)

    with pytest.raises(RuntimeError):
        services.description_job_create(products=ALL())

    assert DescriptionJob.objects.count() == 0
    assert DescriptionJobItem.objects.count() == 0


# Steps


def test_pause_and_resume(django_capture_on_commit_callbacks):
    job = DescriptionJobItemFactory().job

    job_pause(job=job, actor=None)
    assert job.state == JobState.PAUSED
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
        (job_pause, JobState.PAUSED),
        (job_pause, JobState.COMPLETED),
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
