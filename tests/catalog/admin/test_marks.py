"""Where each word of a text comes from, and which words are marked."""

import pytest

from catalog.admin.marks import MarkedWord, Piece, marked_words, pieces_of
from catalog.models import Description
from moda_engine.brief.claims import Brief, Claim, Seen
from tests.factories import DescriptionFactory, ProductFactory

BRIEF = Brief(
    (
        Claim("product_type", "Trousers", "catalog", 1.0, "title", Seen("Dresses", 0.9)),
        Claim("colour", "Navy Blue", "catalog", 1.0, "colour"),
        Claim("gender", "Women", "photo", 0.94),
        Claim("neck", "Round Neck", "catalog", 1.0, "attributes.Neck"),
        Claim("usage", "Casual", "photo", 0.46),
        Claim("brand", "Wren", "catalog", 1.0, "brand"),
        Claim("fabric", "Cotton", "catalog", 1.0, "options.Cloth"),
    ),
    probabilities={"sleeves": {"Short Sleeves": 0.31}, "gender": {"Women": 0.94, "Men": 0.04}},
)


def pieces(text, brief=BRIEF):
    description = Description(brief=brief.to_json() if brief else {})
    return pieces_of(description, {"standard": text, "alt_text": "", "detailed": ""})["standard"]


def said(text, brief=BRIEF):
    return [(piece.text, piece.kind, piece.source) for piece in pieces(text, brief) if piece.kind]


@pytest.mark.parametrize(
    ("text", "kind", "source"),
    [
        ("trousers", "unborne", "the title says trousers; the photo suggests dress, 90%"),
        ("navy blue", "plain", "from the field Colour"),
        ("white", "wrong", "the field Colour says navy blue"),
        ("dress", "wrong", "the title says trousers; the photo suggests dress, 90%"),
        ("for women", "plain", "seen in the photo, 94%"),
        ("for men", "wrong", "the photo suggests women, 94%"),
        ("a round neck", "plain", "from the attribute Neck"),
        ("casual", "wrong", "seen in the photo, 46%"),
        ("by Wren", "plain", "from the brand"),
        ("cotton", "plain", "from the option Cloth"),
        ("short sleeves", "wrong", "has no source; for the photo it is 31% likely"),
        ("striped", "wrong", "has no source"),
    ],
)
def test_a_word_tells_where_it_comes_from(text, kind, source):
    (found,) = said(text)
    assert found[1:] == (kind, source)


def test_the_pieces_of_a_text_are_the_text():
    text = "Navy blue trousers\nby Wren, for men & <women>."
    assert "".join(piece.text for piece in pieces(text)) == text
    assert pieces("Nothing is stated.") == [Piece("Nothing is stated.")]
    assert pieces("") == []


def test_a_text_without_a_brief_has_no_sources():
    assert pieces("Red shirt.", None) == [Piece("Red shirt.")]


@pytest.mark.django_db
def test_marked_words_are_listed_once_with_their_texts_doubtful_ones_first():
    texts = {
        "standard": "Men's trousers in white.",
        "alt_text": "White trousers for men.",
        "detailed": "",
    }
    draft = DescriptionFactory(product=ProductFactory(), brief=BRIEF.to_json(), **texts)
    assert marked_words(pieces_of(draft, texts)) == [
        MarkedWord("Men's", "wrong", "the photo suggests women, 94%", ("standard", "alt_text")),
        MarkedWord("white", "wrong", "the field Colour says navy blue", ("standard", "alt_text")),
        MarkedWord(
            "trousers",
            "unborne",
            "the title says trousers; the photo suggests dress, 90%",
            ("standard", "alt_text"),
        ),
    ]
