import pytest

from moda_engine.language.exchange import Frame, Names

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
    assert Frame.of(text).saying(labels, NO_NAMES) == expected


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("An orange shirt.", {"colour": "Red"}),
        ("A red shirt.", {"colour": "Orange"}),
        ("Men's navy shirt.", {"gender": "Unisex"}),
    ],
)
def test_a_word_that_would_not_fit_is_not_said(text, labels):
    assert Frame.of(text).saying(labels, NO_NAMES) is None


def test_an_article_stays_the_right_one():
    assert Frame.of("A red shirt.").saying({"colour": "Blue"}, NO_NAMES) == "A blue shirt."
    assert Frame.of("An orange cap.").saying({"colour": "Olive"}, NO_NAMES) == "An olive cap."


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
    assert Frame.of("Flip flops, white.").saying({"product_type": "Sports Shoes"}, names) == (
        "Trainers, white."
    )
    # A possessive is no name of the wearer.
    assert Frame.of("A cap for boys.").saying({"gender": "Men"}, names) == "A cap for men."
