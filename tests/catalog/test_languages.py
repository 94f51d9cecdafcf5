"""Which language says what of a product."""

import pytest

from catalog.languages import Said, language_chain, spoken

OWN = Said("en", "Shirt", "Blue", {"fabric": "cotton", "fit": "regular"})
GERMAN = Said("de", "Hemd", "", {"fabric": "Baumwolle", "Pflege": "kalt waschen", "fit": ""})
AUSTRIAN = Said("de-AT", "", "Blitzblau", {})


@pytest.mark.parametrize(
    ("language", "chain"),
    [("de-AT", ("de-AT", "de", "en")), ("de", ("de",)), ("fr", ("fr", "fr-CA"))],
)
def test_a_chain_is_the_language_and_those_of_the_setting(settings, language, chain):
    settings.LANGUAGE_FALLBACKS = {"de-AT": ["de", "en"], "fr": ["fr-CA", "fr"]}
    assert language_chain(language) == chain


def test_each_fact_is_in_the_nearest_language_that_has_it():
    said = spoken(OWN, [GERMAN, AUSTRIAN], ("de-AT", "de"))
    assert (said.title, said.title_language) == ("Hemd", "de")
    assert (said.colour, said.colour_language) == ("Blitzblau", "de-AT")
    assert said.attributes == {
        "fabric": "Baumwolle", "fit": "regular", "Pflege": "kalt waschen",
    }  # fmt: skip
    assert said.attribute_languages == {"fabric": "de", "fit": "en", "Pflege": "de"}


@pytest.mark.parametrize("chain", [("en",), ("en", "de"), ("fr",), ()])
def test_the_shops_language_ends_every_chain(chain):
    said = spoken(OWN, [GERMAN], chain)
    assert (said.title, said.colour, said.attributes) == ("Shirt", "Blue", OWN.attributes)
    assert (said.title_language, set(said.attribute_languages.values())) == ("en", {"en"})
