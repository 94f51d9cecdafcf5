"""Codes of languages, and the languages of store views."""

import re

import pytest

from catalog.tables.language_codes import WRITTEN_CODE, language_code, view_language, view_of


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


@pytest.mark.parametrize(
    "text", ["de", "DE_at", "zh-hans", "es-419", "sr-latn", "ca-1994", "x-y", "xxxx", "d", "de-a"]
)
def test_a_code_that_is_written_so_has_the_pattern_of_the_api(text):
    code = language_code(text)
    assert (re.search(WRITTEN_CODE, code) is not None) is bool(code)
    assert (re.search(WRITTEN_CODE, text) is not None) is (code == text)
