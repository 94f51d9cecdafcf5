"""A shop's own words: found in edits, put into texts, and read back."""

import pytest

from moda_engine.brief.check import claims_of, unsaid
from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.style import preferences, styled, taught_words, without_left_out

BRIEF = Brief(
    (
        Claim("product_type", "Sports Shoes", "catalog", 1.0, "title"),
        Claim("colour", "Navy Blue", "photo", 0.9),
        Claim("fastening", "Ankle Loop", "photo", 0.9),
        Claim("brand", "Navy Blue", "catalog", 1.0, "brand"),
    )
)
KEPT = ("Red cap for men.", "Red cap for men.", "")


def found(*edits):
    return [(one.said, one.wanted, one.changed, one.seen) for one in preferences(edits)]


@pytest.mark.parametrize(
    ("draft", "approved", "said", "wanted"),
    [
        ("Sports shoes by Wren in red.", "Trainers by Wren in red.", "sports shoes", "trainers"),
        ("A T-shirt with a round neck.", "A T-shirt with a crew neck.", "round neck", "crew neck"),
        ("A navy blue T-shirt.", "An ink T-shirt.", "navy blue", "ink"),
        ("Red sandals with an ankle loop.", "Red sandals.", "ankle loop", ""),
        ("Red heels with an ankle loop and an open toe.", "Red heels with an open toe.",
         "ankle loop", ""),
    ],
)  # fmt: skip
def test_what_people_always_put_in_its_place_is_a_preference(draft, approved, said, wanted):
    assert found(*[(draft, approved, "Wren")] * 5, KEPT) == [(said, wanted, 5, 5)]


def test_a_preference_has_its_evidence():
    ours = ("Sports shoes by Wren in red.", "Trainers by Wren in red.", "Wren")
    left = (ours[0], ours[0], "Wren")
    one, *others = preferences([KEPT, *[ours] * 23, *[left] * 2])
    assert (one.changed, one.seen, one.rows[0], len(one.rows), others) == (23, 25, 1, 23, [])


@pytest.mark.parametrize(
    ("edits"),
    [
        # Too few, or too often otherwise.
        [("Sports shoes in red.", "Trainers in red.", "")] * 4,
        [("Sports shoes in red.", "Trainers in red.", "")] * 6
        + [("Sports shoes in red.", "Sports shoes in red.", "")] * 3,
        # Corrections: another colour, another type.
        [("A navy blue T-shirt.", "A black T-shirt.", "")] * 9,
        [("Red sandals for women.", "Red boots for women.", "")] * 9,
        # Written anew: what stands where tells nothing.
        [("Men's red casual T-shirt.", "T-shirt, red. For men.", "")] * 9,
        # A name is no word of ours.
        [("A T-shirt by Navy Blue in red.", "A T-shirt by Ink in red.", "Navy Blue")] * 9,
        # The noun is never left out.
        [("Red sandals for women.", "Red for women.", "")] * 9,
        # A number, or more than some words, is no word.
        [("A navy blue T-shirt.", "A no. 4711 T-shirt.", "")] * 9,
    ],
)
def test_what_is_none(edits):
    assert found(*edits) == []


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("A navy blue T-shirt.", "An ink T-shirt."),
        ("Navy blue sports shoes by Navy Blue.", "Navy blue trainers by Navy Blue."),
        ("A pair of sports shoes, navy blue.", "A pair of trainers, ink."),
        ("A navy bluebell print.", "A navy bluebell print."),
        ("Red sandals with an ankle loop.", "Red sandals with an ankle loop."),
    ],
)
def test_texts_are_put_into_the_words_of_the_shop(text, own):
    style = {"navy blue": "ink", "sports shoes": "trainers", "ankle loop": ""}
    assert styled(text, style, "Navy Blue" if "by Navy" in text else "") == own


def test_what_the_shop_never_says_is_not_claimed():
    kinds = [claim.kind for claim in without_left_out(BRIEF, {"ankle loop": ""}).claims]
    assert kinds == ["product_type", "colour", "brand"]
    assert without_left_out(BRIEF, {"velcro": "", "navy blue": "ink"}) is BRIEF


def test_the_reader_is_taught_the_words_that_it_does_not_know():
    style = {"navy blue": "ink", "sports shoes": "trainers", "ankle loop": ""}
    assert taught_words(style) == {"ink": ("colour", "Navy Blue")}


def test_a_text_in_the_words_of_the_shop_is_held_against_its_brief():
    brief = Brief(BRIEF.claims, words={"ink": ("colour", "Navy Blue")})
    text = "Ink trainers by Navy Blue with an ankle loop."
    claims = [(one.text, one.kind, one.value, one.verdict) for one in claims_of(text, brief)]
    assert claims == [
        ("Ink", "colour", "Navy Blue", "seen"),
        ("trainers", "product_type", "Sports Shoes", "known"),
        ("Navy Blue", "brand", "Navy Blue", "known"),
        ("an ankle loop", "fastening", "Ankle Loop", "seen"),
    ]
    assert unsaid(text, brief) == []
    assert [one.kind for one in unsaid("Trainers by Navy Blue.", brief)] == ["colour", "fastening"]
    black = Brief((Claim("colour", "Black", "catalog", 1.0),), words=brief.words)
    assert [one.verdict for one in claims_of("Ink shoes.", black)] == ["contradicted"]


def test_words_travel_with_the_brief():
    brief = Brief(BRIEF.claims, words={"ink": ("colour", "Navy Blue")})
    assert Brief.from_json(brief.to_json()) == brief
    assert "words" not in BRIEF.to_json()
