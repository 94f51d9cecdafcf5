"""The ten orders, the alternative text and the detailed one: what they say, and what never."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from moda_engine.language.labels import FreeFacts, ItemLabels
from moda_engine.language.reading import read
from moda_engine.language.vocabulary import (
    ALTERNATIVES,
    COLOURS,
    DETAILS,
    GENDERS,
    PATTERNS,
    PRODUCT_TYPES,
    USAGES,
    details_of_type,
)
from moda_engine.language.writing import (
    ALT_TEXT_LENGTH,
    STYLE_COUNT,
    alt_text,
    detailed,
    paraphrase,
    sentence,
)

T_SHIRT = ItemLabels(
    "Tshirts",
    "Navy Blue",
    "Boys",
    "Casual",
    None,
    {"sleeves": "Short Sleeves", "neck": "Round Neck"},
)
SHOES = ItemLabels("Casual Shoes", "Red/White", "Unisex", "Casual", None, {"fastening": "Lace-Ups"})
ALL_FREE = FreeFacts(brand="Wren", fabric="cotton", fit="slim fit")


def random_labels(count):
    chance = random.Random(5)
    for _ in range(count):
        product_type = chance.choice(list(PRODUCT_TYPES))
        kinds = sorted(details_of_type(product_type))
        yield ItemLabels(
            product_type,
            "/".join(chance.sample(list(COLOURS), chance.choice([1, 1, 2]))),
            chance.choice(list(GENDERS)),
            chance.choice(list(USAGES)),
            chance.choice([None, *PATTERNS]),
            {kind: chance.choice(list(DETAILS[kind])) for kind in kinds if chance.random() < 0.6},
        )


ITEMS = list(random_labels(120))


def test_ten_orders_of_one_item():
    assert [paraphrase(T_SHIRT, style) for style in range(STYLE_COUNT)] == [
        "Navy blue casual T-shirt for boys with short sleeves and a round neck.",
        "A navy blue T-shirt for boys with short sleeves and a round neck, for casual wear.",
        "Casual T-shirt for boys in navy blue, with short sleeves and a round neck.",
        "This boys' T-shirt in navy blue has short sleeves and a round neck, and is made for "
        "casual wear.",
        "Boys' navy blue casual T-shirt with short sleeves and a round neck.",
        "With short sleeves and a round neck, this navy blue casual T-shirt is made for boys.",
        "A casual T-shirt in navy blue for boys. It has short sleeves and a round neck.",
        "A navy blue casual T-shirt, made for boys. It comes with short sleeves and a round neck.",
        "A boys' T-shirt in navy blue, with short sleeves and a round neck, for casual wear.",
        "This is a casual T-shirt for boys in navy blue with short sleeves and a round neck.",
    ]


def test_a_plain_design_stands_before_the_colour_and_a_pattern_behind_it():
    plain = replace(ALL_FREE, plain=True)
    assert [paraphrase(T_SHIRT, style, plain) for style in (0, 4)] == [
        "Plain navy blue casual cotton T-shirt by Wren for boys with short sleeves, a round neck "
        "and a slim fit.",
        "Boys' plain navy blue casual cotton T-shirt by Wren with short sleeves, a round neck "
        "and a slim fit.",
    ]
    striped = replace(T_SHIRT, pattern="Striped", details={})
    assert paraphrase(striped, 1) == "A navy blue striped T-shirt for boys, for casual wear."


FURTHER = FreeFacts(further=("a chest pocket", "ribbed cuffs", "a curved hem"))


@pytest.mark.parametrize(
    ("style", "expected"),
    [
        (
            0,
            "Navy blue casual T-shirt for boys with short sleeves, a round neck, a chest pocket, "
            "ribbed cuffs and a curved hem.",
        ),
        (
            5,
            "With short sleeves, a round neck, a chest pocket, ribbed cuffs and a curved hem, this "
            "navy blue casual T-shirt is made for boys.",
        ),
        (
            6,
            "A casual T-shirt in navy blue for boys. It has short sleeves, a round neck, a chest "
            "pocket, ribbed cuffs and a curved hem.",
        ),
    ],
)
def test_further_details_stand_behind_the_others(style, expected):
    assert paraphrase(T_SHIRT, style, FURTHER) == expected


def test_an_alternative_text_leaves_out_further_details_first():
    assert alt_text(T_SHIRT, FURTHER) == (
        "Boys' navy blue casual T-shirt with short sleeves, a round neck, a chest pocket, ribbed "
        "cuffs and a curved hem."
    )
    long = replace(FURTHER, brand="Wren and Daughters of Old Harbour Street")
    assert alt_text(T_SHIRT, long) == (
        "Boys' navy blue casual T-shirt by Wren and Daughters of Old Harbour Street with short "
        "sleeves and a round neck."
    )


def test_the_detailed_text_has_further_details():
    assert detailed(T_SHIRT, 0, FURTHER) == (
        "A navy blue T-shirt for boys. It has short sleeves, a round neck, a chest pocket, ribbed "
        "cuffs and a curved hem. It is made for casual wear."
    )


def test_plurals_come_in_pairs():
    assert paraphrase(SHOES, 1) == (
        "A pair of red and white casual shoes for men and women with laces."
    )
    assert paraphrase(SHOES, 3) == (
        "These casual shoes for men and women in red and white have laces."
    )
    assert paraphrase(SHOES, 9) == (
        "This is a pair of casual shoes for men and women in red and white with laces."
    )
    assert paraphrase(ItemLabels("Briefs", "Black"), 1) == "Black briefs."


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (ItemLabels("Shirts", "Orange"), "An orange shirt."),
        (ItemLabels("Umbrellas"), "An umbrella."),
        (ItemLabels("Kurtas", None, None, "Ethnic"), "A kurta, for ethnic wear."),
        (ItemLabels("Swimwear", "Blue"), "Blue swimwear."),
    ],
)
def test_articles(labels, expected):
    assert paraphrase(labels, 1) == expected


def test_what_the_catalog_knows_is_said():
    assert paraphrase(T_SHIRT, 0, ALL_FREE) == (
        "Navy blue casual cotton T-shirt by Wren for boys with short sleeves, a round neck and a "
        "slim fit."
    )
    assert detailed(T_SHIRT, 0, ALL_FREE) == (
        "A navy blue T-shirt by Wren for boys. It has short sleeves and a round neck. It is made "
        "of cotton, cut in a slim fit and made for casual wear."
    )
    assert detailed(SHOES, 1) == (
        "These casual shoes come in red and white with laces. They are made for men and women."
    )


TOP = ItemLabels("Tops", "Red", "Women", "Party", None, {"sleeves": "Sleeveless"})
RUNNERS = ItemLabels("Sports Shoes", "White", "Men", "Sports", None, {"fastening": "Lace-Ups"})
CAP = ItemLabels("Caps", "Blue", "Men", "Sports")


def test_no_sleeves_and_sport_are_said_as_a_shop_says_them():
    assert [paraphrase(TOP, style) for style in range(STYLE_COUNT)] == [
        "Red sleeveless party top for women.",
        "A red sleeveless top for women, for parties.",
        "Sleeveless party top for women in red.",
        "This women's sleeveless top in red is made for parties.",
        "Women's red sleeveless party top.",
        "A red sleeveless top for women, for parties.",
        "A sleeveless party top in red for women.",
        "A red sleeveless party top, made for women.",
        "A women's sleeveless top in red, for parties.",
        "This is a sleeveless party top for women in red.",
    ]
    assert detailed(TOP, 1) == (
        "This sleeveless top comes in red. It is made for women and for parties."
    )
    assert detailed(TOP, 0, FreeFacts(fabric="silk")) == (
        "A red sleeveless top for women. It is made of silk, for parties."
    )
    assert detailed(TOP, 0) == "A red sleeveless top for women. It is made for parties."
    assert paraphrase(RUNNERS, 8) == "A pair of men's sports shoes in white, with laces."
    assert detailed(RUNNERS, 0) == "A pair of white sports shoes for men. They have laces."
    assert paraphrase(CAP, 3) == "This men's cap in blue is made for sport."
    assert detailed(CAP, 0) == "A blue cap for men. It is made for sport."


def test_an_alternative_text_lets_details_go_until_it_fits():
    long = FreeFacts(brand="The Quite Old Company of Wren and All Her Daughters", fabric="cotton")
    whole = alt_text(T_SHIRT, FreeFacts(brand="Wren"))
    assert whole == ("Boys' navy blue casual T-shirt by Wren with short sleeves and a round neck.")
    shorter = alt_text(T_SHIRT, long)
    assert shorter == (
        "Boys' navy blue casual cotton T-shirt by The Quite Old Company of Wren and All Her "
        "Daughters with short sleeves."
    )
    assert len(shorter) <= ALT_TEXT_LENGTH


@pytest.mark.parametrize("style", range(STYLE_COUNT + 3))
def test_the_reader_reads_back_what_was_written(style):
    for labels in ITEMS:
        if style < STYLE_COUNT:
            text = paraphrase(labels, style)
        else:
            text = alt_text(labels) if style == STYLE_COUNT else detailed(labels, style % 2)
        stated = read(text)
        assert stated.product_types == {labels.product_type}, text
        assert stated.colours == set(labels.colours), text
        assert stated.genders == {labels.gender}, text
        assert labels.usage in stated.usages, text
        assert stated.patterns == ({labels.pattern} if labels.pattern else set()), text
        assert stated.details == set(labels.details.items()), text


def test_no_order_says_a_thing_twice_or_ends_in_mid_air():
    for labels in ITEMS:
        for style in range(STYLE_COUNT):
            text = paraphrase(labels, style)
            words = text.lower().strip(".").split()
            assert not any(one == other for one, other in pairwise(words)), text
            assert text[0].isupper()
            assert text.endswith(".")
            assert "  " not in text
            assert " ." not in text


def test_another_style_is_refused():
    with pytest.raises(ValueError, match="There are 10 styles, from 0; 10 is none"):
        paraphrase(T_SHIRT, 10)


def test_the_plain_sentence_is_the_first_order():
    assert all(sentence(labels) == paraphrase(labels, 0) for labels in ITEMS)


def test_every_kind_has_alternatives():
    assert set(ALTERNATIVES) >= {"product_type", "colour", "gender", "usage", "pattern", *DETAILS}
