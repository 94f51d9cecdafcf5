"""What an export in one language says of a product."""

from django.conf import settings

from catalog.importing.present import PresentProduct
from catalog.languages import language_chain
from catalog.tables.record import language_and_fact


def facts_in(present: PresentProduct, language: str, *, with_views: bool) -> dict[str, str]:
    """The product's facts in a language, from its chain where it has none; its texts as they are.

    `present` was read in this language. `with_views` adds what further languages say, named
    `de:title`, for formats that have rows in several.
    """
    by_language: dict[str, dict[str, str]] = {}
    for name, value in {**present.facts, **present.texts}.items():
        if value:
            spoken, fact = language_and_fact(name)
            by_language.setdefault(spoken, {})[fact] = value
    facts = dict(by_language.get("", {}))
    for spoken in reversed(_before_own(language)):
        translated = present.facts.keys() & {
            f"{spoken}:{fact}" for fact in by_language.get(spoken, {})
        }
        facts |= {language_and_fact(name)[1]: present.facts[name] for name in translated}
    if with_views:
        facts |= {
            f"{spoken}:{fact}": value
            for spoken, said in by_language.items()
            if spoken not in ("", language, settings.SHOP_LANGUAGE)
            for fact, value in said.items()
        }
    return facts


def _before_own(language: str) -> list[str]:
    """The languages that are asked before the shop's, the nearest first."""
    chain = list(language_chain(language))
    own = settings.SHOP_LANGUAGE
    return chain[: chain.index(own)] if own in chain else chain
