"""Other labels in any text: the words that take the place of the old ones, and all around them."""

import pytest

from moda_engine.brief.exchange import Frame, Names, exchanged, labels_in, places
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import DETAILS
from moda_engine.language.writing import STYLE_COUNT, paraphrase

NO_NAMES = Names({})


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("T-shirt, white. Sports.", {"colour": "Navy Blue"}, "T-shirt, navy blue. Sports."),
        ("T-shirt, white. For men.", {"product_type": "Tops"}, "Top, white. For men."),
        ("T-shirt, white. For men.", {"gender": "Unisex"}, "T-shirt, white. For men and women."),
        ("T-shirt for men and women.", {"gender": "Girls"}, "T-shirt for girls."),
        ("Casual tee for boys.", {"usage": "Formal", "gender": "Girls"}, "Formal tee for girls."),
        ("Men's navy shirt.", {"gender": "Boys"}, "Boys' navy shirt."),
        ("Boys' navy shirt.", {"gender": "Men"}, "Men's navy shirt."),
        ("The best shirt in blue!", {"product_type": "Tshirts"}, "The best T-shirt in blue!"),
        ("White shirt.", {"colour": "White"}, "White shirt."),
        ("White shirt.", {"usage": "Formal"}, "White shirt."),
    ],
)
def test_another_label_takes_the_place_of_the_stated_one(text, labels, expected):
    assert Frame.of(text).with_labels(labels, NO_NAMES) == expected


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("An orange shirt.", {"colour": "Red"}),
        ("A red shirt.", {"colour": "Orange"}),
        ("Men's navy shirt.", {"gender": "Unisex"}),
    ],
)
def test_a_word_that_would_not_fit_is_not_said(text, labels):
    assert Frame.of(text).with_labels(labels, NO_NAMES) is None


def test_an_article_stays_the_right_one():
    assert Frame.of("A red shirt.").with_labels({"colour": "Blue"}, NO_NAMES) == "A blue shirt."
    assert Frame.of("An orange cap.").with_labels({"colour": "Olive"}, NO_NAMES) == "An olive cap."


def test_only_a_kind_with_one_label_can_be_exchanged():
    frame = Frame.of("Black and white casual shirt for boys.")
    assert frame.labels == {"product_type": "Shirts", "gender": "Boys", "usage": "Casual"}


def test_others_are_of_the_same_number():
    trousers = Frame.of("Blue trousers for men.")
    assert "Jeans" in trousers.others("product_type")
    assert not {"Trousers", "Shirts"} & set(trousers.others("product_type"))
    assert trousers.others("gender") == ["Women", "Boys", "Girls", "Unisex"]


def test_labels_are_called_what_the_texts_call_them():
    texts = ["Trainers, white.", "Red trainers.", "Sports shoes, red.", "Men's flip flops."]
    names = Names.of(map(Frame.of, texts))
    assert Frame.of("Flip flops, white.").with_labels({"product_type": "Sports Shoes"}, names) == (
        "Trainers, white."
    )
    # A possessive is no name of the wearer.
    assert Frame.of("A cap for boys.").with_labels({"gender": "Men"}, names) == "A cap for men."


