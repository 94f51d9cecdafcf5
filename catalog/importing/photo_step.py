"""Takes in the photos that rows name: reads or fetches, checks, stores, and ends each once."""

import logging
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from uuid import UUID

from django.conf import settings

from catalog.importing.photo_reading import PhotoReader, photo_fetch
from catalog.importing.photo_storing import (
    CheckedPhoto,
    photo_end_error,
    photo_end_known,
    photos_end_new,
    photos_known,
)
from catalog.models import ImportPhoto
from catalog.photos import NormalisedPhoto, photo_normalise_bytes
from catalog.transitions.import_photo import (
    import_photos_lease,
    import_photos_release,
    import_photos_renew,
)

logger = logging.getLogger(__name__)

#: Photos taken at a time; with a pool, each process has a few to do.
BATCH = 32
#: Bytes of photos after which those begun are ended first; most have a hundredth of it.
HEAVY = 64_000_000
#: Seconds after which what is done is written down.
LONGEST_SILENCE = 1.0


@dataclass(slots=True)
class _Batch:
    """The photos of one lease, those that are being decoded each with what will give its result."""

    token: UUID
    photos: list[ImportPhoto]
    waiting: list[tuple[ImportPhoto, str, Callable[[], NormalisedPhoto]]] = field(
        default_factory=list
    )
    size: int = 0


def photos_run(
    *,
    go_on: Callable[[], bool],
    only: int | None = None,
    pool: Executor | None = None,
    told: Callable[[int], None] | None = None,
) -> int:
    """Take in photos that are due until none is, or until `go_on` says no; returns how many.

    `only` names an import. With a `pool` photos are decoded and encoded in its processes, which
    are given the next batch before the last one is written down.
    """
    taken = 0
    begun: deque[_Batch] = deque()

    def renew() -> None:
        tokens = [batch.token for batch in begun]
        import_photos_renew(tokens=tokens, seconds=settings.LEASE_SECONDS)

    with PhotoReader() as reader:
        try:
            while True:
                batch = _lease(only) if go_on() else None
                if batch is not None:
                    begun.append(batch)
                    pool = _begin(batch, reader, pool, renew)
                if begun and (batch is None or pool is None or len(begun) > 1):
                    pool = _end(begun[0], pool, renew)
                    taken += len(begun[0].photos)
                    if told is not None:
                        told(len(begun[0].photos))
                    import_photos_release(token=begun.popleft().token)
                elif batch is None:
                    return taken
        finally:
            for batch in begun:
                import_photos_release(token=batch.token)


def _lease(only: int | None) -> _Batch | None:
    token, photos = import_photos_lease(limit=BATCH, seconds=settings.LEASE_SECONDS, only=only)
    return _Batch(token, photos) if photos else None


def _begin(
    batch: _Batch, reader: PhotoReader, pool: Executor | None, renew: Callable[[], None]
) -> Executor | None:
    """Read the photos of a lease, and give those that are new to the pool, which is returned.

    None in its place, once a process of it has ended: one of the photos did that, or want of
    memory. What it had then comes again, one by one.
    """
    known = photos_known(batch.photos)
    fetched = _fetched(batch)
    for photo in batch.photos:
        try:
            content = fetched[photo.pk].result() if photo.host else reader.read(photo)
            digest = sha256(content).hexdigest()
            image = known.get((photo.row.product_id, digest))
            if image is not None:
                photo_end_known(photo, batch.token, image, digest)
                continue
            batch.waiting.append((photo, digest, _decoder(pool, content, photo.name)))
        except BrokenExecutor:
            return _without_others()
        except Exception as error:  # noqa: BLE001 (every photo has an end, whatever it does)
            photo_end_error(photo, batch.token, error)
            continue
        batch.size += len(content)
        if batch.size > HEAVY:
            pool = _end(batch, pool, renew)
    return pool


def _fetched(batch: _Batch) -> dict[int, Future[bytes]]:
    """What stands at the addresses; all at once, so that a lease outlasts the slowest hosts."""
    addresses = [photo for photo in batch.photos if photo.host]
    if not addresses:
        return {}
    with ThreadPoolExecutor(len(addresses)) as threads:
        return {
            photo.pk: threads.submit(photo_fetch, photo.name, attempts=photo.attempts)
            for photo in addresses
        }


def _decoder(pool: Executor | None, content: bytes, name: str) -> Callable[[], NormalisedPhoto]:
    if pool is None:
        return lambda: photo_normalise_bytes(content, name)
    return pool.submit(photo_normalise_bytes, content, name).result


def _end(batch: _Batch, pool: Executor | None, renew: Callable[[], None]) -> Executor | None:
    """Write down what became of the photos begun; gives the pool as `_begin` does.

    However slow they are, what is done is written every second, and the leases begin anew.
    """
    checked, since = [], time.monotonic()
    for photo, digest, result in batch.waiting:
        try:
            checked.append(CheckedPhoto(photo, digest, result()))
        except BrokenExecutor:
            pool = _without_others()
        except Exception as error:  # noqa: BLE001 (see above)
            photo_end_error(photo, batch.token, error)
        if time.monotonic() - since > min(LONGEST_SILENCE, settings.LEASE_SECONDS / 4):
            photos_end_new(checked, batch.token)
            renew()
            checked, since = [], time.monotonic()
    photos_end_new(checked, batch.token)
    batch.waiting, batch.size = [], 0
    return pool


def _without_others() -> None:
    logger.warning("A process that decodes photos ended; going on without others.")
