"""Describes the photos of one lease and ends its items: done with a draft, failed, or retried."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from catalog.models import DescriptionJobItem, ModelVersion
from catalog.workers.endings import CONDITIONS, Described, Ending, Failed, Postponed, endings_write
from catalog.workers.lease import Lease, lease_renew
from catalog.workers.patience import MAX_STORAGE_ATTEMPTS, patiently, retry_at
from catalog.workers.photos import WHITE, Batch, PhotoFailed, StorageUnavailable

logger = logging.getLogger(__name__)

#: Used where the setting DESCRIBE_FUNCTION, a dotted path, names no other function of this shape.
DESCRIBE_FUNCTION = "catalog.engine.describe.describe_photos"

#: Characters of an error that are kept with the item.
DETAIL_LENGTH = 300

#: A photo with what is known.
Photo = TypeVar("Photo")
#: Describes some photos, or raises. One text a photo, in order.
Describe = Callable[[Sequence[Photo]], list[GeneratedText]]
#: What came of one photo: a text, or the error that remained when it ran by itself.
Outcome = GeneratedText | Exception


@dataclass(frozen=True)
class Conditioned:
    """A photo, and what is known of the item: its text is conditioned on both."""

    photo: Image.Image
    known: Known


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
    loaded: list[tuple[DescriptionJobItem, Conditioned]] = []
    for item, photo in zip(lease.items, batch.photos, strict=True):
        try:
            loaded.append((item, Conditioned(photo.result(), known[item.pk])))
        except (PhotoFailed, StorageUnavailable, MachineShort, MemoryError) as error:
            endings.append(_unfinished(lease, item, error))
    if loaded:
        results = _describe_all(lease, [photo for _, photo in loaded])
        endings += [
            Described(item, outcome, photo.known)
            if isinstance(outcome, GeneratedText)
            else _unfinished(lease, item, outcome)
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
    known = patiently(lambda: products_known(products, sources=sources))
    return {item.pk: known.get(item.product_id, {}) for item in items}


def _describe_all(lease: Lease, photos: Sequence[Conditioned]) -> list[Outcome]:
    try:
        return outcomes(photos=photos, describe=partial(_describe, lease))
    except ModelUnavailable as error:
        logger.error("No model: %s", error)
        return [error] * len(photos)


def _describe(lease: Lease, photos: Sequence[Conditioned]) -> list[GeneratedText]:
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
        return [text if text.standard.strip() else nothing for text in texts]
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