@pytest.mark.parametrize(
    ("text", "kind", "old", "new", "expected"),
    [
        ("A pink top for women.", "colour", "Pink", "White", "A white top for women."),
        ("A pink top for women.", "colour", "Pink", "Orange", "An orange top for women."),
        ("An orange top.", "colour", "Orange", "Black/White", "A black and white top."),
        ("Black and white top.", "colour", "Black/White", "Red", "Red top."),
        ("Pink top in pink.", "colour", "Pink", "Navy Blue", "Navy blue top in navy blue."),
        ("Pink top with white piping.", "colour", "Pink", "Red", "Red top with white piping."),
        ("PINK SHIRT FOR MEN", "gender", "Men", "Women", "PINK SHIRT FOR WOMEN"),
        ("Pink Top For Women", "colour", "Pink", "White", "White Top For Women"),
        ("Women's top for women.", "gender", "Women", "Girls", "Girls' top for girls."),
        ("Girls' pink top.", "gender", "Girls", "Men", "Men's pink top."),
        ("For girls.", "gender", "Girls", "Men", "For men."),
        ("Men’s pink top.", "gender", "Men", "Unisex", "Unisex pink top."),
        ("A unisex top.", "gender", "Unisex", "Men", "A men's top."),
        ("Top for men and women.", "gender", "Unisex", "Boys", "Top for boys."),
        ("For the man who runs.", "gender", "Men", "Women", "For the woman who runs."),
        ("T-shirts for men.", "product_type", "Tshirts", "Shirts", "Shirts for men."),
        ("A red dress.", "product_type", "Dresses", "Umbrellas", "A red umbrella."),
        ("A shirt.", "product_type", "Shirts", "Umbrellas", "An umbrella."),
        ("Watches for men.", "product_type", "Watches", "Scarves", "Scarves for men."),
        ("Blue jeans.", "product_type", "Jeans", "Shorts", "Blue shorts."),
        ("A casual shirt.", "usage", "Casual", "Ethnic", "An ethnic shirt."),
        ("A plain shirt.", "pattern", "Solid", "Striped", "A striped shirt."),
        ("A shirt with stripes.", "pattern", "Striped", "Checked", "A shirt with checks."),
        ("With a round neck, a zip.", "neck", "Round Neck", "V-Neck", "With a V-neck, a zip."),
        ("Round-neck shirt.", "neck", "Round Neck", "V-Neck", "V-neck shirt."),
        ("A sleeveless top.", "sleeves", "Sleeveless", "Long Sleeves", "A long-sleeved top."),
        ("Boots with a zip.", "fastening", "Zip", "Lace-Ups", "Boots with laces."),
        ("Boots with a zip.", "fastening", "Zip", "Ankle Loop", "Boots with an ankle loop."),
        ("Boots: laces.", "fastening", "Lace-Ups", "Zip", "Boots: a zip."),
    ],
)  # fmt: skip
def test_the_words_around_a_new_label_are_right(text, kind, old, new, expected):
    old_labels, new_labels = frozenset(old.split("/")), tuple(new.split("/"))
    assert exchanged(text, kind, old_labels, new_labels) == expected


@pytest.mark.parametrize(
    ("text", "kind", "old", "new"),
    [
        ("A red dress.", "product_type", "Dresses", "Jeans"),  # a pair
        ("A red dress.", "product_type", "Dresses", "Swimwear"),
        ("Blue jeans.", "product_type", "Jeans", "Skirts"),
        ("Grey hoodie.", "product_type", "Sweatshirts", "Jackets"),  # says the hood too
        ("A shirt for the office.", "usage", "Formal", "Sports"),
        ("Lace-up boots.", "fastening", "Lace-Ups", "Zip"),
        ("Round neck shirt.", "neck", "Round Neck", "Hooded"),
        ("A red shirt.", "colour", "Blue", "Pink"),  # it is not blue
        ("Menswear in red.", "gender", "Men", "Women"),
    ],
)
def test_where_no_words_fit_nothing_is_exchanged(text, kind, old, new):
    assert exchanged(text, kind, frozenset({old}), (new,)) is None


def test_a_brand_names_no_colour_and_keeps_its_words():
    assert exchanged(
        "A Red Tape shirt in red.", "colour", frozenset({"Red"}), ("Blue",), "Red Tape"
    ) == ("A Red Tape shirt in blue.")
    assert labels_in("A Red Tape shirt.", "Red Tape") == {"product_type": {"Shirts"}}


def test_labels_side_by_side_are_one_place():
    text = "Black and white shirt for men and women."
    assert [(place.labels, text[place.start : place.end]) for place in places(text)] == [
        (("Black", "White"), "Black and white"),
        (("Shirts",), "shirt"),
        (("Unisex",), "men and women"),
    ]


@pytest.mark.parametrize("style", range(STYLE_COUNT))
@pytest.mark.parametrize(
    ("kind", "new"),
    [("colour", "Orange"), ("gender", "Girls"), ("neck", "V-Neck"), ("sleeves", "Long Sleeves")],
)
def test_an_exchange_in_our_own_sentence_is_our_sentence_of_the_other_label(style, kind, new):
    details = {"sleeves": "Short Sleeves", "neck": "Round Neck"}
    labels = {"product_type": "Tops", "colour": "Pink", "gender": "Women", "usage": "Casual"}
    former = (labels | details)[kind]

    def written(known):
        own = {name: label for name, label in known.items() if name in DETAILS}
        others = {name: label for name, label in known.items() if name not in DETAILS}
        return paraphrase(ItemLabels(**others, details=own), style)

    text = written(labels | details)
    assert exchanged(text, kind, frozenset({former}), (new,)) == written(
        labels | details | {kind: new}
    )
