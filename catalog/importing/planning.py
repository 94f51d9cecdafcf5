"""The dry run of one product: checks its row and compares it with the catalog."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from catalog.category_tree import CategoryTree
from catalog.choices import ConflictUse, DescriptionUse, Gender, ProductState, RowOutcome
from catalog.importing.former import news
from catalog.importing.present import PresentProduct, fact_label, facts_fit
from catalog.models import ProductImport
from catalog.models.product import SKU_LENGTH, SKU_PATTERN, SKU_RULE
from catalog.tables.record import TEXT_FACTS, ProductRecord, RowFaulty
from catalog.tables.variants import VARIANTS, variants_merged

#: The name of a training caption among the changes of a row.
CAPTION = "caption"
_SKU = re.compile(SKU_PATTERN)
_TITLE_LENGTH = 200
_KEPT = {False: "kept ours", True: "took that of the file"}
_SHOWN = 80  # characters of a value that is named in a sentence
_CHOICES = {"gender": ["", *Gender.values], "state": ProductState.values}
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
) -> None:
    """Fill in outcome and changes. Raises `RowFaulty` for values that cannot be stored.

    `former` are the facts of the file's last import: those that are the same are no news.
    """
    record = row.record or ProductRecord("")
    _sku_check(record.sku)
    record.facts, flags = facts_fit(record.facts)
    row.flags += [*record.flags, *flags]
    if present is not None:
        _keep_ours(row, record, present, former, product_import)
    facts = {name: value for name, value in record.facts.items() if name not in TEXT_FACTS}
    if product_import.publish:
        facts["state"] = "published"
    if present is None:
        facts.setdefault("title", record.fallback_title[:_TITLE_LENGTH])
        if not facts["title"]:
            raise RowFaulty("title: A new product needs a title.")
        row.changes = {name: ["", value] for name, value in facts.items() if value}
        row.outcome = RowOutcome.NEW
    else:
        row.changes = _differences(facts, present, tree)
    row.changes |= _text_changes(record, present, product_import.descriptions)
    _facts_check({name: after for name, (_, after) in row.changes.items()})
    if present is not None:
        row.outcome = RowOutcome.CHANGED if row.changes else RowOutcome.UNCHANGED


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
    record.facts, conflicts = news(before, record.facts, former)
    for name in conflicts:
        value = before.get(name, "") if theirs else record.facts.pop(name)
        row.flags.append(
            f"{fact_label(name)}: Changed here and in the file; {_KEPT[theirs]}, "
            f"not {value[:_SHOWN]!r}."
        )


def _differences(facts: dict[str, str], present: PresentProduct, tree: CategoryTree) -> Changes:
    changes: Changes = {}
    for name, value in facts.items():
        before = present.facts.get(name, "")
        same = value == before
        if name == "category" and value and not same:
            # Another path may name the same category by an earlier name.
            same = present.category_id is not None and tree.find(value) == present.category_id
        if not same:
            changes[name] = [before, value]
    return changes


def _text_changes(record: ProductRecord, present: PresentProduct | None, use: str) -> Changes:
    """The changes of texts; a text that the file leaves out stays as it is."""
    said = {name: record.facts[name] for name in TEXT_FACTS if name in record.facts}
    if not said or use == DescriptionUse.IGNORE:
        return {}
    standard = said.get("standard", "")
    if use == DescriptionUse.CAPTIONS:
        known = present is not None and standard in present.other_texts
        return {CAPTION: ["", standard]} if standard and not known else {}
    if use == DescriptionUse.DRAFTS:
        known = present is not None and standard in present.other_texts
        new = {name: ["", text] for name, text in said.items() if text}
        return new if standard and not known else {}
    before = present.texts if present is not None else {}
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
