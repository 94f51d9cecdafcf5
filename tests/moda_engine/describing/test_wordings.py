"""Which texts stand beside their brief."""

import random

import pytest

from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.make import with_claims
from moda_engine.describing.wordings import is_true_to, without_cut_word
from moda_engine.language.vocabulary import (
    ALTERNATIVES,
    COLOURS,
    DETAILS,
    PRODUCT_TYPES,
    details_of_type,
)
from moda_engine.language.writing import STYLE_COUNT, alt_text, detailed, paraphrase

CAP = Brief(
    (
        Claim("product_type", "Caps", "photo", 0.9),
        Claim("colour", "Red", "catalog", 1.0, "title"),
        Claim("gender", "Women", "photo", 0.8),
        Claim("brand", "Red Tape", "catalog", 1.0, "brand"),
    )
)


def random_briefs(count):
    chance = random.Random(3)
    for _ in range(count):
        product_type = chance.choice(list(PRODUCT_TYPES))
        values = {
            "colour": "/".join(chance.sample(list(COLOURS), chance.choice([1, 1, 2]))),
            **{k: chance.choice(ALTERNATIVES[k]) for k in ("gender", "usage", "pattern")},
            **{k: chance.choice(list(DETAILS[k])) for k in sorted(details_of_type(product_type))},
            "brand": chance.choice(["Red Tape", "Wren", "White", "Guess Kids", "ADIDAS"]),
            "fabric": chance.choice(["Cotton", "Pure Wool"]),
            "fit": chance.choice(["Slim", "Regular Fit"]),
        }
        kept = {kind: value for kind, value in values.items() if chance.random() < 0.6}
        claims = [Claim(kind, value, "catalog", 1.0, kind) for kind, value in kept.items()]
        yield with_claims(Brief((Claim("product_type", product_type, "photo", 0.9),)), claims)


def test_the_writers_own_texts_are_true_to_their_brief():
    for brief in random_briefs(150):
        labels, free = brief.labels(), brief.free_facts()
        texts = [paraphrase(labels, style, free) for style in range(STYLE_COUNT)]
        for text in [*texts, detailed(labels, 0, free), detailed(labels, 1, free)]:
            assert is_true_to(text, brief), (text, brief)
        assert is_true_to(alt_text(labels, free), brief, says_all=False)


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ("Red cap by Red Tape for women.", True),
        ("Red cap by Red Tape.", False),  # the wearer is missing
        ("Blue cap by Red Tape for women.", False),
        ("Red casual cap by Red Tape for women.", False),  # nobody said casual
        ("Red cap by by Red Tape for women.", False),
        ("Red cap by Red Tape for women, in red.", False),
        ("An red cap by Red Tape for women.", False),
        ("A red cap by Red Tape for women.", True),
        ("Red cap by Brand for women, from Red Tape.", False),  # a name that was not filled in
        ("", False),
    ],
)
def test_a_text_says_the_whole_brief_and_nothing_else(text, is_true):
    assert is_true_to(text, CAP) is is_true


@pytest.mark.parametrize(
    ("details", "stands"),
    [
        ("long sleeves and a hood", True),
        ("long sleeves, a hood", False),
        ("a hood, long sleeves and a zip", True),
        ("a hood, long sleeves, a zip", False),
    ],
)
def test_a_list_of_details_ends_with_and(details, stands):
    labels = {"sleeves": "Long Sleeves", "neck": "Hooded"}
    labels |= {"fastening": "Zip"} if "zip" in details else {}
    claims = [Claim(kind, value, "photo", 0.9) for kind, value in labels.items()]
    brief = Brief((Claim("product_type", "Sweatshirts", "catalog", 1.0, "title"), *claims))
    assert is_true_to(f"Sweatshirt with {details}.", brief) is stands


def test_a_text_that_people_taught_may_say_less_but_names_the_item():
    assert is_true_to("Our cap.", CAP, says_all=False)
    assert not is_true_to("Something red.", CAP, says_all=False)
    assert not is_true_to("Our blue cap.", CAP, says_all=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Red cap. For wom", "Red cap."), ("Red cap for wom", "Red cap for"), ("Red", "Red")],
)
def test_a_cut_word_goes(text, expected):
    assert without_cut_word(text) == expected
