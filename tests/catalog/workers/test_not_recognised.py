"""Photos that show no item: no draft, a reason, the next photo, and what is asked again."""

import pytest
from django.utils import timezone

from catalog.choices import DescriptionState, JobState, KnownSource
from catalog.engine.describe import GeneratedText
from catalog.exceptions import TransitionRefused
from catalog.models import Description, DescriptionJob, DescriptionJobItem, Product, WebhookEvent
from catalog.selectors.jobs import items_unrecognised, job_progress
from catalog.services.jobs import (
    description_job_create,
    description_job_preview,
    description_job_retry_failed,
)
from catalog.services.products import product_update
from catalog.transitions.description import description_reject
from catalog.workers.batch import MOST_PHOTOS, batch_run
from catalog.workers.endings import jobs_close
from catalog.workers.lease import lease_take
from catalog.workers.photos import PhotoReader, photo_load
from tests.describing import text_of, write_texts
from tests.factories import ModelVersionFactory, ProductFactory, ProductImageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

REASON = "The photo shows no fashion item that the model knows."
NOTHING = GeneratedText("", "", "", 0.1, recognised=False, reason=REASON)


def shown(image):
    """What the stand-in writes of an image."""
    return text_of(photo_load(item=Description(image=image)))


@pytest.fixture
def recognise(stand_in):
    """`recognise(images)`: only these show an item."""

    def only(*images):
        known = {shown(image) for image in images}
        stand_in(
            lambda photos: [
                text if text.standard in known else NOTHING for text in write_texts(photos)
            ]
        )

    return only


def describe(*products, **asked):
    """A job for the products, worked through; returns it."""
    chosen = Product.objects.filter(pk__in=[product.pk for product in products])
    job = description_job_create(products=chosen, **asked)
    while lease := lease_take(limit=16):
        with PhotoReader() as reader:
            batch_run(batch=reader.begin(lease))
    jobs_close()
    job.refresh_from_db()
    return job


def ends(job):
    rows = job.items.order_by("product__sku")
    return list(rows.values_list("product__sku", "state", "outcome", "skip_reason", "detail"))


@pytest.fixture
def cup(version):
    return ProductImageFactory(product__sku="CUP")


def test_no_draft_a_reason_and_a_count_of_its_own(cup, recognise):
    shirt = ProductImageFactory(product__sku="SHIRT")
    bare = ProductFactory(sku="BARE")
    recognise(shirt)
    job = describe(cup.product, shirt.product, bare)
    assert ends(job) == [
        ("BARE", "skipped", "", "no_photo", ""),
        ("CUP", "done", "not_recognised", "", REASON),
        ("SHIRT", "done", "", "", ""),
    ]
    assert list(Description.objects.values_list("product__sku", flat=True)) == ["SHIRT"]
    progress = job_progress(job)
    counts = (progress.total, progress.done, progress.not_recognised, progress.skipped)
    assert counts == (3, 1, 1, 1)
    assert (progress.failed, progress.cancelled, progress.left) == (0, 0, 0)
    assert progress.photos_per_second is not None


def test_a_job_in_which_nothing_is_recognised_is_completed(cup, recognise):
    recognise()
    job = describe(cup.product)
    assert job.state == JobState.COMPLETED
    assert job_progress(job).not_recognised == job_progress(job).total == 1
    (event,) = WebhookEvent.objects.filter(subject=f"job {job.pk}") or [None]
    assert event is None  # without an endpoint nobody is told
    with pytest.raises(TransitionRefused, match="no failed item"):
        description_job_retry_failed(job=job, actor=None)


def test_the_next_photo_is_tried_and_it_is_said(cup, recognise):
    second = ProductImageFactory(product=cup.product)
    third = ProductImageFactory(product=cup.product)
    recognise(second, third)
    job = describe(cup.product)
    (item,) = job.items.all()
    draft = Description.objects.get()
    assert (draft.image, draft.standard) == (second, shown(second))
    assert (item.image, item.outcome) == (cup, "")
    assert item.detail == "Described from photo 2: no item was recognised before."
    assert job_progress(job).done == 1


