"""The dry run of one product: checks its row and compares it with the catalog."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, TypeVar

from django.conf import settings

from catalog.category_tree import CategoryTree
from catalog.choices import ConflictUse, DescriptionUse, Gender, ProductState, RowOutcome
from catalog.importing.former import news
from catalog.importing.present import PresentProduct, PresentTexts, fact_label, facts_fit
from catalog.importing.shelves import canonical
from catalog.importing.translations import facts_in_language, with_own_title, without_shared
from catalog.models import ProductImport
from catalog.models.product import SKU_LENGTH, SKU_PATTERN, SKU_RULE
from catalog.tables.record import (
    TEXT_FACTS,
    ProductRecord,
    RowFaulty,
    in_language,
    language_and_fact,
)
from catalog.tables.shelves import CATEGORY, shelves_merged
from catalog.tables.variants import VARIANTS, variants_merged

#: The name of a training caption among the changes of a row.
CAPTION = "caption"
_SKU = re.compile(SKU_PATTERN)
_TITLE_LENGTH = 200
_KEPT = {False: "kept ours", True: "took that of the file"}
_SHOWN = 80  # characters of a value that is named in a sentence
_CHOICES = {"gender": ["", *Gender.values], "state": ProductState.values}
Value = TypeVar("Value")
#: By fact, its value before and after.
Changes = dict[str, list[str]]


@dataclass(slots=True)
class PlannedRow:
    """One product of the file, before it becomes an `ImportRow`."""

    line: int
    cells: list[Any]
    sku: str = ""
    identity: str = ""
    outcome: RowOutcome = RowOutcome.FAULTY
    reason: str = ""
    changes: Changes = field(default_factory=dict)
    fingerprint: str = ""
    #: Sentences about values that were taken in a changed form.
    flags: list[str] = field(default_factory=list)
    #: Whether nothing is wrong with it so far.
    usable: bool = True
    #: What it says; None until it is read. An unchanged row is never read.
    record: ProductRecord | None = None
    #: Whether an earlier row has its SKU, and its format adds photos by such rows.
    repeated: bool = False

    @property
    def photos(self) -> list[str]:
        """The names and addresses, without repetitions."""
        return list(dict.fromkeys(self.record.photos)) if self.record is not None else []

    def refuse(self, reason: str) -> None:
        """Mark the row as faulty, with a sentence that says why."""
        self.outcome, self.reason, self.changes, self.record = RowOutcome.FAULTY, reason, {}, None
        self.usable = False


def options_digest(product_import: ProductImport) -> bytes:
    """Everything but the cells that decides what a row does."""
    row = product_import
    parts = [row.format, row.header, row.mapping, row.descriptions, row.language, row.publish]
    return json.dumps(parts, sort_keys=True).encode()


def fingerprint(digest: bytes, staged: bytes, versions: list[str]) -> str:
    """A hash of a product's rows, the versions of its local photos, and the options."""
    parts = [digest, staged, *(version.encode() for version in versions)]
    return blake2b(b"\0".join(parts), digest_size=16).hexdigest()


def row_plan(
    row: PlannedRow,
    present: PresentProduct | None,
    tree: CategoryTree,
    product_import: ProductImport,
    former: Mapping[str, str] | None = None,
    *,
    several_categories: bool = False,
) -> None:
    """Fill in outcome and changes. Raises `RowFaulty` for values that cannot be stored.

    `former` are the facts of the file's last import: those that are the same are no news. The
    file says either all categories of a product (`several_categories`) or its main one.
    """
    record = row.record or ProductRecord("")
    _sku_check(record.sku)
    record.facts, flags = facts_fit(facts_in_language(record.facts, product_import.language))
    row.flags += [*record.flags, *flags]
    _settle_language(row, record, present, product_import.language)
    if present is not None:
        _merge_categories(
            row, record, present, former, tree, product_import, several=several_categories
        )
        _keep_ours(row, record, present, former, product_import)
    facts = {name: value for name, value in record.facts.items() if not _is_text(name)}
    if product_import.publish:
        facts["state"] = "published"
    if present is None:
        facts.setdefault("title", record.fallback_title[:_TITLE_LENGTH])
        if not facts["title"]:
            raise RowFaulty("title: A new product needs a title.")
        row.changes = {name: ["", value] for name, value in facts.items() if value}
        row.outcome = RowOutcome.NEW
    else:
        row.changes = _differences(facts, present)
    row.changes |= _text_changes(record, present, product_import.descriptions)
    _facts_check({name: after for name, (_, after) in row.changes.items()})
    if present is not None:
        row.outcome = RowOutcome.CHANGED if row.changes else RowOutcome.UNCHANGED


def _is_text(name: str) -> bool:
    return language_and_fact(name)[1] in TEXT_FACTS


def _settle_language(
    row: PlannedRow, record: ProductRecord, present: PresentProduct | None, language: str
) -> None:
    """What a file in another language than the shop's may say of a product."""
    if language == settings.SHOP_LANGUAGE:
        return
    if present is not None:
        record.facts = without_shared(record.facts, present.facts)
        record.photos = []
        return
    record.facts = with_own_title(record.facts, language)
    row.flags.append(
        f"title: New here, so the title in {language} stands in for one in "
        f"{settings.SHOP_LANGUAGE} until a file says that."
    )


