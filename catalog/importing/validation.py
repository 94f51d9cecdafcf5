"""Checks the facts of a row before anything is written, as the models would."""

import re
from collections.abc import Mapping

from catalog.choices import Gender, ProductState
from catalog.models.description import ALT_TEXT_LENGTH, TEXT_LENGTH
from catalog.models.product import SKU_PATTERN
from catalog.tables.formats.record import ATTRIBUTE, CATEGORY_SEPARATOR
from catalog.tables.rows import RowFaulty

_SKU = re.compile(SKU_PATTERN)
_SKU_LENGTH = 64
_LENGTHS = {
    "title": 200,
    "brand": 120,
    "colour": 60,
    "alt_text": ALT_TEXT_LENGTH,
    "standard": TEXT_LENGTH,
    "detailed": TEXT_LENGTH,
}
_CATEGORY_LENGTH = 120
_ATTRIBUTE_LENGTH = 5_000
_CHOICES = {"gender": ["", *Gender.values], "state": ProductState.values}


def sku_check(sku: str) -> None:
    """Raises `RowFaulty` for what cannot be a SKU."""
    if not sku:
        raise RowFaulty("sku: This field cannot be blank.")
    if len(sku) > _SKU_LENGTH:
        raise RowFaulty(f"sku: Ensure this value has at most 64 characters (it has {len(sku)}).")
    if not _SKU.match(sku):
        raise RowFaulty(
            "sku: Use letters, digits, dot, dash and underscore, and begin with a letter or digit."
        )


def facts_check(facts: Mapping[str, str]) -> None:
    """Raises `RowFaulty`, which names the fact, for a value that cannot be stored."""
    for name, value in facts.items():
        longest = _LENGTHS.get(name, _ATTRIBUTE_LENGTH)
        if len(value) > longest and name != "category":
            raise RowFaulty(
                f"{_label(name)}: Ensure this value has at most {longest:,} characters "
                f"(it has {len(value):,})."
            )
        if name in _CHOICES and value not in _CHOICES[name]:
            allowed = ", ".join(filter(None, _CHOICES[name]))
            raise RowFaulty(f"{name}: {value[:40]!r} is none of: {allowed}.")
    if "title" in facts and not facts["title"]:
        raise RowFaulty("title: A product needs a title; it cannot be cleared.")
    for part in facts.get("category", "").split(CATEGORY_SEPARATOR):
        if len(part) > _CATEGORY_LENGTH:
            raise RowFaulty("category: A name has at most 120 characters.")


def _label(name: str) -> str:
    labels = {"standard": "description", "detailed": "detailed description"}
    return labels.get(name, name.removeprefix(ATTRIBUTE).replace("_", " "))
