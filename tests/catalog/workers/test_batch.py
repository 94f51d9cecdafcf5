"""How the items of one lease end."""

import errno
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone

from catalog.choices import FailureReason, JobItemState
from catalog.engine.describe import ModelUnavailable
from catalog.models import Description, DescriptionJobItem
from catalog.transitions.job_item import items_cancel, items_expire
from catalog.workers.batch import DETAIL_LENGTH, batch_run
from catalog.workers.lease import lease_take
from catalog.workers.patience import LONGEST_DELAY, MAX_STORAGE_ATTEMPTS, retry_at
from catalog.workers.photos import PhotoReader
from tests.describing import text_of, write_texts
from tests.factories import (
    DescriptionJobFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductImageFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def items(version):
    job = DescriptionJobFactory()
    return [DescriptionJobItemFactory(job=job) for _ in range(4)]


def run():
    lease = lease_take(limit=16)
    if lease is not None:
        with PhotoReader() as reader:
            batch_run(batch=reader.begin(lease))
    return lease


def states():
    return list(DescriptionJobItem.objects.order_by("pk").values_list("state", flat=True))


def always(error):
    def describe(*arguments):
        raise error

    return describe


def test_each_photo_gets_one_draft_of_its_own(items):
    run()
    assert states() == ["done"] * 4
    drafts = Description.objects.order_by("job_item")
    assert [draft.job_item for draft in drafts] == items
    assert len({draft.standard for draft in drafts}) == 4


def test_a_photo_that_cannot_be_read_fails_at_once_and_alone(items):
    missing, unreadable = items[1], items[2]
    missing.image.file.storage.delete(missing.image.file.name)
    with unreadable.image.file.storage.open(unreadable.image.file.name, "wb") as file:
        file.write(b"no photo")
    run()
    assert states() == ["done", "failed", "failed", "done"]
    missing.refresh_from_db()
    unreadable.refresh_from_db()
    assert missing.failure_reason == FailureReason.PHOTO_MISSING
    assert unreadable.failure_reason == FailureReason.PHOTO_UNREADABLE
    assert missing.attempts == 1


def test_a_batch_without_any_readable_photo_does_not_reach_the_model(items, stand_in):
    stand_in(always(AssertionError("the model ran")))
    for item in items:
        item.image.file.storage.delete(item.image.file.name)
    run()
    assert states() == ["failed"] * 4
    assert set(DescriptionJobItem.objects.values_list("failure_reason", flat=True)) == {
        FailureReason.PHOTO_MISSING
    }


def test_storage_that_does_not_answer_is_tried_again_later(items, monkeypatch):
    monkeypatch.setattr(FileSystemStorage, "_open", always(ConnectionError("no route")))
    before = timezone.now()
    run()
    assert states() == ["retry"] * 4
    items[0].refresh_from_db()
    assert items[0].due_at >= before + timedelta(seconds=2.5)
    assert "no route" in items[0].detail
    assert items[0].alone is False


def test_storage_that_never_answers_fails_the_item_in_the_end(items, monkeypatch):
    monkeypatch.setattr(FileSystemStorage, "_open", always(ConnectionError("no route")))
    DescriptionJobItem.objects.update(attempts=MAX_STORAGE_ATTEMPTS - 1)
    run()
    items[0].refresh_from_db()
    assert items[0].failure_reason == FailureReason.STORAGE_UNAVAILABLE


def test_a_photo_that_the_model_cannot_describe_costs_only_itself(items, stand_in):
    with items[2].image.file.open() as file:
        from PIL import Image

        bad = text_of(Image.open(file).convert("RGB"))

    def describe(photos):
        if bad in map(text_of, photos):
            raise ValueError("\x00" + "x " * 1000)
        return write_texts(photos)

    stand_in(describe)
    run()
    assert states() == ["done", "done", "failed", "done"]
    items[2].refresh_from_db()
    assert items[2].failure_reason == FailureReason.MODEL_ERROR
    assert len(items[2].detail) <= DETAIL_LENGTH


def test_a_photo_that_does_not_fit_into_memory_is_tried_alone_then_given_up(items, stand_in):
    stand_in(too_large_for_all_but_blank)
    run()
    assert states() == ["retry"] * 4
    items[0].refresh_from_db()
    assert items[0].alone is True
    DescriptionJobItem.objects.update(attempts=2, due_at=timezone.now())
    run()
    items[0].refresh_from_db()
    assert (items[0].state, items[0].attempts) == (JobItemState.FAILED, 3)
    assert items[0].failure_reason == FailureReason.OUT_OF_MEMORY


def test_a_photo_is_not_to_blame_where_there_is_memory_for_none(items, stand_in):
    stand_in(always(RuntimeError("DefaultCPUAllocator: can't allocate memory")))
    DescriptionJobItem.objects.update(attempts=50)
    before = timezone.now()
    run()
    assert states() == ["retry"] * 4
    items[0].refresh_from_db()
    assert (items[0].alone, items[0].attempts) == (True, 51)
    assert "can't allocate memory" in items[0].detail
    assert items[0].due_at >= before + timedelta(seconds=LONGEST_DELAY / 2)
    stand_in(write_texts)
    DescriptionJobItem.objects.update(due_at=timezone.now())
    while run():
        pass
    assert states() == ["done"] * 4


def test_a_model_that_lacks_memory_to_load_is_tried_again_without_end(items, stand_in):
    try:
        raise OSError(errno.ENOMEM, "Cannot allocate memory")
    except OSError as cause:
        unavailable = ModelUnavailable("starter: Cannot allocate memory")
        unavailable.__cause__ = cause
    stand_in(always(unavailable))
    DescriptionJobItem.objects.update(attempts=50)
    run()
    assert states() == ["retry"] * 4
    items[0].refresh_from_db()
    assert items[0].alone is False


def test_a_process_without_free_files_tries_the_photo_again_without_end(items, monkeypatch):
    full = OSError(errno.EMFILE, "Too many open files")
    monkeypatch.setattr(FileSystemStorage, "_open", always(full))
    DescriptionJobItem.objects.update(attempts=50)
    run()
    assert states() == ["retry"] * 4
    items[0].refresh_from_db()
    assert "Too many open files" in items[0].detail


def too_large_for_all_but_blank(photos):
    if any(text_of(photo) != "Item in #ffffff." for photo in photos):
        raise MemoryError("too large")
    return write_texts(photos)


def test_a_model_that_cannot_be_loaded_is_tried_again_with_the_whole_batch(items, stand_in):
    stand_in(always(ModelUnavailable("no such folder")))
    run()
    assert states() == ["retry"] * 4
    items[0].refresh_from_db()
    assert items[0].detail == "no such folder"
    assert items[0].alone is False


def test_without_a_model_version_items_fail_with_the_way_out():
    DescriptionJobItemFactory()
    run()
    item = DescriptionJobItem.objects.get()
    assert (item.state, item.failure_reason) == ("failed", FailureReason.MODEL_MISSING)


def test_an_item_whose_language_no_version_writes_any_more_fails_for_that():
    item = DescriptionJobItemFactory(job__language="de")
    ModelVersionFactory()
    run()
    item.refresh_from_db()
    assert (item.state, item.failure_reason, item.detail) == (
        "failed",
        FailureReason.LANGUAGE_MISSING,
        "No model version in use writes “de”.",
    )


def test_what_was_cancelled_while_the_model_ran_gets_no_draft(items, stand_in):
    def describe(photos):
        items_cancel(job=items[0].job)
        return write_texts(photos)

    stand_in(describe)
    run()
    assert states() == ["cancelled"] * 4
    assert not Description.objects.exists()


def test_a_lease_that_passed_on_while_the_model_ran_gets_no_second_draft(items, stand_in):
    def describe(photos):
        # The rival: a sweep finds the lease expired, and another worker does the work.
        stand_in(write_texts)
        DescriptionJobItem.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
        items_expire(now=timezone.now())
        while run():
            pass
        return write_texts(photos)

    stand_in(describe)
    run()
    assert states() == ["done"] * 4
    assert Description.objects.count() == 4


def test_options_reach_the_model(version, settings, monkeypatch):
    seen = []

    def describe(*, version, photos, known, options):
        seen.append((version, known, options))
        return write_texts(photos)

    monkeypatch.setattr("tests.describing.describe_photos", describe)
    job = DescriptionJobFactory(options={"max_new_tokens": 5, "sources": []})
    item = DescriptionJobItemFactory(job=job)
    run()
    assert seen == [(version, [{"seed": item.product.sku}], {"max_new_tokens": 5})]


def test_the_model_is_told_what_the_catalog_knows(version, monkeypatch):
    seen = []

    def describe(*, version, photos, known, options):
        seen.extend(known)
        return write_texts(photos)

    monkeypatch.setattr("tests.describing.describe_photos", describe)
    job = DescriptionJobFactory(options={"facts": "neck: round", "length": "detailed"})
    for sku, brand in (("A", "Wren"), ("B", "")):
        image = ProductImageFactory(
            product__sku=sku, product__title=f"Shirt {sku}", product__brand=brand
        )
        DescriptionJobItemFactory(job=job, product=image.product, image=image)
    run()
    told = [{"title": "Shirt A", "brand": "Wren", "seed": "A"}, {"title": "Shirt B", "seed": "B"}]
    assert seen == [{**one, "facts": "neck: round"} for one in told]
    drafts = Description.objects.order_by("job_item")
    assert [(one.known, one.facts, one.options) for one in drafts] == [
        (one, "neck: round", {"length": "detailed"}) for one in told
    ]


def test_only_sources_that_are_asked_for_are_told(version, monkeypatch):
    job = DescriptionJobFactory(options={"sources": ["brand"]})
    image = ProductImageFactory(product__sku="A", product__brand="Wren", product__colour="Red")
    DescriptionJobItemFactory(job=job, product=image.product, image=image)
    run()
    draft = Description.objects.get()
    assert (draft.known, draft.options) == ({"brand": "Wren", "seed": "A"}, {})


@pytest.mark.parametrize(("attempts", "delay"), [(1, 5), (2, 10), (4, 40), (12, LONGEST_DELAY)])
def test_the_wait_doubles_with_jitter_up_to_a_limit(attempts, delay):
    waits = [(retry_at(attempts=attempts) - timezone.now()).total_seconds() for _ in range(50)]
    assert delay * 0.5 - 1 <= min(waits) < max(waits) <= delay * 1.5
