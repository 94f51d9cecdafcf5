"""Facts of a file in its language: in the shop's they are the product's own, else translations.

`de:title` is the title in German. A file in another language than the shop's names what differs by
language alone; what all languages share (price, brand, category, state) it leaves as it is.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings

from catalog.bulk_insert import rows_insert
from catalog.models import ProductTranslation
from catalog.tables.record import (
    ATTRIBUTE,
    TEXT_FACTS,
    in_language,
    is_translatable,
    language_and_fact,
)

_BATCH = 250


def facts_in_language(facts: Mapping[str, str], language: str) -> dict[str, str]:
    """The facts of a file in `language`, named as the catalog names them.

    Texts of the file's language keep their names. A row of its own for that language, or for the
    shop's, is left out: the file's plain rows say the same.
    """
    is_own = language == settings.SHOP_LANGUAGE
    named = {}
    for name, value in facts.items():
        spoken, fact = language_and_fact(name)
        if not spoken and not is_own and is_translatable(name):
            named[in_language(name, language)] = value
        elif spoken == language and not is_own and fact not in facts:
            named[fact if fact in TEXT_FACTS else name] = value
        elif spoken not in (language, settings.SHOP_LANGUAGE):
            named[name] = value
    return named


def without_shared(facts: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """What a file in another language says of a known product, whose own facts are `own`.

    What is the same in both languages is no translation.
    """
    said = {}
    for name, value in facts.items():
        language, fact = language_and_fact(name)
        is_translation = language and (name in own or own.get(fact) != value)
        if is_translation or name in TEXT_FACTS:
            said[name] = value
    return said


def with_own_title(facts: Mapping[str, str], language: str) -> dict[str, str]:
    """The facts of a new product: it needs a title, so a translated one stands in."""
    title = facts.get("title") or facts.get(in_language("title", language), "")
    return {**facts, "title": title} if title else dict(facts)


def translations_present(products: Collection[int]) -> dict[int, dict[str, str]]:
    """By key of a product, its facts in further languages: `de:title`."""
    found: dict[int, dict[str, str]] = {}
    for row in ProductTranslation.objects.filter(product__in=products).order_by("pk"):
        facts = found.setdefault(row.product_id, {})
        named = {"title": row.title, "colour": row.colour} | {
            f"{ATTRIBUTE}{name}": value for name, value in row.attributes.items()
        }
        facts |= {
            in_language(name, row.language): text
            for name, value in named.items()
            if (text := attribute_text(value))
        }
    return found


def attribute_text(value: Any) -> str:
    """A stored attribute as the text of a cell."""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def translations_of(facts: Iterable[str]) -> set[str]:
    """The names among these of facts that are translated, texts left out."""
    return {name for name in facts if is_translatable(language_and_fact(name)[1])} - {
        name for name in facts if not language_and_fact(name)[0]
    }


def translations_write(wanted: Mapping[int, Mapping[str, str]]) -> None:
    """Set facts of products (by key) in further languages; an empty value clears one.

    The caller has locked the products.
    """
    rows = {
        (row.product_id, row.language): row
        for row in ProductTranslation.objects.filter(product__in=wanted)
    }
    touched: dict[tuple[int, str], ProductTranslation] = {}
    for product, facts in wanted.items():
        for name, value in facts.items():
            language, fact = language_and_fact(name)
            key = (product, language)
            row = rows.get(key) or touched.get(key)
            row = row or ProductTranslation(product_id=product, language=language)
            touched[key] = row
            if fact in ("title", "colour"):
                setattr(row, fact, value)
            elif value:
                row.attributes[fact.removeprefix(ATTRIBUTE)] = value
            else:
                row.attributes.pop(fact.removeprefix(ATTRIBUTE), None)
    _save(touched.values())


def _save(rows: Iterable[ProductTranslation]) -> None:
    said = [row for row in rows if row.title or row.colour or row.attributes]
    empty = [row.pk for row in rows if row not in said and row.pk]
    ProductTranslation.objects.filter(pk__in=empty).delete()
    rows_insert(ProductTranslation, [row for row in said if row.pk is None])
    ProductTranslation.objects.bulk_update(
        [row for row in said if row.pk is not None],
        ["title", "colour", "attributes"],
        batch_size=_BATCH,
    )
