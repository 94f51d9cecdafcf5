"""Describes the photos of one lease and ends its items: done with a draft, failed, or retried."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from textwrap import shorten
from typing import TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.utils.module_loading import import_string
from PIL import Image

from catalog.choices import FailureReason, KnownSource
from catalog.engine.describe import GeneratedText
from catalog.engine.weights import ModelUnavailable
from catalog.known_product import Known, conditioned_on, products_known
from catalog.machine import MachineShort, has_memory, is_memory_shortage, is_shortage
from catalog.models import DescriptionJobItem, ModelVersion, ProductImage
from catalog.workers.endings import (
    CONDITIONS,
    Described,
    Ending,
    Failed,
    NotRecognised,
    Postponed,
    endings_write,
)
from catalog.workers.lease import Lease, lease_renew
from catalog.workers.patience import MAX_STORAGE_ATTEMPTS, patiently, retry_at
from catalog.workers.photos import WHITE, Batch, PhotoFailed, StorageUnavailable, further_photos

logger = logging.getLogger(__name__)

#: Used where the setting DESCRIBE_FUNCTION, a dotted path, names no other function of this shape.
DESCRIBE_FUNCTION = "catalog.engine.describe.describe_photos"

#: Characters of an error that are kept with the item.
DETAIL_LENGTH = 300

#: Photos of one product that are tried, where they show no item that the model knows.
MOST_PHOTOS = 4

#: A photo with what is known.
Photo = TypeVar("Photo")
#: Describes some photos, or raises. One text a photo, in order.
Describe = Callable[[Sequence[Photo]], list[GeneratedText]]
#: What came of one photo: a text, or the error that remained when it ran by itself.
Outcome = GeneratedText | Exception


@dataclass(frozen=True)
class Attempt:
    """A photo of an item's product with what is known: a text is conditioned on both."""

    item: DescriptionJobItem
    image: ProductImage | None
    photo: Image.Image
    known: Known
    #: How many photos of the product have been tried, with this one.
    number: int = 1
    outcome: Outcome | None = None

    @property
    def found_nothing(self) -> bool:
        """Whether the photo shows no item that the model knows."""
        return isinstance(self.outcome, GeneratedText) and not self.outcome.recognised


def batch_run(*, batch: Batch) -> None:
    """End every item of the batch, in no transaction but the short one that writes.

    Items whose lease passed to another meanwhile are left alone. Raises `MachineShort`, with
    nothing written, where the model cannot run here now.
    """
    lease = batch.lease
    if lease.version is None:
        missing = [Failed(item, *lease.missing) for item in lease.items]
        endings_write(lease=lease, endings=missing)
        return
    endings: list[Ending] = []
    known = _known_of(lease.items)
    loaded: list[Attempt] = []
    for item, photo in zip(lease.items, batch.photos, strict=True):
        try:
            loaded.append(Attempt(item, item.image, photo.result(), known[item.pk]))
        except (PhotoFailed, StorageUnavailable, MachineShort, MemoryError) as error:
            endings.append(_unfinished(lease, item, error))
    endings += [_ended(lease, attempt) for attempt in _attempted(lease, loaded)]
    for ending in endings:
        if isinstance(ending, Failed | Postponed):
            logger.warning("Item %d of %s: %s", ending.item.pk, ending.item.job, ending.detail)
    endings_write(lease=lease, endings=endings)


def model_prepare(version: ModelVersion | None) -> None:
    """Load a version before any item is leased, so that no lease runs out meanwhile.

    What goes wrong is only logged: it comes again, and is then written on the items.
    """
    if version is None:
        return
    try:
        describe_function()(version=version, photos=[], known=[], options={})
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 (see above)
        logger.warning("%s could not be loaded: %s", version, error)


def describe_function() -> Callable[..., list[GeneratedText]]:
    """What describes photos: the engine, or what the setting names."""
    name = getattr(settings, "DESCRIBE_FUNCTION", DESCRIBE_FUNCTION)
    function: Callable[..., list[GeneratedText]] = import_string(name)
    return function


def _known_of(items: Sequence[DescriptionJobItem]) -> dict[int, Known]:
    """What is known of each item, without what a person typed. All items share their options."""
    sources = items[0].job.options.get("sources", KnownSource.values)
    products = [item.product_id for item in items]
    language = items[0].job.language
    known = patiently(lambda: products_known(products, sources=sources, language=language))
    return {item.pk: known.get(item.product_id, {}) for item in items}


def _attempted(lease: Lease, loaded: Sequence[Attempt]) -> list[Attempt]:
    """Each attempt with its outcome; of a product whose photo shows nothing the last one.

    Its next photos are tried in their order, up to `MOST_PHOTOS` in all: the first may show the
    box, the label, or the fabric alone.
    """
    attempts = {one.item.product_id: one for one in _describe_all(lease, loaded)}
    for _ in range(MOST_PHOTOS - 1):
        nothing = {product: one for product, one in attempts.items() if one.found_nothing}
        tried = {product: one.image for product, one in nothing.items() if one.image is not None}
        further = patiently(partial(further_photos, tried))
        if not further:
            break
        again = [
            replace(nothing[product], image=image, photo=photo, number=nothing[product].number + 1)
            for product, (image, photo) in further.items()
        ]
        for one in _describe_all(lease, again):
            former = nothing[one.item.product_id].outcome
            is_known = isinstance(one.outcome, GeneratedText)
            # A photo that cannot be described is as one without an item: the next may show it.
            attempts[one.item.product_id] = one if is_known else replace(one, outcome=former)
    return list(attempts.values())


