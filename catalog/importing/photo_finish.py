"""Completes imports whose photos have all ended: their order, their products, their job."""

from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.category_tree import CategoryTree
from catalog.choices import OPEN_PHOTO_STATES, ImportPhotoState, ImportState, RowOutcome, RowState
from catalog.exceptions import JobRefused
from catalog.importing.staging import import_files_remove
from catalog.importing.undoing import categories_prune, undo_rows
from catalog.importing.variants import variant_photos_link
from catalog.models import ImportPhoto, ImportRow, Product, ProductImage, ProductImport
from catalog.services.jobs import description_job_create
from catalog.tables.source import TableKind
from catalog.transitions.import_export import import_photos_done, import_rows_withdraw
from catalog.transitions.import_photo import import_photos_expire

#: Sources in which a row is a photo: no photo, no product.
_PHOTO_KINDS = (TableKind.NAMES, TableKind.METADATA)
_UNDO_CHUNK = 200
#: Added to positions while two photos change places; no product has so many.
_ASIDE = 1_000_000


def photos_finish(*, only: int | None = None) -> int:
    """Expire leases of dead workers and complete imports without open photos; returns how many."""
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
        variant_photos_link(product_import)
        with transaction.atomic():
            done = import_photos_done(product_import=product_import)
            if done and settings.DESCRIBE_ON_UPLOAD:
                _describe(product_import)
        if done:
            import_files_remove(product_import)
            completed += 1
    return completed


def _describe(product_import: ProductImport) -> None:
    """Create one job for all products whose main photo came with this import."""
    stored = product_import.photos.filter(state=ImportPhotoState.STORED)
    products = Product.objects.filter(images__position=0, images__in=stored.values("image"))
    if products.exists():
        try:
            description_job_create(
                products=products,
                actor=product_import.created_by,
                # In the shop's language: the model chooses its own.
                language=""
                if product_import.language == settings.SHOP_LANGUAGE
                else product_import.language,
            )
        except JobRefused as refused:
            why = _("Its photos are not described: %(why)s") % {"why": refused}
            ProductImport.objects.filter(pk=product_import.pk).update(message=why)


def _withdraw_photoless(product_import: ProductImport) -> None:
    """Undo the new products of a folder of photos whose only photos were refused."""
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
            import_rows_withdraw(
                product_import=product_import, rows=chunk, reason="Its photo was refused."
            )
    categories_prune(product_import)


def photos_put_in_order(product_import: ProductImport) -> None:
    """Sort the photos that this import added among their places, in the order of their row.

    Workers store photos as they arrive; the first one that a row names must be the main photo.
    """
    stored = ImportPhoto.objects.filter(
        product_import=product_import, state=ImportPhotoState.STORED, image__isnull=False
    ).order_by("row__product", "row__number", "number")
    places = stored.values_list("row__product", "image", "image__position")
    for product_id, photos in groupby(places.iterator(), key=lambda place: place[0]):
        named = [(image, position) for _, image, position in photos]
        wanted = sorted(position for _, position in named)
        if [position for _, position in named] != wanted:
            _put(product_id, [image for image, _ in named], wanted)


def _put(product_id: int, images: list[int], positions: list[int]) -> None:
    with transaction.atomic():
        Product.objects.select_for_update(no_key=True).get(pk=product_id)
        for offset in (_ASIDE, 0):
            for image, position in zip(images, positions, strict=True):
                ProductImage.objects.filter(pk=image).update(position=position + offset)
