"""Imports the photos of rows: leases a batch, reads, decodes and stores it, ends each photo.

Photos are stored many at a time: queries for each alone would take as long as decoding it.
"""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.db.models import F

from catalog.exceptions import LeaseLost, PhotoRefused
from catalog.importing.photo_reading import FetchLater, HostUnknown, PhotoReader, photo_fetch
from catalog.machine import has_memory, is_memory_shortage, is_shortage
from catalog.models import ImportPhoto, ImportRow, ProductImage
from catalog.photo_store import NewPhoto, StoredPhoto, photos_store
from catalog.photos import NormalisedPhoto, photo_normalise_bytes
from catalog.transitions import import_photo as transitions

logger = logging.getLogger(__name__)

#: Attempts after which a photo is refused where the machine stays short of memory, files or disk;
#: some 45 minutes in all.
MAX_SHORTAGES = 8
#: The same for a photo that runs out of memory where an ordinary one would not: at the first
#: attempt others may have had the memory, so it gets a second one, within half a minute.
MAX_TOO_LARGE = 2

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


@dataclass(frozen=True, slots=True)
class CheckedPhoto:
    """A photo that was decoded and re-encoded; `digest` is of the bytes of its source."""

    photo: ImportPhoto
    digest: str
    stored: NormalisedPhoto


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
        transitions.import_photos_renew(tokens=tokens, seconds=settings.LEASE_SECONDS)

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
                    transitions.import_photos_release(token=begun.popleft().token)
                elif batch is None:
                    return taken
        finally:
            for batch in begun:
                transitions.import_photos_release(token=batch.token)


def _lease(only: int | None) -> _Batch | None:
    token, photos = transitions.import_photos_lease(
        limit=BATCH, seconds=settings.LEASE_SECONDS, only=only
    )
    return _Batch(token, photos) if photos else None


def _begin(
    batch: _Batch, reader: PhotoReader, pool: Executor | None, renew: Callable[[], None]
) -> Executor | None:
    """Read the photos of a lease and give the new ones to the pool. Returns the pool.

    Returns None once a process of the pool has died, of a photo or of too little memory. The
    photos that it had are released with the lease and decoded one by one.
    """
    known = _photos_known(batch.photos)
    fetched = _fetched(batch)
    for photo in batch.photos:
        try:
            content = fetched[photo.pk].result() if photo.host else reader.read(photo)
            digest = sha256(content).hexdigest()
            image = known.get((photo.row.product_id, digest))
            if image is not None:
                transitions.import_photo_know(
                    photo=photo, token=batch.token, image=image, source_sha256=digest
                )
                continue
            batch.waiting.append((photo, digest, _decoder(pool, content, photo.name)))
        except BrokenExecutor:
            logger.warning(_POOL_DIED)
            return None
        except Exception as error:  # noqa: BLE001 (whatever a photo does, it gets an end)
            _photo_end_error(photo, batch.token, error)
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
            _photo_end_error(photo, batch.token, error)
        if time.monotonic() - since > min(LONGEST_SILENCE, settings.LEASE_SECONDS / 4):
            photos_end_new(checked, batch.token)
            renew()
            checked, since = [], time.monotonic()
    photos_end_new(checked, batch.token)
    batch.waiting, batch.size = [], 0
    return pool


def _photos_known(photos: Sequence[ImportPhoto]) -> dict[tuple[int | None, str], ProductImage]:
    """Images that earlier imports stored, by product and digest of the bytes of their source."""
    former = ImportPhoto.objects.filter(
        row__product__in={photo.row.product_id for photo in photos},
        image__product=F("row__product"),
    )
    rows = former.exclude(source_sha256="").select_related("image")
    return {(row.image.product_id, row.source_sha256): row.image for row in rows if row.image}


def photos_end_new(checked: Sequence[CheckedPhoto], token: UUID) -> None:
    """Store all in one transaction; if it fails, one by one, so that only faulty ones fail."""
    if len(checked) > 1:
        try:
            _store(checked, token)
        except Exception:
            logger.exception("%d photos could not be stored together", len(checked))
        else:
            return
    for one in checked:
        try:
            _store([one], token)
        except Exception as error:  # noqa: BLE001 (whatever a photo does, it gets an end)
            _photo_end_error(one.photo, token, error)


def _store(checked: Sequence[CheckedPhoto], token: UUID) -> None:
    """Write images, ends of photos and stamps of rows in one transaction."""
    for one in checked:
        if one.photo.row.product_id is None:
            raise PhotoRefused(f"{one.photo.name}: its product was deleted in the meantime.")
    new = [NewPhoto(one.photo.row.product_id or 0, one.stored) for one in checked]

    def finish(stored: Sequence[StoredPhoto], now: datetime) -> None:
        ends: dict[bool, list[ImportPhoto]] = {True: [], False: []}
        for one, result in zip(checked, stored, strict=True):
            one.photo.image, one.photo.source_sha256 = result.image, one.digest
            ends[result.new].append(one.photo)
        transitions.import_photos_store(token=token, stored=ends[True], known=ends[False])
        _stamp(ends[True], now)

    photos_store(photos=new, and_then=finish)


def _stamp(new: Sequence[ImportPhoto], now: datetime) -> None:
    """Keep the rows' stamps up to date: a new photo is the import's own change, no later edit."""
    changed: dict[int, set[int | None]] = {}
    for photo in new:
        changed.setdefault(photo.product_import_id, set()).add(photo.row.product_id)
    for product_import, products in changed.items():
        rows = ImportRow.objects.filter(
            product_import=product_import,
            product__in=products,
            product_stamp=F("product__updated_at"),
        )
        rows.update(product_stamp=now)


def _photo_end_error(photo: ImportPhoto, token: UUID, error: Exception) -> None:
    """End a photo with an error: refused, or due again later."""
    try:
        if is_memory_shortage(error) and photo.attempts >= MAX_TOO_LARGE and has_memory():
            error = PhotoRefused(
                f"{photo.name} needs more memory than this machine has for one photo: "
                "save it smaller and upload it again."
            )
        elif is_shortage(error) and photo.attempts < MAX_SHORTAGES:
            logger.error("Import photo %d is tried again once there is room: %s", photo.pk, error)
            error = FetchLater(_words(error), whole_host=False)
        if isinstance(error, FetchLater):
            transitions.import_photo_retry(
                photo=photo,
                token=token,
                due_at=error.due_at(attempts=photo.attempts),
                reason=str(error),
                whole_host=error.whole_host,
            )
        elif isinstance(error, HostUnknown):
            transitions.import_host_refuse(photo=photo, token=token, reason=_words(error))
        elif isinstance(error, PhotoRefused | OSError):
            transitions.import_photo_refuse(photo=photo, token=token, reason=_words(error))
        elif isinstance(error, LeaseLost):
            raise error
        else:
            logger.error("Photo %d of an import failed", photo.pk, exc_info=error)
            reason = f"It could not be read ({type(error).__name__})."
            transitions.import_photo_refuse(photo=photo, token=token, reason=reason)
    except LeaseLost as lost:
        logger.warning("Nothing was written: %s", lost)


def _words(error: Exception) -> str:
    return str(error).encode(errors="replace").decode().replace("\0", "")
