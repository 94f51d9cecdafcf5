"""Takes in the photos that rows name: reads or fetches, checks, stores, and ends each once."""

import logging
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, ThreadPoolExecutor
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog.exceptions import ImportRefused, LeaseLost, PhotoRefused
from catalog.import_choices import (
    OPEN_PHOTO_STATES,
    ImportPhotoState,
    ImportState,
    RowOutcome,
    RowState,
)
from catalog.importing.categories import CategoryTree
from catalog.importing.folders import import_files_remove
from catalog.importing.photo_fetch import FetchLater, photo_fetch
from catalog.importing.photo_order import photos_put_in_order
from catalog.importing.undoing import categories_prune, undo_rows
from catalog.job_making.making import job_make
from catalog.models import ImportPhoto, ImportRow, Product, ProductImage, ProductImport
from catalog.photo_store import photo_store
from catalog.photos import LARGEST_FILE, NormalisedPhoto, photo_normalise_bytes
from catalog.tables.source import Source, TableKind
from catalog.transitions.import_photo import (
    import_photo_refuse,
    import_photo_retry,
    import_photo_store,
    import_photos_expire,
    import_photos_lease,
    import_photos_release,
)
from catalog.transitions.product_import import import_photos_done

logger = logging.getLogger(__name__)

#: Photos taken at a time; with a pool, each process has a few to do.
BATCH = 32
#: Sources in which a row is a photo: no photo, no product.
_PHOTO_KINDS = (TableKind.NAMES, TableKind.METADATA)
_UNDO_CHUNK = 200


class PhotoReader:
    """Reads photos by import, keeping the last source open. A context manager."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self._open_for: int | None = None
        self._source: Source | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.close()

    def read(self, photo: ImportPhoto) -> bytes:
        """The bytes of a file, whatever they are. Raises `PhotoRefused`, `OSError`."""
        try:
            source = self._source_of(photo.product_import)
        except ImportRefused as error:
            raise PhotoRefused(f"{photo.name} cannot be read: {error}") from error
        return source.photo_read(photo.name, limit=LARGEST_FILE)

    def _source_of(self, product_import: ProductImport) -> Source:
        if self._source is None or self._open_for != product_import.pk:
            self._closing.close()
            source = Source(Path(product_import.path), encoding=product_import.encoding)
            self._source = self._closing.enter_context(source)
            self._open_for = product_import.pk
        return self._source


def photos_run(
    *,
    go_on: Callable[[], bool],
    only: int | None = None,
    pool: Executor | None = None,
    told: Callable[[int], None] | None = None,
) -> int:
    """Take in photos that are due until none is, or until `go_on` says no; returns how many.

    `only` names an import. With a `pool` photos are decoded and encoded in its processes.
    """
    taken = 0
    with PhotoReader() as reader:
        while go_on():
            token, photos = import_photos_lease(
                limit=BATCH, seconds=settings.LEASE_SECONDS, only=only
            )
            if not photos:
                break
            try:
                _batch_run(photos, token, reader, pool)
            except BrokenExecutor:
                # One of these photos, or want of memory: they come again, one by one.
                logger.warning("A process that decodes photos ended; going on without others.")
                pool = None
            finally:
                import_photos_release(token=token)
            taken += len(photos)
            if told is not None:
                told(len(photos))
    return taken


def _batch_run(
    photos: list[ImportPhoto], token: UUID, reader: PhotoReader, pool: Executor | None
) -> None:
    """End each photo of a lease, while the pool (if any) is at those after it."""
    waiting: list[tuple[ImportPhoto, str, Callable[[], NormalisedPhoto]]] = []
    # All at once, so that a lease outlasts the slowest hosts together.
    with ThreadPoolExecutor(len(photos)) as threads:
        fetched = {
            photo.pk: threads.submit(photo_fetch, photo.name, attempts=photo.attempts)
            for photo in photos
            if photo.host
        }
    for photo in photos:
        try:
            content = fetched[photo.pk].result() if photo.host else reader.read(photo)
            digest = sha256(content).hexdigest()
            known = _known(photo, digest)
            if known is not None:
                _end_known(photo, token, known, digest)
            elif pool is not None:
                future = pool.submit(photo_normalise_bytes, content, photo.name)
                waiting.append((photo, digest, future.result))
            else:
                _end_new(photo, token, digest, photo_normalise_bytes(content, photo.name))
        except BrokenExecutor:
            raise
        except Exception as error:  # noqa: BLE001 (every photo has an end, whatever it does)
            _end_error(photo, token, error)
    for photo, digest, result in waiting:
        try:
            _end_new(photo, token, digest, result())
        except BrokenExecutor:
            raise
        except Exception as error:  # noqa: BLE001 (see above)
            _end_error(photo, token, error)


def _known(photo: ImportPhoto, digest: str) -> ProductImage | None:
    """The product's image that an import made of these very bytes before."""
    former = ImportPhoto.objects.filter(
        row__product=photo.row.product_id, source_sha256=digest, image__product=photo.row.product_id
    ).select_related("image")
    found = former.first()
    return found.image if found is not None else None


