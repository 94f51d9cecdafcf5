"""Each setting of a voice is honoured exactly, in every text of any brief."""

import re

import pytest

from moda_engine.copywriting.guard import Guard
from moda_engine.copywriting.pages import page_texts, with_lines
from moda_engine.copywriting.slots import SLOTS, sentences
from moda_engine.copywriting.voice import PLAIN_VOICE, Voice
from tests.moda_engine.copywriting.briefs import SHIRT, random_briefs

ALL = tuple(SLOTS)


def texts_of(voice, count=80):
    for number, brief in enumerate(random_briefs(count)):
        brand = (brief.free_facts().brand or "(no brand)").rstrip(".")
        for name, text in page_texts(brief, ALL, f"SKU-{number}", voice).items():
            yield name, text.replace(brand, "Name")


@pytest.mark.parametrize(
    "asked",
    [
        {"sentence_length": "short"},
        {"sentence_length": "medium", "formality": "formal"},
        {"person": "you", "formality": "friendly"},
        {"spelling": "american", "preferred": {"T-shirt": "tee"}},
        {"banned": ["easy", "simple", "made for"]},
    ],
)
def test_texts_in_a_voice_stand_before_its_guard(asked):
    voice = Voice.of(asked)
    guard = Guard(voice)
    for number, brief in enumerate(random_briefs(80)):
        for name, text in page_texts(brief, ALL, f"SKU-{number}", voice).items():
            assert guard.reasons(text, SLOTS[name], brief) == [], (text, brief)


@pytest.mark.parametrize(("length", "most"), [("short", 12), ("medium", 20)])
def test_sentences_are_as_short_as_the_voice_wants_them(length, most):
    for name, text in texts_of(Voice(sentence_length=length)):
        if SLOTS[name].is_prose:
            assert max(len(one.split()) for one in sentences(text)) <= most, text


def test_a_voice_speaks_to_the_customer_or_of_the_item():
    second = re.compile(r"\byou(r|rs)?\b", re.IGNORECASE)
    for name, text in texts_of(Voice(person="you")):
        assert name != "detailed" or second.search(text), text
    assert not [text for _, text in texts_of(PLAIN_VOICE) if second.search(text)]


def test_a_formal_voice_has_no_contraction_and_no_call_and_a_friendly_one_no_stiff_form():
    contraction = re.compile(r"\b(it|that|here)'s\b|\w'(re|ll|ve)\b|!", re.IGNORECASE)
    for _name, text in texts_of(Voice(formality="formal")):
        assert not contraction.search(text), text
        assert not re.search(r"\b(Meet|Take|See|Have|Discover|Say)\b", text), text
    for name, text in texts_of(Voice(formality="friendly")):
        assert name != "detailed" or not re.search(r"\b(It is|They are)\b", text), text


def test_spelling_is_british_or_american():
    british = re.compile(r"grey|colour|jewellery|analogue", re.IGNORECASE)
    american = re.compile(r"\bgray|color\b|jewelry|analog\b", re.IGNORECASE)
    assert not [text for _, text in texts_of(PLAIN_VOICE) if american.search(text)]
    assert not [text for _, text in texts_of(Voice(spelling="american")) if british.search(text)]


def test_banned_words_are_in_no_text_and_preferred_ones_in_their_place():
    voice = Voice(banned=("Easy", "slim fit", "striped"), preferred={"T-shirt": "tee"})
    written = page_texts(SHIRT, ALL, "SKU-1", voice)
    whole = " ".join(written.values()).lower()
    assert not [word for word in ("easy", "slim fit", "striped", "t-shirt") if word in whole]
    assert written["title"].count("Tee") == 1
    assert " tee" in written["detailed"]


def test_the_name_of_a_type_can_be_preferred_another_way_and_not_banned():
    written = page_texts(SHIRT, ("standard", "title"), "SKU-1", Voice(banned=("T-shirt",)))
    assert "T-shirt" in written["standard"]


def test_a_shops_own_words_of_praise_stand_in_for_the_writers():
    voice = Voice(taste=("dreamy", "breathable"))
    skus = [f"SKU-{number}" for number in range(20)]
    texts = [page_texts(SHIRT, ("detailed",), sku, voice)["detailed"] for sku in skus]
    assert sum("dreamy" in text for text in texts) >= 6
    assert not [text for text in texts if "breathable" in text]


def test_opening_and_closing_stand_around_the_detailed_text():
    voice = Voice.of({"opening": "New  this week", "closing": "From Leeds, with love!"})
    assert with_lines("A cap.", voice) == "New this week. A cap. From Leeds, with love!"
    assert with_lines("", voice) == ""


def test_what_is_no_setting_is_the_default():
    given = {"formality": "rude", "person": 3, "banned": [7, "", " x "], "preferred": ["a"]}
    assert Voice.of(given) == Voice(banned=("7", "x"))
    assert Voice.of(None) == Voice.of({}) == PLAIN_VOICE


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("An analogue dial by Grey.", "An analog dial by Grey."),
        ("Grey and grey.", "Gray and gray."),
        ("A T-shirt. T-shirt!", "An undershirt. Undershirt!"),
    ],
)
def test_words_are_exchanged_with_capitals_and_articles_but_not_in_names(text, wanted):
    voice = Voice(spelling="american", preferred={"T-shirt": "undershirt"})
    names = ("by Grey",) if "by Grey" in text else ()
    assert voice.spelt(text, names) == wanted
