"""What a file says of a product's variants: size and colour, price, barcode, availability.

All variants of a product are one fact, `variants`, as text in a canonical form. So a dry run, a
later import and an undo compare and restore them like any other fact.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

#: The name of the fact.
VARIANTS = "variants"
IN_STOCK, OUT_OF_STOCK, PREORDER, BACKORDER = "in_stock", "out_of_stock", "preorder", "backorder"
_AMOUNT = re.compile(r"-?\d[\d.,'\s\u00a0\u202f]*")
_CURRENCY = re.compile(r"\b[A-Z]{3}\b")
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "¥": "JPY", "₽": "RUB", "zł": "PLN", "Kč": "CZK"}
_MOST = Decimal(10) ** 9
_DECIMALS = 4


@dataclass(slots=True)
class VariantRecord:
    """One variant. Amounts are decimal texts (`19.90`); empty texts say nothing."""

    sku: str = ""
    #: Names and values in the shop's order.
    options: list[tuple[str, str]] = field(default_factory=list)
    price: str = ""
    compare_at_price: str = ""
    currency: str = ""
    barcode: str = ""
    availability: str = ""
    #: The name or address of its own photo.
    photo: str = ""

    @property
    def says_more(self) -> bool:
        """Whether it says more than its SKU."""
        return any((self.options, self.price, self.barcode, self.availability))


_TEXTS = (*("sku", "price", "compare_at_price", "currency", "barcode", "availability", "photo"),)


def variants_text(variants: Iterable[VariantRecord]) -> str:
    """The variants as the text of one fact; empty for none."""
    rows: list[dict[str, Any]] = []
    for variant in variants:
        row: dict[str, Any] = {
            name: getattr(variant, name) for name in _TEXTS if getattr(variant, name)
        }
        if variant.options:
            row["options"] = [list(option) for option in variant.options]
        rows.append(row)
    return json.dumps(rows, ensure_ascii=False) if rows else ""


def variants_of(text: str) -> list[VariantRecord]:
    """The variants of a fact's text."""
    variants = []
    for row in json.loads(text) if text else []:
        options = [(name, value) for name, value in row.pop("options", [])]
        variants.append(VariantRecord(options=options, **row))
    return variants


def variants_in_words(text: str) -> str:
    """The fact for a reader: `TEE-S (Size: S) 20.00 EUR; …`."""
    return "; ".join(map(_in_words, variants_of(text)))


def _in_words(variant: VariantRecord) -> str:
    options = ", ".join(f"{name}: {value}" for name, value in variant.options)
    parts = (variant.sku, f"({options})" if options else "", variant.price, variant.currency,
             variant.availability.replace("_", " "))  # fmt: skip
    return " ".join(filter(None, parts))


def amount_of(cell: str) -> str:
    """The amount in a cell such as `1.299,00 €`; empty where there is none, or a negative one."""
    found = _AMOUNT.search(cell)
    if found is None:
        return ""
    digits = re.sub(r"[\s\u00a0\u202f']", "", found[0]).rstrip(".,")
    for mark, other in ((",", "."), (".", ",")):
        if mark in digits and digits.rfind(mark) > digits.rfind(other):
            whole, _, decimals = digits.rpartition(mark)
            grouped = len(decimals) == 3 and (other not in digits) and mark == ","
            single = digits.count(mark) == 1 and not grouped
            whole = whole.replace(mark, "").replace(other, "")
            digits = f"{whole}.{decimals}" if single else whole + decimals
            break
    return amount_text(digits)


def amount_text(digits: str | Decimal | None) -> str:
    """An amount in canonical form: two decimals, up to four where they are needed."""
    if digits in (None, ""):
        return ""
    try:
        amount = Decimal(str(digits))
    except InvalidOperation:
        return ""
    if not 0 <= amount < _MOST:
        return ""
    text = f"{amount:.{_DECIMALS}f}"
    return text[:-2] + text[-2:].rstrip("0")


def currency_of(cell: str) -> str:
    """The currency that a cell names by code or sign; empty for none."""
    if found := _CURRENCY.search(cell.upper()):
        return found[0]
    return next((code for sign, code in _SIGNS.items() if sign in cell), "")


_AVAILABLE = {
    IN_STOCK: "in_stock instock in-stock available 1 true yes ja oui verfügbar auf-lager",
    OUT_OF_STOCK: "out_of_stock outofstock out-of-stock sold_out soldout 0 false no nein non",
    PREORDER: "preorder pre-order pre_order",
    BACKORDER: "backorder onbackorder on_backorder backordered notify",
}
_BY_WORD = {word: state for state, words in _AVAILABLE.items() for word in words.split()}


def availability_of(cell: str) -> str:
    """One of the four availabilities; empty for any other word."""
    return _BY_WORD.get("_".join(cell.strip().casefold().split()), "")


def variants_matched(
    written: Sequence[VariantRecord], wanted: Sequence[VariantRecord]
) -> Mapping[int, VariantRecord]:
    """By place among `written`, what is now wanted there: found by SKU, otherwise by place."""
    by_sku = {variant.sku: variant for variant in wanted if variant.sku}
    found = {}
    for place, variant in enumerate(written):
        if variant.sku in by_sku:
            found[place] = by_sku[variant.sku]
        elif not variant.sku and place < len(wanted):
            found[place] = wanted[place]
    return found


def variants_merged(before: str, after: str, former: str, *, theirs: bool) -> tuple[str, list[str]]:
    """What both sides make of the variants, and the names of cells that both changed.

    `before` is the catalog's fact, `after` the file's, `former` that of the file's last import.
    A cell that the file has not changed since then is ours; so is one that both changed, unless
    `theirs` says otherwise. A variant that the file has dropped goes unless it was edited here.
    """
    ours, base = _by_key(before), _by_key(former)
    merged: dict[str, VariantRecord] = {}
    conflicts: list[str] = []
    for key, variant in _by_key(after).items():
        if key in ours and key in base:
            merged[key] = _merged_cells(ours[key], variant, base[key], conflicts, theirs=theirs)
        elif key not in base or variant != base[key]:
            merged[key] = variant  # new in the file, or changed there and dropped here
    for key, variant in ours.items():
        dropped = key not in merged and key in base and key not in _by_key(after)
        if key not in merged and not (dropped and variant == base[key]):
            merged[key] = variant
    return variants_text(merged.values()), conflicts


def _by_key(text: str) -> dict[str, VariantRecord]:
    """Variants by their SKU, otherwise by their options."""
    return {variant.sku or repr(variant.options): variant for variant in variants_of(text)}


def _merged_cells(
    ours: VariantRecord,
    given: VariantRecord,
    base: VariantRecord,
    conflicts: list[str],
    *,
    theirs: bool,
) -> VariantRecord:
    merged = VariantRecord()
    for name in (*_TEXTS, "options"):
        mine, new, old = (getattr(variant, name) for variant in (ours, given, base))
        if new not in (old, mine) and mine != old:
            conflicts.append(f"{ours.sku} {name.replace('_', ' ')}".strip())
            mine = new if theirs else mine
        elif mine == old:
            mine = new
        setattr(merged, name, mine)
    return merged
