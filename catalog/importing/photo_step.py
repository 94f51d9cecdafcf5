"""Imports the photos of rows: leases a batch, reads, decodes and stores it, ends each photo."""

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

_POOL_DIED = "A process that decodes photos died; decoding goes on in this process alone."
#: Photos of one lease; with a pool, a few for each process.
BATCH = 32
#: Bytes of read photos that are stored before more are read; most have a hundredth of it.
HEAVY = 64_000_000
#: Seconds after which finished photos are written.
LONGEST_SILENCE = 1.0


@dataclass(slots=True)
class _Batch:
    """The photos of one lease; `waiting` has those in the decoder, with a call for the result."""

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
    """Import photos that are due until none is left or `go_on` says no; returns how many.

    `only` names an import. With a `pool`, its processes decode and encode the photos, and get the
    next batch before the last one is written.
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
    """Read the photos of a lease and give the new ones to the pool. Returns the pool.

    Returns None once a process of the pool has died, of a photo or of too little memory. The
    photos that it had are released with the lease and decoded one by one.
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
            logger.warning(_POOL_DIED)
            return None
        except Exception as error:  # noqa: BLE001 (whatever a photo does, it gets an end)
            photo_end_error(photo, batch.token, error)
            continue
        batch.size += len(content)
        if batch.size > HEAVY:
            pool = _end(batch, pool, renew)
    return pool


def _fetched(batch: _Batch) -> dict[int, Future[bytes]]:
    """The files at the addresses, fetched all at once so that a lease outlasts slow hosts."""
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
    """Write the results of a batch; returns the pool as `_begin` does.

    Finished photos are written every second, which renews the leases even of slow batches.
    """
    checked, since = [], time.monotonic()
    for photo, digest, result in batch.waiting:
        try:
            checked.append(CheckedPhoto(photo, digest, result()))
        except BrokenExecutor:
            logger.warning(_POOL_DIED)
            pool = None
        except Exception as error:  # noqa: BLE001 (see above)
            photo_end_error(photo, batch.token, error)
        if time.monotonic() - since > min(LONGEST_SILENCE, settings.LEASE_SECONDS / 4):
            photos_end_new(checked, batch.token)
            renew()
            checked, since = [], time.monotonic()
    photos_end_new(checked, batch.token)
    batch.waiting, batch.size = [], 0
    return pool
