"""A sentence rewritten: plain orders to learn, and other labels in any text."""

import pytest

from moda_engine.language.labels import FreeFacts, ItemLabels
from moda_engine.language.rewording import Frame, Names, own_text, plain_order
from moda_engine.language.writing import STYLE_COUNT, paraphrase, sentence

SEEN = ItemLabels("Tshirts", "Navy Blue", "Men", "Casual", None, {"sleeves": "Short Sleeves"})
TRUE = ItemLabels("Tshirts", "Black", "Men", "Casual", None, {"sleeves": "Short Sleeves"})


@pytest.mark.parametrize("order", range(STYLE_COUNT))
def test_a_draft_approved_as_it_is_or_corrected_is_learned_in_the_plain_order(order):
    drafted = paraphrase(SEEN, order)
    assert plain_order(drafted, drafted) == sentence(SEEN)
    assert plain_order(paraphrase(TRUE, order), drafted) == sentence(TRUE)


@pytest.mark.parametrize("order", range(1, STYLE_COUNT))
def test_an_order_that_people_chose_stays(order):
    approved = paraphrase(SEEN, order)
    assert plain_order(approved, sentence(SEEN)) == approved
    assert plain_order(approved, "") == approved  # written by hand
    assert plain_order(approved, "T-shirt, navy blue. For men.") == approved


def test_an_order_that_looks_like_another_where_little_is_known_is_no_choice():
    """Without details the sixth order says what the second says."""
    bare = ItemLabels("Kurtas", "Red", "Women", "Ethnic")
    approved, drafted = paraphrase(bare, 5), paraphrase(SEEN, 5)
    assert approved == paraphrase(bare, 1)
    assert plain_order(approved, drafted) == sentence(bare)
    assert plain_order(paraphrase(SEEN, 5), approved) == sentence(SEEN)


def test_a_text_in_nobodys_order_stays():
    approved = "T-shirt, navy blue. For men."
    assert plain_order(approved, paraphrase(SEEN, 3)) == approved


def test_what_was_told_stays_in_the_text():
    told = FreeFacts(brand="Wren", fabric="cotton")
    drafted, plain = paraphrase(SEEN, 6, told), paraphrase(SEEN, 0, told)
    assert plain_order(drafted, drafted, "brand: Wren; fabric: cotton") == plain
    assert plain_order(drafted, drafted) == drafted  # "Wren" is then people's word
    assert own_text(drafted) is None


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