def _end_known(photo: ImportPhoto, token: UUID, image: ProductImage, digest: str) -> None:
    import_photo_store(photo=photo, token=token, image=image, new=False, source_sha256=digest)


def _end_new(photo: ImportPhoto, token: UUID, digest: str, stored: NormalisedPhoto) -> None:
    """Photo, end of the item and the row's stamp in one transaction."""
    if photo.row.product_id is None:
        raise PhotoRefused(f"{photo.name}: its product was deleted meanwhile.")
    product_id = photo.row.product_id
    before = Product.objects.filter(pk=product_id).values_list("updated_at", flat=True).first()

    def finish(image: ProductImage, new: bool) -> None:  # noqa: FBT001
        import_photo_store(photo=photo, token=token, image=image, new=new, source_sha256=digest)
        if new:  # the photo is this import's own change: nobody edited the product since
            rows = ImportRow.objects.filter(
                product_import=photo.product_import_id, product=product_id, product_stamp=before
            )
            now = Product.objects.values_list("updated_at", flat=True).get(pk=product_id)
            rows.update(product_stamp=now)

    photo_store(product_id=product_id, photo=stored, and_then=finish)


def _end_error(photo: ImportPhoto, token: UUID, error: Exception) -> None:
    """Say what went wrong, and whether it is worth another try."""
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
            logger.exception("Photo %d of an import failed", photo.pk)
            reason = f"It could not be read ({type(error).__name__})."
            import_photo_refuse(photo=photo, token=token, reason=reason)
    except LeaseLost as lost:
        logger.warning("Nothing was written: %s", lost)


def _words(error: Exception) -> str:
    return str(error).encode(errors="replace").decode().replace("\0", "")


def photos_finish(*, only: int | None = None) -> int:
    """Expire leases of workers that died, and complete imports without open photos."""
    import_photos_expire(now=timezone.now())
    waiting = ProductImport.objects.filter(state=ImportState.PHOTOS)
    if only is not None:
        waiting = waiting.filter(pk=only)
    completed = 0
    for product_import in waiting:
        if product_import.photos.filter(state__in=OPEN_PHOTO_STATES).exists():
            continue
        _withdraw_photoless(product_import)
        photos_put_in_order(product_import)
        if _complete(product_import):
            import_files_remove(product_import)
            completed += 1
    return completed


def _complete(product_import: ProductImport) -> bool:
    """Completed, with the job that `DESCRIBE_ON_UPLOAD` asks for: both, once, or neither."""
    with transaction.atomic():
        if not import_photos_done(product_import=product_import):
            return False
        if settings.DESCRIBE_ON_UPLOAD:
            _describe(product_import)
    return True


def _describe(product_import: ProductImport) -> None:
    """One job for all products whose first photo came with this import."""
    stored = product_import.photos.filter(state=ImportPhotoState.STORED)
    products = Product.objects.filter(images__position=0, images__in=stored.values("image"))
    if products.exists():
        job_make(
            products=products,
            actor=product_import.created_by,
            language=product_import.language,
        )


def _withdraw_photoless(product_import: ProductImport) -> None:
    """In a folder of photos a product is not made for a refused photo alone."""
    if product_import.kind not in _PHOTO_KINDS:
        return
    rows = ImportRow.objects.filter(
        Q(photos__state=ImportPhotoState.FAULTY),
        product_import=product_import,
        outcome=RowOutcome.NEW,
        state=RowState.APPLIED,
        product__images=None,
    ).distinct()
    tree = CategoryTree()
    while chunk := list(rows.order_by("number")[:_UNDO_CHUNK]):
        with transaction.atomic():
            undo_rows(chunk, tree, product_import.language)
            ImportRow.objects.filter(pk__in=[row.pk for row in chunk]).update(
                state=RowState.REFUSED, reason="Its photo was refused."
            )
            ProductImport.objects.filter(pk=product_import.pk).update(
                new_count=F("new_count") - len(chunk),
                faulty_count=F("faulty_count") + len(chunk),
            )
    categories_prune(product_import)