def test_a_further_photo_that_cannot_be_read_is_passed_over(cup, recognise):
    broken = ProductImageFactory(product=cup.product)
    third = ProductImageFactory(product=cup.product)
    recognise(third)
    broken.file.storage.delete(broken.file.name)
    job = describe(cup.product)
    assert Description.objects.get().image == third
    assert job_progress(job).failed == 0


def test_a_further_photo_on_which_the_model_fails_is_passed_over(cup, stand_in):
    second = ProductImageFactory(product=cup.product)
    third = ProductImageFactory(product=cup.product)
    first, faulty = shown(cup), shown(second)

    def write(photos):
        texts = write_texts(photos)
        if any(text.standard == faulty for text in texts):
            raise ValueError("No pixels.")
        return [NOTHING if text.standard == first else text for text in texts]

    stand_in(write)
    describe(cup.product)
    assert Description.objects.get().image == third


def test_so_many_photos_are_tried_and_no_more(cup, stand_in):
    images = [cup, *(ProductImageFactory(product=cup.product) for _ in range(MOST_PHOTOS))]
    other = ProductImageFactory(product__sku="OTHER")
    tried = []

    def write(photos):
        tried.append([text_of(photo) for photo in photos])
        return [NOTHING] * len(photos)

    stand_in(write)
    job = describe(cup.product, other.product)
    assert sorted(tried[0]) == sorted([shown(cup), shown(other)])
    assert tried[1:] == [[shown(image)] for image in images[1:MOST_PHOTOS]]
    assert ends(job) == [
        ("CUP", "done", "not_recognised", "", f"{REASON} Neither do 3 further photos."),
        ("OTHER", "done", "not_recognised", "", REASON),
    ]


@pytest.mark.parametrize("asked", [{}, {"only_without_text": True}])
def test_the_same_request_is_skipped_while_nothing_changed(cup, recognise, asked):
    recognise()
    describe(cup.product, **asked)
    preview = description_job_preview(products=Product.objects.all(), **asked)
    assert (preview.to_describe, preview.skipped) == (0, {"not_recognised": 1})
    assert ends(describe(cup.product, **asked))[0][1:4] == ("skipped", "", "not_recognised")


def test_who_asks_again_is_answered(cup, recognise):
    recognise()
    describe(cup.product)
    assert ends(describe(cup.product, again=True))[0][1:3] == ("done", "not_recognised")


def new_photo(image):
    ProductImageFactory(product=image.product)
    Product.objects.filter(pk=image.product_id).update(updated_at=timezone.now())


CHANGES = {
    "title": lambda image: product_update(product=image.product, facts={"title": "Red cap"}),
    "version": lambda image: ModelVersionFactory(),
    "photo": new_photo,
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_changed_is_asked_again(cup, version, recognise, change):
    recognise()
    describe(cup.product)
    if change == "version":
        type(version).objects.filter(pk=version.pk).update(state="retired")
    CHANGES[change](cup)
    assert ends(describe(cup.product))[0][1:3] == ("done", "not_recognised")


def test_other_options_are_another_request(cup, recognise):
    recognise()
    describe(cup.product)
    sources = [KnownSource.TITLE]
    assert ends(describe(cup.product, options={"sources": sources}))[0][1] == "done"


def test_a_product_is_unrecognised_until_a_photo_is(cup, recognise):
    recognise()
    describe(cup.product)
    assert [item.detail for item in items_unrecognised(cup.product)] == [REASON]
    recognise(cup)
    describe(cup.product, again=True)
    assert not items_unrecognised(cup.product).exists()
    assert Description.objects.get().state == DescriptionState.DRAFT


def test_a_product_whose_photo_is_gone_is_not_unrecognised(cup, recognise):
    recognise()
    describe(cup.product)
    DescriptionJobItem.objects.update(image=None)
    assert not items_unrecognised(cup.product).exists()


def test_older_drafts_stay_where_a_version_recognises_nothing(cup, recognise):
    recognise(cup)
    describe(cup.product)
    recognise()
    describe(cup.product, again=True)
    draft = Description.objects.get()
    assert draft.state == DescriptionState.DRAFT
    description_reject(description=draft, actor=None, reason="No.")
    assert DescriptionJob.objects.count() == 2
