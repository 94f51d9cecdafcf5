"""Undoes what an import did, except where somebody edited a product since."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog import models
from catalog.category_tree import CategoryTree
from catalog.choices import DescriptionState, ImportPhotoState, ImportState, RowOutcome, RowState
from catalog.importing.applying import fact_set, has_parts, is_text, parts_write, products_save
from catalog.importing.planning import CAPTION, facts_of_texts
from catalog.importing.present import PresentProduct, present_products
from catalog.importing.staging import import_files_remove
from catalog.photo_store import photos_delete
from catalog.transitions.drafts import WrittenText, descriptions_import_undo
from catalog.transitions.import_export import import_advance, import_rows_undo, import_step

CHUNK = 1_000
#: The states of a text that an import writes.
_STANDING = (DescriptionState.DRAFT, DescriptionState.APPROVED)


def undo_run(product_import: models.ProductImport, *, go_on: Callable[[], bool]) -> None:
    """Undo the rows until all are undone or `go_on` says no. Raises `LeaseLost`."""
    tree = CategoryTree()
    applied = product_import.rows.filter(state=RowState.APPLIED).order_by("number")
    position = product_import.position
    while rows := list(applied.filter(number__gte=position)[:CHUNK]):
        position = rows[-1].number + 1
        with transaction.atomic():
            import_advance(
                product_import=product_import, seconds=settings.LEASE_SECONDS, position=position
            )
            undo_rows(rows, tree, product_import.language)
        if not go_on():
            return
    categories_prune(product_import)
    import_files_remove(product_import)
    import_step(product_import=product_import, state=ImportState.UNDONE, ended_at=timezone.now())


def undo_rows(rows: Sequence[models.ImportRow], tree: CategoryTree, language: str) -> None:
    """Undo rows of one import in one transaction; each is `undone` or `kept` afterwards."""
    if rows:
        _Undo(rows, tree, language).run()


class _Undo:
    """The rows of one transaction; what they need is read for all of them at once."""

    def __init__(self, rows: Sequence[models.ImportRow], tree: CategoryTree, language: str) -> None:
        self._rows, self._tree, self._language = rows, tree, language
        self._ids = [row.product_id for row in rows if row.product_id is not None]
        products = models.Product.objects.filter(pk__in=self._ids)
        locked = products.select_for_update(no_key=True).order_by("pk")
        self._locked = {product.pk: product for product in locked}
        present = present_products(products, tree, language=language, with_texts=True)
        self._present = {product.pk: product for product in present.values()}
        self._images = self._stored_images()
        self._worked_on = self._worked_on_by_others()
        self._texts = self._texts_of_new()
        self._doomed: list[int] = []
        self._gone: list[models.ProductImage] = []
        self._restored: dict[int, models.Product] = {}
        self._facts: set[str] = set()
        self._parts: dict[int, dict[str, str]] = {}

    def run(self) -> None:
        changed = [row for row in self._rows if row.outcome != RowOutcome.NEW]
        models.TrainingCaption.objects.filter(row__in=[row.pk for row in changed]).delete()
        edited = descriptions_import_undo(texts=_imported_texts(changed))
        undone: list[int] = []
        kept: list[int] = []
        for row in self._rows:
            written = {one.description_id for one in _imported_texts([row])}
            whole = self._undo(row) and not written & edited
            (undone if whole else kept).append(row.pk)
        import_rows_undo(undone=undone, kept=kept)
        photos_delete(images=self._gone)
        parts_write(self._parts, self._tree)
        products_save(self._restored.values(), self._facts)
        models.Product.objects.filter(pk__in=self._doomed).delete()

    def _undo(self, row: models.ImportRow) -> bool:
        """Undo one row; returns whether all of it could be undone."""
        key = row.product_id or 0
        product, now = self._locked.get(key), self._present.get(key)
        if product is None or now is None:
            return True
        if row.outcome == RowOutcome.NEW and not self._untouched(row, now):
            return False
        self._gone += self._images.pop(key, [])
        if row.outcome == RowOutcome.NEW:
            self._doomed.append(key)
            return True
        return self._restore(row, product, now)

    def _restore(self, row: models.ImportRow, product: models.Product, now: PresentProduct) -> bool:
        whole = True
        for name, (before, after) in row.changes.items():
            if is_text(name):
                continue
            if now.facts.get(name, "") != after:
                whole = False  # somebody edited it since
                continue
            fact_set(product, name, before, self._tree)
            self._restored[product.pk] = product
            self._facts.add(name)
            if has_parts([name]):
                self._parts.setdefault(product.pk, {})[name] = before
        return whole

    def _untouched(self, row: models.ImportRow, now: PresentProduct) -> bool:
        """Whether a product that the row created holds only what the row gave it."""
        said = {name: after for name, (_, after) in row.changes.items() if not is_text(name)}
        if now.facts != {"state": "draft", **said} or now.pk in self._worked_on:
            return False
        return all(self._is_as_given(row, text) for text in self._texts.get(now.pk, []))

    def _is_as_given(self, row: models.ImportRow, text: models.Description) -> bool:
        language = "" if text.language == self._language else text.language
        changed = facts_of_texts(row.changes, language)
        given = {"standard": "", **{name: after for name, (_, after) in changed.items()}}
        given.pop(CAPTION, None)
        same = all(getattr(text, name) == value for name, value in given.items())
        return same and text.state in _STANDING and not text.generated_standard

    def _texts_of_new(self) -> dict[int, list[models.Description]]:
        new = [row.product_id for row in self._rows if row.outcome == RowOutcome.NEW]
        found: dict[int, list[models.Description]] = {}
        for text in models.Description.objects.filter(product__in=new):
            found.setdefault(text.product_id, []).append(text)
        return found

    def _worked_on_by_others(self) -> set[int]:
        """Products in jobs, in a later import, or with a photo that did not come from this one."""
        in_jobs = models.DescriptionJobItem.objects.filter(product__in=self._ids)
        later = models.ImportRow.objects.filter(
            product__in=self._ids, state=RowState.APPLIED
        ).exclude(product_import=self._rows[0].product_import_id)
        own = {image.pk for images in self._images.values() for image in images}
        photos = models.ProductImage.objects.filter(product__in=self._ids)
        return {
            *in_jobs.values_list("product", flat=True),
            *later.values_list("product", flat=True),
            *(product for pk, product in photos.values_list("pk", "product") if pk not in own),
        }

    def _stored_images(self) -> dict[int, list[models.ProductImage]]:
        """By product, the photos that this import added; known ones were there before."""
        rows = models.ImportRow.objects.filter(
            product__in=self._ids, product_import=self._rows[0].product_import_id
        )
        photos = models.ImportPhoto.objects.filter(
            row__in=list(rows.values_list("pk", flat=True)), state=ImportPhotoState.STORED
        ).select_related("image", "row")
        found: dict[int, list[models.ProductImage]] = {}
        for photo in photos:
            if photo.image is not None:
                found.setdefault(photo.row.product_id or 0, []).append(photo.image)
        return found


def _imported_texts(rows: Sequence[models.ImportRow]) -> list[WrittenText]:
    notes = (note for row in rows for note in (row.undo, *row.undo.get("further", ())))
    return [
        WrittenText(note["description"], note.get("former"), note["texts"])
        for note in notes
        if "description" in note
    ]


def categories_prune(product_import: models.ProductImport) -> None:
    """Delete the empty categories that this import created."""
    for pk in reversed(product_import.created_categories):
        models.Category.objects.filter(
            pk=pk, products=None, further_places=None, children=None
        ).delete()
