"""Applies what the dry run showed, chunk by chunk, and nothing else.

A product that somebody changed since the dry run stays as it is: its row is refused with a reason.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
from catalog.importing.planning import CAPTION, facts_of_texts, text_languages
from catalog.importing.present import COLUMNS, PresentProduct, PresentTexts, present_products
from catalog.importing.shelves import further_replace
from catalog.importing.translations import translations_of, translations_write
from catalog.importing.variants import variants_replace
from catalog.models import ImportRow, Product, ProductImport, TrainingCaption
from catalog.tables.record import ATTRIBUTE, TEXT_FACTS, language_and_fact
from catalog.tables.shelves import CATEGORY, shelves_of
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
    facts = (row.changes[CATEGORY][1] for row in rows if CATEGORY in row.changes)
    paths = {path for fact in facts for path in shelves_of(fact)}
    made: list[int] = []
    for path in sorted(path for path in paths if tree.find(path) is None):
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
        with_texts = any(text_languages(row.changes) for row in self._rows)
        self._present = present_products(
            known, self._tree, language=self._import.language, with_texts=with_texts
        )
        self._create([row for row in self._rows if row.outcome == RowOutcome.NEW])
        self._change([row for row in self._rows if row.outcome == RowOutcome.CHANGED])
        transitions.import_rows_apply(
            row_ids=[row.pk for row in self._rows if row.pk not in self._refused]
        )
        self._write_parts()
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
            elif any(not is_text(name) for name in row.changes):
                changed.append((present.pk, row.changes))
        products = Product.objects.in_bulk([pk for pk, _ in changed])
        for pk, changes in changed:
            self._set(products[pk], changes)
        products_save(products.values(), {name for _, changes in changed for name in changes})

    def _set(self, product: Product, changes: dict[str, Any]) -> None:
        for name, (_, value) in changes.items():
            fact_set(product, name, value, self._tree)

    def _write_parts(self) -> None:
        """What is in tables of its own: variants, translations and further categories."""
        changed = {row.sku: row.changes for row in self._rows if row.pk not in self._refused}
        changed = {sku: changes for sku, changes in changed.items() if has_parts(changes)}
        if not changed:
            return
        ids = Product.objects.filter(sku__in=changed).values_list("pk", "sku")
        after = {pk: {name: value for name, (_, value) in changed[sku].items()} for pk, sku in ids}
        parts_write(after, self._tree)

    def _write_texts(self) -> None:
        rows = [
            row for row in self._rows if row.pk not in self._refused and text_languages(row.changes)
        ]
        if not rows:
            return
        ids = dict(
            Product.objects.filter(sku__in=[row.sku for row in rows]).values_list("sku", "pk")
        )
        languages = sorted({one for row in rows for one in text_languages(row.changes)})
        for language in languages:
            saying = [row for row in rows if language in text_languages(row.changes)]
            if self._import.descriptions == DescriptionUse.CAPTIONS:
                self._write_captions(saying, ids, language)
            else:
                self._write_descriptions(saying, ids, language)
        noted = [row for row in rows if row.undo]
        ImportRow.objects.bulk_update(noted, ["undo"], batch_size=_UPDATE_BATCH)

    def _write_captions(
        self, rows: Sequence[ImportRow], ids: dict[str, int], language: str
    ) -> None:
        captions = (
            TrainingCaption(
                product_id=ids[row.sku],
                language=language or self._import.language,
                text=facts_of_texts(row.changes, language)[CAPTION][1],
                row=row,
            )
            for row in rows
        )
        rows_insert(TrainingCaption, captions)

    def _write_descriptions(
        self, rows: Sequence[ImportRow], ids: dict[str, int], language: str
    ) -> None:
        approve = self._import.descriptions == DescriptionUse.APPROVED
        texts = []
        for row in rows:
            present = self._present.get(row.sku)
            known = present.texts_in(language) if present is not None else PresentTexts()
            changed = facts_of_texts(row.changes, language)
            said = {name: after for name, (_, after) in changed.items()}
            before = known.texts if approve else {}
            texts.append(
                ImportedText(
                    product_id=ids[row.sku],
                    texts={**before, **said},
                    former_id=known.approved_id,
                )
            )
        written = descriptions_import(
            texts=texts,
            state=DescriptionState.APPROVED if approve else DescriptionState.DRAFT,
            language=language or self._import.language,
            actor=self._import.created_by,
        )
        for row, text, description in zip(rows, texts, written, strict=True):
            if row.outcome == RowOutcome.NEW:  # a new product is undone as a whole
                continue
            note = {"description": description.pk, "texts": dict(text.texts)}
            if approve and text.former_id is not None:
                note["former"] = text.former_id
            if language:
                row.undo.setdefault("further", []).append(note)
            else:
                row.undo |= note


def is_text(name: str) -> bool:
    """Whether a change is of a text or caption, in any language."""
    return language_and_fact(name)[1] in (*TEXT_FACTS, CAPTION)


def has_parts(facts: Collection[str]) -> bool:
    """Whether any of the facts is in a table beside that of products."""
    return VARIANTS in facts or CATEGORY in facts or bool(translations_of(facts))


def parts_write(wanted: Mapping[int, Mapping[str, str]], tree: CategoryTree) -> None:
    """Write the facts, by key of a product, that have tables of their own."""
    variants = {pk: facts[VARIANTS] for pk, facts in wanted.items() if VARIANTS in facts}
    variants_replace(variants)
    further_replace(
        {pk: facts[CATEGORY] for pk, facts in wanted.items() if CATEGORY in facts}, tree
    )
    translations_write(
        {
            pk: {name: facts[name] for name in sorted(names)}
            for pk, facts in wanted.items()
            if (names := translations_of(facts))
        }
    )


def products_save(products: Iterable[Product], facts: Collection[str]) -> None:
    """Save the columns that hold these facts, and the time of the change."""
    columns = set(facts) & {*COLUMNS, "category"}
    if any(name.startswith(ATTRIBUTE) for name in facts):
        columns.add("attributes")
    changed = list(products)
    now = timezone.now()
    for product in changed:
        product.updated_at = now
    if columns or has_parts(facts):
        products_change(products=changed, columns=[*sorted(columns), "updated_at"])


def fact_set(product: Product, name: str, value: str, tree: CategoryTree) -> None:
    """Set one fact, without saving; an empty value removes an attribute.

    Texts are left out, and what `parts_write` writes.
    """
    if name in COLUMNS:
        setattr(product, name, value)
    elif name == "category":
        product.category_id = tree.find(shelves_of(value)[0]) if value else None
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
        if language_and_fact(name)[1] != CAPTION and (before or not is_text(name))
    )
