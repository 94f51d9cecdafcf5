"""Describes the photos of one lease and ends its items: done with a draft, failed, or retried."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from textwrap import shorten

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils.module_loading import import_string
from PIL import Image

from catalog.choices import FailureReason
from catalog.engine.describe import GeneratedText
from catalog.engine.weights import ModelUnavailable
from catalog.known_facts import known_facts
from catalog.models import DescriptionJobItem, ModelVersion, Product
from catalog.transitions.job_item import MAX_ATTEMPTS
from catalog.workers.backoff import MAX_STORAGE_ATTEMPTS, retry_at
from catalog.workers.endings import TOLD, Described, Ending, Failed, Postponed, endings_write
from catalog.workers.lease import Lease, lease_renew
from catalog.workers.outcomes import Outcome, outcomes
from catalog.workers.patience import patiently
from catalog.workers.photos import PhotoFailed, StorageUnavailable
from catalog.workers.reading import Batch

logger = logging.getLogger(__name__)

#: Used where the setting DESCRIBE_FUNCTION, a dotted path, names no other function of this shape.
DESCRIBE_FUNCTION = "catalog.engine.describe.describe_photos"

#: Characters of an error that are kept with the item.
DETAIL_LENGTH = 300


@dataclass(frozen=True)
class Told:
    """A photo, and what the model is told beside it."""

    photo: Image.Image
    facts: str


def batch_run(*, batch: Batch) -> None:
    """End every item of the batch, in no transaction but the short one that writes.

    Items whose lease passed to another meanwhile are left alone.
    """
    lease = batch.lease
    if lease.version is None:
        detail = "No model version is active."
        missing = (Failed(item, FailureReason.MODEL_MISSING, detail) for item in lease.items)
        endings_write(lease=lease, endings=list(missing))
        return
    endings: list[Ending] = []
    told = _facts_told(lease.items)
    loaded: list[tuple[DescriptionJobItem, Told]] = []
    for item, photo in zip(lease.items, batch.photos, strict=True):
        read = _photo_or_ending(item, photo)
        if isinstance(read, Image.Image):
            loaded.append((item, Told(read, told[item.pk])))
        else:
            endings.append(read)
    if loaded:
        results = _describe_all(lease, [photo for _, photo in loaded])
        endings += [
            _ending(item, photo.facts, outcome)
            for (item, photo), outcome in zip(loaded, results, strict=True)
        ]
    for ending in endings:
        if not isinstance(ending, Described):
            logger.warning("Item %d of %s: %s", ending.item.pk, ending.item.job, ending.detail)
    endings_write(lease=lease, endings=endings)


def model_prepare(version: ModelVersion | None) -> None:
    """Load a version before any item is leased, so that no lease runs out meanwhile.

    What goes wrong is only logged: it comes again, and is then written on the items.
    """
    if version is None:
        return
    try:
        describe_function()(version=version, photos=[], facts=[], options={})
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 (see above)
        logger.warning("%s could not be loaded: %s", version, error)


def describe_function() -> Callable[..., list[GeneratedText]]:
    """What describes photos: the engine, or what the setting names."""
    return import_string(getattr(settings, "DESCRIBE_FUNCTION", DESCRIBE_FUNCTION))


def _photo_or_ending(
    item: DescriptionJobItem, photo: Future[Image.Image]
) -> Image.Image | Failed | Postponed:
    """The photo, or how the item ends because there is none to be had."""
    try:
        return photo.result()
    except PhotoFailed as error:
        return Failed(item, error.reason, _words(error))
    except StorageUnavailable as error:
        if item.attempts < MAX_STORAGE_ATTEMPTS:
            return _postponed(item, error)
        return Failed(item, FailureReason.STORAGE_UNAVAILABLE, _words(error))
    except MemoryError as error:
        return _out_of_memory(item, error)


def _facts_told(items: Sequence[DescriptionJobItem]) -> dict[int, str]:
    """What the model is told beside each item's photo; all are of one job, or of jobs alike."""
    options = items[0].job.options
    if not options.get("catalog_facts"):
        return dict.fromkeys((item.pk for item in items), options.get("facts", ""))
    products = Product.objects.select_related("category")
    found = patiently(lambda: products.in_bulk([item.product_id for item in items]))
    return {
        item.pk: known_facts(found[item.product_id]) if item.product_id in found else ""
        for item in items
    }


def _describe_all(lease: Lease, photos: Sequence[Told]) -> list[Outcome]:
    try:
        return outcomes(photos=photos, describe=partial(_describe, lease))
    except ModelUnavailable as error:
        logger.error("No model: %s", error)
        return [Outcome(error=error)] * len(photos)


def _describe(lease: Lease, photos: Sequence[Told]) -> list[GeneratedText]:
    """Run the model, with nearly all of a lease's time before it."""
    if lease.is_spent:
        patiently(lambda: lease_renew(lease=lease))
    options = lease.items[0].job.options
    return describe_function()(
        version=lease.version,
        photos=[photo.photo for photo in photos],
        facts=[photo.facts for photo in photos],
        options={name: value for name, value in options.items() if name not in TOLD},
    )


def _ending(item: DescriptionJobItem, facts: str, outcome: Outcome) -> Ending:
    """What becomes of an item whose photo the model saw."""
    error = outcome.error
    if outcome.text is not None:
        return Described(item, outcome.text, facts)
    if isinstance(error, MemoryError):
        return _out_of_memory(item, error)
    if isinstance(error, ModelUnavailable) and item.attempts < MAX_ATTEMPTS:
        return _postponed(item, error)
    return Failed(item, FailureReason.MODEL_ERROR, _words(error))


def _out_of_memory(item: DescriptionJobItem, error: MemoryError) -> Failed | Postponed:
    """By itself the next time: the others of a batch may have needed the memory."""
    if item.attempts < MAX_ATTEMPTS:
        return _postponed(item, error, alone=True)
    return Failed(item, FailureReason.OUT_OF_MEMORY, _words(error))


def _postponed(item: DescriptionJobItem, error: Exception, *, alone: bool = False) -> Postponed:
    due_at = retry_at(attempts=item.attempts)
    return Postponed(item, due_at=due_at, detail=_words(error), alone=alone)


def _words(error: Exception | None) -> str:
    """An error for a person: what it says, its kind if it is not ours; all of it is in the log."""
    ours = isinstance(error, PhotoFailed | StorageUnavailable | ModelUnavailable)
    text = str(error) if ours else f"{type(error).__name__}: {error}"
    return shorten(text.replace("\x00", ""), DETAIL_LENGTH, placeholder=" …")
