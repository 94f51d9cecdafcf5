from dataclasses import replace

import pytest

from moda_engine.language.labels import (
    FreeFacts,
    ItemLabels,
    KnownFacts,
    known_facts,
    labels_of_text,
    unstated,
)
from moda_engine.language.rewording import OwnText, Wording, own_text, reworded, without_cut_word
from moda_engine.language.writing import STYLE_COUNT, paraphrase, sentence

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


def test_only_the_writers_own_text_is_taken_apart():
    assert own_text(PLAIN) == OwnText(labels_of_text(PLAIN), 0)
    assert own_text("Our softest navy blue T-shirt for boys.") is None
    assert own_text("") is None


def test_another_prose_keeps_its_words():
    prose = "Our softest navy blue T-shirt for boys."
    assert reworded(prose, known_facts("brand: Puma"), 3) == Wording(prose, prose, "", prose)


def test_without_facts_all_stays_as_it_was_seen():
    for style in range(STYLE_COUNT):
        text = reworded(PLAIN, KnownFacts(), style).standard
        assert labels_of_text(text) == labels_of_text(PLAIN)


def test_the_plain_order_stays_where_no_other_is_asked_for():
    assert reworded(PLAIN, KnownFacts(), None).standard == PLAIN


def test_an_order_of_words_that_was_learned_is_kept():
    learned = paraphrase(labels_of_text(PLAIN), 2)
    assert reworded(learned, KnownFacts(), 7).standard == learned
    assert reworded(learned, known_facts("colour: red"), 7).standard == paraphrase(
        replace(labels_of_text(PLAIN), colour="Red"), 2
    )


def test_facts_take_the_place_of_what_was_seen():
    facts = known_facts("brand: Red Tape; colour: red; gender: Girls; fabric: wool")
    wording = reworded(PLAIN, facts, 0)
    assert wording.standard == (
        "Red casual wool T-shirt by Red Tape for girls with short sleeves and a round neck."
    )
    for text in (wording.standard, wording.alt_text, wording.detailed):
        assert unstated(facts, text) == []


def test_details_that_the_known_type_cannot_have_are_let_go():
    wording = reworded(PLAIN, known_facts("type: sandals; toe: open toes"), 0)
    assert wording.standard == "Navy blue casual sandals for boys with open toes."


def test_a_known_plain_design_is_said():
    facts = known_facts("pattern: plain")
    wording = reworded(sentence(ItemLabels("Caps", "Red")), facts, 0)
    assert wording.standard == "Red plain cap."
    assert unstated(facts, wording.standard) == []


def test_what_a_text_does_not_say_is_named():
    facts = known_facts("brand: Puma; colour: red; type: cap")
    assert unstated(facts, "Blue cap by Pumas.") == [("brand", "Puma"), ("colour", "Red")]


def test_a_brand_inside_other_words_is_no_brand():
    facts = known_facts("brand: F Sports; product type: Sports Shoes")
    assert unstated(facts, "A pair of sports shoes by F Sports in white.") == []
    assert unstated(facts, "A pair of sports shoes in white.") == [("brand", "F Sports")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Blue shirt. With a coll", "Blue shirt."),
        ("Blue shirt, with a coll", "Blue shirt, with a"),
        ("Blue shirt, wi", "Blue shirt"),
        ("Blu", "Blu"),
        ("", ""),
    ],
)
def test_a_text_that_ran_out_of_room_ends_with_a_whole_word(text, expected):
    assert without_cut_word(text) == expected
