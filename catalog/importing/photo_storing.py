"""Ends photos of an import: stored, known or refused.

Many at a time: queries for each photo alone would take as long as decoding it.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from catalog.exceptions import LeaseLost, PhotoRefused
from catalog.importing.photo_reading import FetchLater
from catalog.models import ImportPhoto, ImportRow, ProductImage
from catalog.photo_store import NewPhoto, StoredPhoto, photos_store
from catalog.photos import NormalisedPhoto
from catalog.transitions.import_photo import (
    import_photo_refuse,
    import_photo_retry,
    import_photo_store,
    import_photos_store,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class CheckedPhoto:
    """A photo that was decoded and re-encoded; `digest` is of the bytes of its source."""

    photo: ImportPhoto
    digest: str
    stored: NormalisedPhoto


def photos_known(photos: Sequence[ImportPhoto]) -> dict[tuple[int | None, str], ProductImage]:
    """Images that earlier imports stored, by product and digest of the bytes of their source."""
    former = ImportPhoto.objects.filter(
        row__product__in={photo.row.product_id for photo in photos},
        image__product=F("row__product"),
    )
    rows = former.exclude(source_sha256="").select_related("image")
    return {(row.image.product_id, row.source_sha256): row.image for row in rows if row.image}


def photo_end_known(photo: ImportPhoto, token: UUID, image: ProductImage, digest: str) -> None:
    """End a photo that the product has already."""
    try:
        import_photo_store(photo=photo, token=token, image=image, new=False, source_sha256=digest)
    except LeaseLost as lost:
        logger.warning("Nothing was written: %s", lost)


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
            photo_end_error(one.photo, token, error)


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
        import_photos_store(token=token, stored=ends[True], known=ends[False])
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


def photo_end_error(photo: ImportPhoto, token: UUID, error: Exception) -> None:
    """End a photo with an error: refused, or due again later."""
    try:
        if isinstance(error, FetchLater):
            import_photo_retry(
                photo=photo,
                token=token,
                due_at=error.due_at(attempts=photo.attempts),
                reason=str(error),
                whole_host=error.whole_host,
            )
        elif isinstance(error, PhotoRefused | OSError):
            import_photo_refuse(photo=photo, token=token, reason=_words(error))
        elif isinstance(error, LeaseLost):
            raise error
        else:
            logger.error("Photo %d of an import failed", photo.pk, exc_info=error)
            reason = f"It could not be read ({type(error).__name__})."
            import_photo_refuse(photo=photo, token=token, reason=reason)
    except LeaseLost as lost:
        logger.warning("Nothing was written: %s", lost)


def _words(error: Exception) -> str:
    return str(error).encode(errors="replace").decode().replace("\0", "")
