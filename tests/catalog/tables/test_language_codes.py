"""Codes of languages, and the languages of store views."""

import pytest

from catalog.tables.language_codes import language_code, view_language, view_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[("de", "de"), ("DE", "de"), ("de_at", "de-AT"), ("pt-br", "pt-BR"), (" fr ", "fr")],
        *[("zh_hant", "zh-Hant"), ("default", ""), ("", ""), ("d", ""), ("german", "")],
        ("de_outlet", ""),
    ],
)
def test_codes_of_languages_in_their_spellings(text, code):
    assert language_code(text) == code


@pytest.mark.parametrize(
    ("view", "language"),
    [
        *[("de", "de"), ("de_at", "de-AT"), ("german", "de"), ("Deutsch", "de")],
        *[("fr_store_view", "fr"), ("store_view_fr", "fr"), ("en_US", "en-US")],
        *[("french_view", "fr"), ("alpine", "de-AT"), ("outlet", "en")],
        *[("default", ""), ("us", ""), ("uk", ""), ("be", ""), ("de_outlet", ""), ("b2b", "")],
    ],
)
def test_a_store_view_names_its_language(view, language):
    named = {"alpine": ["de_at"], "outlet": ["en"]}
    assert view_language(view, named) == language
    assert (view_of("de-AT", named), view_of("fr", named)) == ("alpine", "")
