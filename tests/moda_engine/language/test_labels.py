import pytest

from moda_engine.language.labels import (
    FreeFacts,
    ItemLabels,
    KnownFacts,
    known_facts,
    labels_of_text,
)

PLAIN = "Navy blue casual T-shirt for boys with short sleeves and a round neck."


@pytest.mark.parametrize(
    ("text", "labels", "free"),
    [
        ("Color: navy; brand: Puma", {"colour": "Navy Blue"}, FreeFacts(brand="Puma")),
        ("brand: Red Tape", {}, FreeFacts(brand="Red Tape")),
        ("Material: Cotton\nFit: Slim", {}, FreeFacts(fabric="cotton", fit="slim fit")),
        ("occasion: Party; neck: V-neck", {"usage": "Party", "neck": "V-Neck"}, FreeFacts()),
        ("product_type: Tshirts", {"product_type": "Tshirts"}, FreeFacts()),
        ("colour: Black/White", {"colour": "Black/White"}, FreeFacts()),
        ("pattern: Solid", {"pattern": "Solid"}, FreeFacts(plain=True)),
        ("red", {"colour": "Red"}, FreeFacts()),
        ("colour: red; colour: blue", {"colour": "Red"}, FreeFacts()),
        ("season: Fall; price: 12; colour: bleu de France; fit:", {}, FreeFacts()),
        ("", {}, FreeFacts()),
        (None, {}, FreeFacts()),
    ],
)
def test_facts_are_read_in_a_shops_own_words(text, labels, free):
    assert known_facts(text) == KnownFacts(labels, free)


def test_no_facts_are_nothing():
    assert not known_facts("price: 12")
    assert known_facts("brand: Puma")


def test_the_labels_of_a_text():
    assert labels_of_text(PLAIN) == ItemLabels(
        "Tshirts",
        "Navy Blue",
        "Boys",
        "Casual",
        None,
        {"sleeves": "Short Sleeves", "neck": "Round Neck"},
    )
    assert labels_of_text("White and black cap.").colour == "White/Black"
    assert labels_of_text("Something red.") is None
    assert labels_of_text("A shirt and a skirt.") is None
