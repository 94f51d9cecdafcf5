"""Undoes what an import did, except where somebody edited a product since."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog import models
from catalog.category_tree import CategoryTree
from catalog.choices import DescriptionState, ImportPhotoState, ImportState, RowOutcome, RowState
from catalog.importing.applying import fact_set, products_save
from catalog.importing.planning import CAPTION
from catalog.importing.present import PresentProduct, present_products
from catalog.importing.staging import import_files_remove
from catalog.importing.variants import variants_replace
from catalog.photo_store import photo_delete
from catalog.tables.record import TEXT_FACTS
from catalog.tables.variants import VARIANTS
from catalog.transitions.drafts import description_import_undo
from catalog.transitions.import_export import import_advance, import_rows_undo, import_step

CHUNK = 200


def undo_run(product_import: models.ProductImport, *, go_on: Callable[[], bool]) -> None:
    """Undo the rows until all are undone or `go_on` says no. Raises `LeaseLost`."""
    tree = CategoryTree()
    applied = product_import.rows.filter(state=RowState.APPLIED).order_by("number")
    while rows := list(applied[:CHUNK]):
        with transaction.atomic():
            import_advance(product_import=product_import, seconds=settings.LEASE_SECONDS)
            undo_rows(rows, tree, product_import.language)
        if not go_on():
            return
    categories_prune(product_import)
    import_files_remove(product_import)
    import_step(product_import=product_import, state=ImportState.UNDONE, ended_at=timezone.now())


def undo_rows(rows: Sequence[models.ImportRow], tree: CategoryTree, language: str) -> None:
    """Undo rows in one transaction; each is `undone` or `kept` afterwards."""
    products = models.Product.objects.filter(pk__in=[row.product_id for row in rows])
    locked = {
        product.pk: product for product in products.select_for_update(no_key=True).order_by("pk")
    }
    present = present_products(products, tree, language=language, with_texts=True)
    by_id = {product.pk: product for product in present.values()}
    doomed: list[int] = []
    undone: list[int] = []
    kept: list[int] = []
    for row in rows:
        product, now = locked.get(row.product_id or 0), by_id.get(row.product_id or 0)
        whole = product is None or now is None or _undo_row(row, product, now, tree, doomed)
        (undone if whole else kept).append(row.pk)
    import_rows_undo(undone=undone, kept=kept)
    models.Product.objects.filter(pk__in=doomed).delete()


def _undo_row(
    row: models.ImportRow,
    product: models.Product,
    now: PresentProduct,
    tree: CategoryTree,
    doomed: list[int],
) -> bool:
    """Undo one row; returns whether all of it could be undone. Adds new products to `doomed`."""
    if row.outcome == RowOutcome.NEW:
        if not _untouched(row, now):
            return False
        _photos_delete(row)
        doomed.append(product.pk)
        return True
    _photos_delete(row)
    models.TrainingCaption.objects.filter(row=row).delete()
    whole = "description" not in row.undo or description_import_undo(
        description_id=row.undo["description"],
        former_id=row.undo.get("former"),
        texts=row.undo["texts"],
    )
    restored = set()
    for name, (before, after) in row.changes.items():
        if name in TEXT_FACTS or name == CAPTION:
            continue
        if now.facts.get(name, "") != after:
            whole = False  # somebody edited it since
            continue
        restored.add(name)
        fact_set(product, name, before, tree)
        if name == VARIANTS:
            variants_replace({product.pk: before})
    if restored:
        products_save([product], restored)
    return whole


def _untouched(row: models.ImportRow, now: PresentProduct) -> bool:
    """Whether a product that the row created holds only what the row gave it."""
    said = {name: after for name, (_, after) in row.changes.items() if name != CAPTION}
    texts = {name: said.pop(name) for name in TEXT_FACTS if name in said}
    if now.facts != {"state": "draft", **said}:
        return False
    states = (DescriptionState.DRAFT, DescriptionState.APPROVED)
    own = Q(state__in=states, generated_standard="", **{"standard": "", **texts})
    others = models.Description.objects.filter(product=now.pk).exclude(own)
    in_jobs = models.DescriptionJobItem.objects.filter(product=now.pk)
    imported = _stored_photos(row).values("image")
    images = models.ProductImage.objects.filter(product=now.pk).exclude(pk__in=imported)
    later = models.ImportRow.objects.filter(product=now.pk, state=RowState.APPLIED).exclude(
        product_import=row.product_import_id
    )
    return not (others.exists() or in_jobs.exists() or images.exists() or later.exists())


def _stored_photos(row: models.ImportRow) -> QuerySet[models.ImportPhoto]:
    """The photos that this import added; known ones were there before."""
    photos = models.ImportPhoto.objects.filter(
        product_import=row.product_import_id,
        row__product=row.product_id,
        state=ImportPhotoState.STORED,
    )
    return photos.exclude(image=None)


def _photos_delete(row: models.ImportRow) -> None:
    for photo in _stored_photos(row).select_related("image"):
        if photo.image is not None:
            photo_delete(image=photo.image)


def categories_prune(product_import: models.ProductImport) -> None:
    """Delete the empty categories that this import created."""
    for pk in reversed(product_import.created_categories):
        models.Category.objects.filter(pk=pk, products=None, children=None).delete()
