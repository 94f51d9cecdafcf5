"""Applies what the dry run showed, chunk by chunk, and nothing else.

A product that somebody changed since the dry run stays as it is: its row is refused with a reason.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.bulk_insert import rows_insert
from catalog.category_tree import CategoryTree
from catalog.choices import (
    DescriptionState,
    DescriptionUse,
    ImportState,
    ProductState,
    RowOutcome,
)
from catalog.importing.planning import CAPTION
from catalog.importing.present import COLUMNS, PresentProduct, present_products
from catalog.importing.variants import variants_replace
from catalog.models import ImportRow, Product, ProductImport, TrainingCaption
from catalog.tables.record import ATTRIBUTE, TEXT_FACTS
from catalog.tables.variants import VARIANTS
from catalog.transitions import import_export as transitions
from catalog.transitions.drafts import ImportedText, descriptions_import
from catalog.transitions.product import products_change

CHUNK = 1_000
_UPDATE_BATCH = 250
_CHANGED_SINCE = "Somebody changed this product since the dry run: import the file again."
_MADE_SINCE = "A product with this SKU was made since the dry run: import the file again."
_NO_PRODUCT = "The first row of this SKU was refused."


def apply_run(product_import: ProductImport, *, go_on: Callable[[], bool]) -> None:
    """Apply the rows until all are applied or `go_on` says no. Raises `LeaseLost`."""
    tree = CategoryTree()
    position = product_import.position
    while True:
        rows = list(product_import.rows.filter(number__gte=position).order_by("number")[:CHUNK])
        if not rows:
            break
        position = rows[-1].number + 1
        _apply_chunk(product_import, [row for row in rows if row.reason == ""], tree, position)
        if not go_on():
            return
    transitions.import_step(product_import=product_import, state=ImportState.PHOTOS)


def _apply_chunk(
    product_import: ProductImport, rows: Sequence[ImportRow], tree: CategoryTree, position: int
) -> None:
    with transaction.atomic():
        transitions.import_advance(
            product_import=product_import, seconds=settings.LEASE_SECONDS, position=position
        )
        made = _make_categories(rows, tree)
        if made:
            product_import.created_categories += made
            product_import.save(update_fields=["created_categories"])
        _Chunk(product_import, rows, tree).apply()


def _make_categories(rows: Sequence[ImportRow], tree: CategoryTree) -> list[int]:
    paths = {row.changes["category"][1] for row in rows if "category" in row.changes}
    made: list[int] = []
    for path in sorted(path for path in paths if path and tree.find(path) is None):
        made += tree.make(path)[1]
    return made


class _Chunk:
    """The rows of one transaction."""

    def __init__(
        self, product_import: ProductImport, rows: Sequence[ImportRow], tree: CategoryTree
    ) -> None:
        self._import, self._rows, self._tree = product_import, rows, tree
        self._refused: dict[int, str] = {}
        self._present: dict[str, PresentProduct] = {}

    def apply(self) -> None:
        known = Product.objects.filter(sku__in=[row.sku for row in self._rows])
        # Locks are taken in the order of keys, as everywhere, so that no deadlock arises.
        list(known.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        with_texts = any(name in row.changes for row in self._rows for name in TEXT_FACTS)
        self._present = present_products(
            known, self._tree, language=self._import.language, with_texts=with_texts
        )
        self._create([row for row in self._rows if row.outcome == RowOutcome.NEW])
        self._change([row for row in self._rows if row.outcome == RowOutcome.CHANGED])
        transitions.import_rows_apply(
            row_ids=[row.pk for row in self._rows if row.pk not in self._refused]
        )
        self._write_variants()
        self._write_texts()
        transitions.import_rows_refuse(
            row_ids=[row.pk for row in self._rows],
            reasons=self._refused,
            without_product=_NO_PRODUCT,
        )

    def _create(self, rows: Sequence[ImportRow]) -> None:
        products = []
        for row in rows:
            if row.sku in self._present:
                self._refused[row.pk] = _MADE_SINCE
                continue
            product = Product(sku=row.sku, state=ProductState.DRAFT)
            self._set(product, row.changes)
            products.append(product)
        rows_insert(Product, products)

    def _change(self, rows: Sequence[ImportRow]) -> None:
        changed = []
        for row in rows:
            present = self._present.get(row.sku)
            if present is None or _differs(present, row.changes):
                self._refused[row.pk] = _CHANGED_SINCE
            elif any(name not in (*TEXT_FACTS, CAPTION) for name in row.changes):
                changed.append((present.pk, row.changes))
        products = Product.objects.in_bulk([pk for pk, _ in changed])
        for pk, changes in changed:
            self._set(products[pk], changes)
        products_save(products.values(), {name for _, changes in changed for name in changes})

    def _set(self, product: Product, changes: dict[str, Any]) -> None:
        for name, (_, value) in changes.items():
            fact_set(product, name, value, self._tree)

    def _write_variants(self) -> None:
        changed = {
            row.sku: row.changes[VARIANTS][1]
            for row in self._rows
            if row.pk not in self._refused and VARIANTS in row.changes
        }
        if changed:
            ids = Product.objects.filter(sku__in=changed).values_list("pk", "sku")
            variants_replace({pk: changed[sku] for pk, sku in ids})

    def _write_texts(self) -> None:
        rows = [
            row
            for row in self._rows
            if row.pk not in self._refused and row.changes.keys() & {*TEXT_FACTS, CAPTION}
        ]
        if not rows:
            return
        ids = dict(
            Product.objects.filter(sku__in=[row.sku for row in rows]).values_list("sku", "pk")
        )
        if self._import.descriptions == DescriptionUse.CAPTIONS:
            captions = (
                TrainingCaption(
                    product_id=ids[row.sku],
                    language=self._import.language,
                    text=row.changes[CAPTION][1],
                    row=row,
                )
                for row in rows
            )
            rows_insert(TrainingCaption, captions)
        else:
            self._write_descriptions(rows, ids)

    def _write_descriptions(self, rows: Sequence[ImportRow], ids: dict[str, int]) -> None:
        approve = self._import.descriptions == DescriptionUse.APPROVED
        texts = []
        for row in rows:
            present = self._present.get(row.sku)
            said = {name: row.changes[name][1] for name in TEXT_FACTS if name in row.changes}
            before = present.texts if present is not None and approve else {}
            texts.append(
                ImportedText(
                    product_id=ids[row.sku],
                    texts={**before, **said},
                    former_id=present.approved_id if present is not None else None,
                )
            )
        written = descriptions_import(
            texts=texts,
            state=DescriptionState.APPROVED if approve else DescriptionState.DRAFT,
            language=self._import.language,
            actor=self._import.created_by,
        )
        noted = []
        for row, text, description in zip(rows, texts, written, strict=True):
            if row.outcome != RowOutcome.NEW:  # a new product is undone as a whole
                row.undo = {"description": description.pk, "texts": dict(text.texts)}
                if approve and text.former_id is not None:
                    row.undo["former"] = text.former_id
                noted.append(row)
        ImportRow.objects.bulk_update(noted, ["undo"], batch_size=_UPDATE_BATCH)


def products_save(products: Iterable[Product], facts: Collection[str]) -> None:
    """Save the columns that hold these facts, and the time of the change."""
    columns = set(facts) & {*COLUMNS, "category"}
    if any(name.startswith(ATTRIBUTE) for name in facts):
        columns.add("attributes")
    changed = list(products)
    now = timezone.now()
    for product in changed:
        product.updated_at = now
    if columns or VARIANTS in facts:
        products_change(products=changed, columns=[*sorted(columns), "updated_at"])


def fact_set(product: Product, name: str, value: str, tree: CategoryTree) -> None:
    """Set one fact, without saving; an empty value removes an attribute. Texts are left out."""
    if name in COLUMNS:
        setattr(product, name, value)
    elif name == "category":
        product.category_id = tree.find(value) if value else None
    elif name.startswith(ATTRIBUTE) and value:
        product.attributes[name.removeprefix(ATTRIBUTE)] = value
    elif name.startswith(ATTRIBUTE):
        product.attributes.pop(name.removeprefix(ATTRIBUTE), None)


def _differs(present: PresentProduct, changes: dict[str, Any]) -> bool:
    """Whether any value is not what the dry run found."""
    now = {**present.facts, **present.texts}
    return any(
        now.get(name, "") != before
        for name, (before, _) in changes.items()
        if name != CAPTION and (before or name not in TEXT_FACTS)
    )
