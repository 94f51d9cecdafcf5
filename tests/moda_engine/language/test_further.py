"""The vocabulary of further details: what is written is read, and nothing is read twice."""

import pytest

from moda_engine.language.further import FURTHER, MOST_SAID, further_of_type, stated_by
from moda_engine.language.labels import FreeFacts, ItemLabels
from moda_engine.language.lexicon import _own_meanings, _words
from moda_engine.language.reading import read
from moda_engine.language.vocabulary import ALTERNATIVES, PRODUCT_TYPES
from moda_engine.language.writing import paraphrase


def test_there_are_hundreds_of_kinds():
    assert len(FURTHER) >= 300
    assert FURTHER["chest_pocket"].label == "Chest Pocket"
    assert FURTHER["chest_pocket"].section == "pockets"
    assert FURTHER["t_strap"].words == "a T-strap"


@pytest.mark.parametrize("kind", FURTHER)
def test_a_detail_is_read_in_all_its_words(kind):
    detail = FURTHER[kind]
    assert detail.types <= PRODUCT_TYPES.keys()
    for words in (detail.words, detail.bare, *detail.also):
        stated = read(f"Item with {words.replace('*', 'lower')}.")
        assert stated.further == {(kind, detail.label)}, words
        assert not stated.product_types | stated.colours | stated.genders | stated.usages


def test_no_words_of_a_detail_meant_another_thing():
    own = _own_meanings()
    for detail in FURTHER.values():
        for words in (detail.words, detail.bare, *detail.also):
            assert set(own.get(_words(words), ())) <= set(detail.states.items()), words


def test_what_a_detail_states_as_well_is_a_label():
    stated = [one for detail in FURTHER.values() for one in detail.states.items()]
    assert stated
    assert all(label in ALTERNATIVES[kind] for kind, label in stated)
    assert stated_by(["horizontal stripes", "a chest pocket"]) == {"pattern": "Striped"}


@pytest.mark.parametrize("product_type", PRODUCT_TYPES)
def test_what_is_written_of_an_item_is_read_again(product_type):
    kinds = sorted(further_of_type(product_type))
    for start in range(0, len(kinds), MOST_SAID):
        details = [FURTHER[kind] for kind in kinds[start : start + MOST_SAID]]
        facts = FreeFacts(further=tuple(one.words for one in details))
        text = paraphrase(ItemLabels(product_type), 0, facts)
        stated = read(text)
        assert stated.further == {(one.kind, one.label) for one in details}, text
        assert stated.product_types == {product_type}, text


def test_a_pattern_that_a_detail_names_is_said_once():
    facts = FreeFacts(further=("horizontal stripes",))
    labels = ItemLabels("Tshirts", "Blue", pattern="Striped")
    assert paraphrase(labels, 0, facts) == "Blue T-shirt with horizontal stripes."
    assert paraphrase(labels, 0) == "Blue striped T-shirt."


def test_a_hood_that_a_detail_names_is_said_once():
    facts = FreeFacts(further=("a drawstring hood",))
    labels = ItemLabels("Sweatshirts", details={"neck": "Hooded", "sleeves": "Long Sleeves"})
    expected = "Sweatshirt with long sleeves and a drawstring hood."
    assert paraphrase(labels, 0, facts) == expected


def test_a_denied_detail_is_not_read():
    assert read("Kurta without side slits.").further == frozenset()


def test_an_unknown_type_has_no_further_details():
    assert further_of_type(None) == further_of_type("Free Gifts") == frozenset()
