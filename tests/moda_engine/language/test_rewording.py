"""A sentence rewritten: plain orders to learn."""

import pytest

from moda_engine.language.labels import FreeFacts, ItemLabels
from moda_engine.language.rewording import own_text, plain_order
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