def _describe_all(lease: Lease, attempts: Sequence[Attempt]) -> list[Attempt]:
    if not attempts:
        return []
    try:
        results = outcomes(photos=attempts, describe=partial(_describe, lease))
    except ModelUnavailable as error:
        logger.error("No model: %s", error)
        results = [error] * len(attempts)
    return [replace(one, outcome=result) for one, result in zip(attempts, results, strict=True)]


def _describe(lease: Lease, photos: Sequence[Attempt]) -> list[GeneratedText]:
    """Run the model, with nearly all of a lease's time before it."""
    if lease.is_spent:
        patiently(lambda: lease_renew(lease=lease))
    options = lease.items[0].job.options
    return describe_function()(
        version=lease.version,
        photos=[photo.photo for photo in photos],
        known=[conditioned_on(photo.known, options.get("facts", "")) for photo in photos],
        options={name: value for name, value in options.items() if name not in CONDITIONS},
    )


def _ended(lease: Lease, attempt: Attempt) -> Ending:
    """How the item of a described photo ends."""
    item, text, number = attempt.item, attempt.outcome, attempt.number
    if not isinstance(text, GeneratedText):
        return _unfinished(lease, item, text or RuntimeError("The photo was not described."))
    if not text.recognised:
        others = f" Neither do {number - 1} further photos." if number > 1 else ""
        return NotRecognised(item, f"{text.reason}{others}")
    image_id = None if attempt.image is None else attempt.image.pk
    detail = f"Described from photo {number}: no item was recognised before." if number > 1 else ""
    return Described(item, text, attempt.known, image_id, detail)


def _unfinished(lease: Lease, item: DescriptionJobItem, error: Exception) -> Failed | Postponed:
    """How an item without a text ends; it is tried again where its photo is not at fault."""
    detail = _words(error)
    if isinstance(error, PhotoFailed):
        return Failed(item, error.reason, detail)
    no_memory = is_memory_shortage(error) and not isinstance(error, ModelUnavailable)
    reason = FailureReason.MODEL_ERROR
    if no_memory:
        reason = FailureReason.OUT_OF_MEMORY
        again = not item.is_worn_out or not _has_memory(lease)
    elif isinstance(error, StorageUnavailable):
        reason = FailureReason.STORAGE_UNAVAILABLE
        again = item.attempts < MAX_STORAGE_ATTEMPTS
    elif is_shortage(error):
        again = True
    else:
        again = isinstance(error, ModelUnavailable) and not item.is_worn_out
    if not again:
        return Failed(item, reason, detail)
    due_at = retry_at(attempts=item.attempts)
    # Alone, as the others of the batch may have needed the memory.
    return Postponed(item, due_at=due_at, detail=detail, alone=no_memory)


def _has_memory(lease: Lease) -> bool:
    """Whether this machine can describe an ordinary photo now, so that another needs too much."""
    if not has_memory():
        return False
    try:
        blank = Image.new("RGB", (64, 64), WHITE)
        describe_function()(version=lease.version, photos=[blank], known=[{}], options={})
    except SoftTimeLimitExceeded:
        raise
    except Exception as error:  # noqa: BLE001 (whatever the model raises, it had the memory)
        return not is_shortage(error)
    return True


def _words(error: Exception) -> str:
    """An error for a person: what it says, its kind if it is not ours; all of it is in the log."""
    ours = isinstance(error, PhotoFailed | StorageUnavailable | MachineShort | ModelUnavailable)
    text = str(error) if ours else f"{type(error).__name__}: {error}"
    return shorten(text.replace("\x00", ""), DETAIL_LENGTH, placeholder=" …")


def outcomes(*, photos: Sequence[Photo], describe: Describe[Photo]) -> list[Outcome]:
    """One outcome a photo, in order. A batch that fails is halved until the culprit is alone.

    Raises what smaller batches would not mend: `ModelUnavailable`, `SoftTimeLimitExceeded`, and
    `MachineShort` where threads, files or disk ran out.
    """
    try:
        texts = describe(photos)
        if len(texts) != len(photos):
            raise RuntimeError(f"The model wrote {len(texts)} texts for {len(photos)} photos.")
        nothing = ValueError("The model wrote nothing.")
        return [text if text.standard.strip() or not text.recognised else nothing for text in texts]
    except (ModelUnavailable, SoftTimeLimitExceeded):
        raise
    except Exception as error:  # whatever the model raises, the others must go on
        logger.warning("A batch of %d failed: %s", len(photos), error, exc_info=True)
        if is_shortage(error) and not is_memory_shortage(error):
            raise MachineShort(f"{type(error).__name__}: {error}") from error
        if len(photos) == 1:
            return [error]
    half = len(photos) // 2
    return [
        *outcomes(photos=photos[:half], describe=describe),
        *outcomes(photos=photos[half:], describe=describe),
    ]