def _merge_categories(
    row: PlannedRow,
    record: ProductRecord,
    present: PresentProduct,
    former: Mapping[str, str] | None,
    tree: CategoryTree,
    product_import: ProductImport,
    *,
    several: bool,
) -> None:
    """Make what the file says of the categories what the product shall have."""
    if CATEGORY not in record.facts:
        return
    before = present.facts.get(CATEGORY, "")
    theirs = product_import.conflicts == ConflictUse.THEIRS
    base = former.get(CATEGORY, "") if former is not None else None
    merged, conflict = shelves_merged(
        before,
        canonical(record.facts[CATEGORY], tree),
        canonical(base, tree) if base is not None else None,
        several=several,
        theirs=theirs,
    )
    if conflict:
        row.flags.append(f"category: Changed here and in the file; {_KEPT[theirs]}.")
    record.facts[CATEGORY] = merged


def _keep_ours(
    row: PlannedRow,
    record: ProductRecord,
    present: PresentProduct,
    former: Mapping[str, str] | None,
    product_import: ProductImport,
) -> None:
    """Leave out what the file has not changed since its last import; flag what both changed."""
    before = {**present.facts, **present.texts}
    theirs = product_import.conflicts == ConflictUse.THEIRS
    if former is not None and VARIANTS in former and VARIANTS in record.facts:
        merged, cells = variants_merged(
            before.get(VARIANTS, ""), record.facts[VARIANTS], former[VARIANTS], theirs=theirs
        )
        record.facts[VARIANTS] = merged
        former = {**former, VARIANTS: before.get(VARIANTS, "")}
        row.flags += [f"{cell}: Changed here and in the file; {_KEPT[theirs]}." for cell in cells]
    if former is not None and CATEGORY in record.facts:  # merged already
        former = {**former, CATEGORY: before.get(CATEGORY, "")}
    record.facts, conflicts = news(before, record.facts, former)
    for name in conflicts:
        value = before.get(name, "") if theirs else record.facts.pop(name)
        row.flags.append(
            f"{fact_label(name)}: Changed here and in the file; {_KEPT[theirs]}, "
            f"not {value[:_SHOWN]!r}."
        )


def _differences(facts: dict[str, str], present: PresentProduct) -> Changes:
    return {
        name: [present.facts.get(name, ""), value]
        for name, value in facts.items()
        if value != present.facts.get(name, "")
    }


def _text_changes(record: ProductRecord, present: PresentProduct | None, use: str) -> Changes:
    """The changes of texts, language by language; one that the file leaves out stays as it is."""
    if use == DescriptionUse.IGNORE:
        return {}
    changes: Changes = {}
    for language in text_languages(record.facts):
        said = facts_of_texts(record.facts, language)
        known = present.texts_in(language) if present is not None else PresentTexts()
        changed = _changes_of_texts(said, known, use)
        changes |= {in_language(name, language): pair for name, pair in changed.items()}
    return changes


def text_languages(names: Iterable[str]) -> list[str]:
    """The languages of texts and captions among these facts; the file's own is an empty name."""
    split = map(language_and_fact, names)
    return sorted({language for language, fact in split if fact in (*TEXT_FACTS, CAPTION)})


def facts_of_texts(facts: Mapping[str, Value], language: str) -> dict[str, Value]:
    """The texts and captions in a language, by their names without it."""
    named = ((name, in_language(name, language)) for name in (*TEXT_FACTS, CAPTION))
    return {name: facts[full] for name, full in named if full in facts}


def _changes_of_texts(said: Mapping[str, str], known: PresentTexts, use: str) -> Changes:
    standard = said.get("standard", "")
    if use == DescriptionUse.CAPTIONS:
        new = standard and standard not in known.other_texts
        return {CAPTION: ["", standard]} if new else {}
    if use == DescriptionUse.DRAFTS:
        new = standard and standard not in known.other_texts
        return {name: ["", text] for name, text in said.items() if text} if new else {}
    before = known.texts
    if not standard and not before.get("standard"):
        return {}  # an alt text alone is no description
    if said.get("standard") == "":
        raise RowFaulty("description: A description cannot be cleared: withdraw it instead.")
    return {
        name: [before.get(name, ""), text]
        for name, text in said.items()
        if text != before.get(name, "")
    }


def _sku_check(sku: str) -> None:
    """Raises `RowFaulty` for an invalid SKU."""
    if not sku:
        raise RowFaulty("sku: This field cannot be blank.")
    if len(sku) > SKU_LENGTH:
        raise RowFaulty(
            f"sku: Ensure this value has at most {SKU_LENGTH} characters (it has {len(sku)})."
        )
    if not _SKU.match(sku):
        raise RowFaulty(f"sku: {SKU_RULE}")


def _facts_check(facts: Mapping[str, str]) -> None:
    """Raises `RowFaulty`, which names the fact, for a value that cannot be stored."""
    for name, value in facts.items():
        if name in _CHOICES and value not in _CHOICES[name]:
            allowed = ", ".join(filter(None, _CHOICES[name]))
            raise RowFaulty(f"{name}: {value[:40]!r} is none of: {allowed}.")
    if "title" in facts and not facts["title"]:
        raise RowFaulty("title: A product needs a title; it cannot be cleared.")
