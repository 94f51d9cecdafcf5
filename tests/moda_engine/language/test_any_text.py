"""Whatever a shop types is read without an exception, and no label is made up from it."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moda_engine.language.further import FURTHER
from moda_engine.language.labels import (
    NO_FREE_FACTS,
    FreeFacts,
    ItemLabels,
    KnownFacts,
    known_facts,
    labels_from_record,
    labels_of_text,
)
from moda_engine.language.reading import read
from moda_engine.language.vocabulary import ALTERNATIVES

PLAIN = "Navy blue casual T-shirt for boys with short sleeves and a round neck."
_NAMES = ("brand", "colour", "Color", "type", "gender", "usage", "neck", "sleeves", "fit", "price")
_WORDS = (
    *("blue", "red", "shirt", "trousers", "casual shoes", "sports shoes", "men", "women", "boys"),
    *("striped", "checked", "long sleeves", "short sleeves", "V-neck", "round neck", "party"),
    *("and", "or", "not", "with", "for", "no", "like", "pair it with", "90 cm", "100%", "<b>"),
)
#: Characters that trip up readers: NUL, half a surrogate pair, marks that turn the direction, an
#: I with a dot (two characters in lower case), a ligature, other scripts, white space of all kinds.
_ODD = "\x00\ud800\u202eİßﬁ½男Я\u0301\u2028\xa0\x1c'’`-–/&;:.\n"
PIECES = st.one_of(
    st.sampled_from(_WORDS), st.text(max_size=8), st.text(st.sampled_from(_ODD), max_size=4)
)
PROSE = st.lists(PIECES, max_size=8).map(" ".join)
NAMED = st.builds("{}: {}".format, st.sampled_from(_NAMES), PROSE)
TEXTS = st.lists(st.one_of(PROSE, NAMED), max_size=5).map("; ".join)


@given(TEXTS, TEXTS)
def test_any_text_is_a_fact_and_a_draft(facts_text, draft):
    facts = known_facts(facts_text)
    for kind, label in facts.labels.items():
        parts = label.split("/") if kind == "colour" else [label]
        named = [FURTHER[kind].label] if kind in FURTHER else ALTERNATIVES[kind]
        assert set(parts) <= set(named)
    read(facts_text)
    labels_of_text(draft)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("Blue shirt and trousers", {"colour": "Blue"}),
        ("Blue shirt with trousers", {"colour": "Blue", "product_type": "Shirts"}),
        ("Blue shirt; black trousers", {}),
        ("Blue shirt; blue trousers", {"colour": "Blue"}),
        ("Blue shirt and trousers; type: shirt", {"colour": "Blue", "product_type": "Shirts"}),
        ("Blue shirt; type: trousers", {"colour": "Blue", "product_type": "Trousers"}),
        ("type: shirt and trousers", {}),
        ("type: shirt; type: trousers", {"product_type": "Shirts"}),
        ("casual shoes, sports shoes", {}),
        ("for men and boys", {}),
        ("for men and women", {"gender": "Unisex"}),
        ("gender: men, boys", {}),
        ("usage: party and travel", {}),
        ("shirt with long sleeves and short sleeves", {"product_type": "Shirts"}),
        ("neck: V-neck, round neck; sleeves: long and short", {}),
        ("pattern: striped and checked", {}),
        ("A red, white and blue cap", {"colour": "Red/White/Blue", "product_type": "Caps"}),
    ],
)
def test_two_labels_of_one_kind_are_no_label(text, labels):
    assert known_facts(text) == KnownFacts(labels)


@pytest.mark.parametrize(
    "text",
    [
        *("", "  ", ";;;", ":", ": :", "type:", "colour: /", "..!?", "brand: -", "fabric: …"),
        *("男装 T恤", "Обувь 2025", "חולצה", "90 cm; 38 EU; 12 kg", "\x00", "\ud800", "\u202e"),
        *("<p>&nbsp;</p>", "[shortcode]", "qwrtz " * 1_700, "-" * 10_000, "colour: qwrtz"),
    ],
)
def test_what_has_no_words_here_is_no_fact(text):
    assert not known_facts(text)


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("<b>Blue</b> <i>shirt</i>", KnownFacts({"colour": "Blue", "product_type": "Shirts"})),
        ("brand: <b>(Wren\\", KnownFacts({}, FreeFacts(brand="<b>(Wren\\"))),
        ("brand: Вереск", KnownFacts({}, FreeFacts(brand="Вереск"))),
        ("brand: " + "y" * 10_000, KnownFacts({}, FreeFacts(brand="y" * 10_000))),
    ],
)
def test_names_are_taken_as_they_are_typed(text, facts):
    assert known_facts(text) == facts


@given(st.dictionaries(st.sampled_from(["Pattern", "Neck", "Hood", "Display", "x"]), PROSE))
def test_attributes_of_any_text_make_only_known_details(attributes):
    known = set(chain.from_iterable(ALTERNATIVES.values()))
    assert set(labels_from_record({"attributes": attributes}).details.values()) <= known


@pytest.mark.parametrize("value", [None, 5, True, ["Tshirts"], {"a": "b"}, "", "NA"])
def test_what_is_no_string_is_no_label(value):
    record = {"product_type": value, "colour": value, "attributes": value}
    assert labels_from_record(record) == ItemLabels()
    assert labels_from_record({"attributes": {"Neck": value}}) == ItemLabels()


def test_nothing_told_is_nothing():
    assert known_facts(None) == KnownFacts({}, NO_FREE_FACTS)
