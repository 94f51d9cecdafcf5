"""Which languages stand in for one that has nothing to say of a product.

A product's own columns are in the language of the shop (`SHOP_LANGUAGE`); `ProductTranslation` has
title, colour and attributes in further ones, `Description` the texts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings


def language_chain(language: str) -> tuple[str, ...]:
    """The language, and those that stand in for it by `LANGUAGE_FALLBACKS`, the nearest first."""
    return tuple(dict.fromkeys([language, *settings.LANGUAGE_FALLBACKS.get(language, [])]))


@dataclass(frozen=True, slots=True)
class Said:
    """Title, colour and attributes in one language; what is empty says nothing."""

    language: str
    title: str
    colour: str
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a product is called for somebody who asks in one language."""

    title: str
    colour: str
    attributes: dict[str, Any]
    #: The languages that title and colour are in, and those of the attributes by name.
    title_language: str
    colour_language: str
    attribute_languages: dict[str, str]

    @property
    def attribute_rows(self) -> list[tuple[str, Any, str]]:
        """Name, value and language of each attribute."""
        return [
            (name, value, self.attribute_languages[name]) for name, value in self.attributes.items()
        ]


def spoken(own: Said, translations: Iterable[Said], chain: Iterable[str]) -> Spoken:
    """The first of the chain that says something, fact by fact; `own` comes last.

    An attribute is found by its name, so a translation needs only those that differ.
    """
    by_language = {one.language: one for one in translations}
    said = []
    for language in chain:
        if language == own.language:
            break
        if language in by_language:
            said.append(by_language[language])
    said.append(own)
    title = next((one for one in said if one.title), own)
    colour = next((one for one in said if one.colour), own)
    # In the shop's order, what only a translation has behind it.
    named = dict.fromkeys(own.attributes, own)
    for one in reversed(said):
        named |= {name: one for name, value in one.attributes.items() if value not in ("", None)}
    return Spoken(
        title=title.title,
        colour=colour.colour,
        attributes={name: one.attributes[name] for name, one in named.items()},
        title_language=title.language,
        colour_language=colour.language,
        attribute_languages={name: one.language for name, one in named.items()},
    )
