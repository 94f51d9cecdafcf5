"""Codes of languages in the spellings of shops, and the names that they give their views."""

import re
from collections.abc import Mapping, Sequence

#: `de`, `pt-BR`: a language, and perhaps a country or script.
LANGUAGE_PATTERN = r"^[a-z]{2,3}(-[A-Za-z0-9]{2,4})?\Z"
#: The spelling that `language_code` gives: `pt-BR`, `zh-Hans`, `es-419`.
WRITTEN_CODE = r"^[a-z]{2,3}(-([A-Z0-9]{2,3}|[A-Z][a-z]{3}|(?=[A-Z]*[0-9])[A-Z0-9]{4}))?$"
LANGUAGE_LENGTH = 10
_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z0-9]{2,4}))?")
#: Languages by code, each with its names in English and in itself.
_LANGUAGES = {
    "ar": "arabic العربيّة", "bg": "bulgarian български", "ca": "catalan català",
    "cs": "czech čeština česky", "da": "danish dansk", "de": "german deutsch",
    "el": "greek ελληνικά", "en": "english", "es": "spanish español castellano",
    "et": "estonian eesti", "fa": "persian فارسی", "fi": "finnish suomi", "fr": "french français",
    "he": "hebrew עברית", "hi": "hindi हिंदी", "hr": "croatian hrvatski", "hu": "hungarian magyar",
    "id": "indonesian", "is": "icelandic íslenska", "it": "italian italiano",
    "ja": "japanese 日本語", "ko": "korean 한국어",
    "lt": "lithuanian lietuviškai", "lv": "latvian latviešu",
    "nb": "norwegian norsk", "nl": "dutch nederlands", "no": "", "pl": "polish polski",
    "pt": "portuguese português", "ro": "romanian română", "ru": "russian русский",
    "sk": "slovak slovensky slovenčina", "sl": "slovenian slovenščina", "sr": "serbian српски",
    "sv": "swedish svenska", "th": "thai ภาษาไทย", "tr": "turkish türkçe", "vi": "vietnamese",
    "zh": "chinese 中文",
}  # fmt: skip
_NAMES = {name: code for code, names in _LANGUAGES.items() for name in names.split()}
_VIEW_WORDS = {"store", "view", "storeview", "shop", "website"}


def language_code(text: str) -> str:
    """`de_at`, `DE-AT` as `de-AT`; empty for what is no code of a language."""
    found = _CODE.fullmatch(text.strip())
    if found is None:
        return ""
    country = found[2] or ""
    # Codes of scripts have four letters and a capital, those of countries two capitals.
    country = country.title() if len(country) == 4 and country.isalpha() else country.upper()
    return "-".join(filter(None, (found[1].lower(), country)))


def view_language(view: str, named: Mapping[str, Sequence[str]]) -> str:
    """The language of a store view by its code; empty where that does not say it.

    `named` says it first, the code of a language by that of a view; otherwise the code is that of
    a language (`de_at`) or its name (`german`). `uk` and `be` rather name a country.
    """
    if view in named:
        return language_code(named[view][0])
    words = [word for word in re.split(r"[\s_-]+", view.casefold()) if word not in _VIEW_WORDS]
    if len(words) == 1 and words[0] in _NAMES:
        return _NAMES[words[0]]
    code = language_code("-".join(words))
    return code if code.partition("-")[0] in _LANGUAGES else ""


def view_of(language: str, named: Mapping[str, Sequence[str]]) -> str:
    """The store view that is named for a language; empty for none."""
    views = named.items()
    return next((view for view, codes in views if language_code(codes[0]) == language), "")
