import pytest

from catalog.known_facts import LONGEST_FACTS, known_facts
from catalog.models import Category, Product


def test_what_is_known_in_the_order_of_the_form():
    product = Product(
        brand="Wren",
        colour="Navy",
        gender="women",
        category=Category(name="Shirts"),
        attributes={"fabric": "Wool", "fit": "NA", "care": "-", "sleeve": None},
    )
    assert known_facts(product) == (
        "brand: Wren; colour: Navy; gender: women; category: Shirts; fabric: Wool"
    )


@pytest.mark.parametrize("attributes", [{}, {"fit": "N/A"}, {"note": "a\0b"}])
def test_nothing_is_known(attributes):
    assert known_facts(Product(attributes=attributes)) == ""


def test_a_fact_that_does_not_fit_is_left_out_whole():
    product = Product(brand="Wren", attributes={"story": "x" * LONGEST_FACTS, "fit": "Slim"})
    assert known_facts(product) == "brand: Wren; fit: Slim"
