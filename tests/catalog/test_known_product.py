"""What descriptions are told: everything that the shop says, and nothing that a model said."""

import pytest

from catalog.choices import DescriptionState, KnownSource
from catalog.known_product import LONGEST_TEXT, MOST_VALUES, attributes_known, products_known
from catalog.models import Product
from tests.factories import CategoryFactory, DescriptionFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def known_of(product, **asked):
    return products_known([product.pk], **asked)[product.pk]


@pytest.fixture
def product():
    women = CategoryFactory(name="Women")
    shoes = CategoryFactory(name="Shoes", parent=women)
    product = ProductFactory(
        sku="A-1",
        title="Ballet flats",
        brand="Wren",
        category=CategoryFactory(name="Flats", parent=shoes),
        colour="Navy",
        gender="women",
        attributes={
            "Product_Type": "Shoes > Flats",
            "Size": "36, 37",
            "colors": ["Navy", "Red"],
            "tags": "summer, new ",
            "Toe": "round",
            "care": "-",
            "note": "N/A",
        },
    )
    DescriptionFactory(product=product, standard="Soft flats.", generated_standard="")
    return product


EVERYTHING = {
    "title": "Ballet flats",
    "brand": "Wren",
    "category": ["Women", "Shoes", "Flats"],
    "product_type": "Shoes > Flats",
    "colour": "Navy",
    "gender": "women",
    "options": {"size": ["36", "37"], "colour": ["Navy", "Red"]},
    "attributes": {"Toe": "round"},
    "tags": ["summer", "new"],
    "description": "Soft flats.",
}


def test_everything_that_the_shop_says_is_told(product):
    assert known_of(product) == {**EVERYTHING, "seed": "A-1"}


@pytest.mark.parametrize("source", KnownSource.values)
def test_single_sources_are_left_out(product, source):
    sources = [name for name in KnownSource.values if name != source]
    rest = {name: value for name, value in EVERYTHING.items() if name != source}
    assert known_of(product, sources=sources) == {**rest, "seed": "A-1"}


def test_what_is_empty_is_not_told():
    product = ProductFactory(sku="B", title="Cap")
    assert known_of(product) == {"title": "Cap", "seed": "B"}
    assert known_of(product, sources=[]) == {"seed": "B"}


def test_a_product_that_is_gone_is_not_there(product):
    assert products_known([product.pk, product.pk + 1]).keys() == {product.pk}


def test_the_language_of_the_shop(settings):
    settings.SHOP_LANGUAGE = "de"
    product = ProductFactory(sku="C", title="Rotes Kleid")
    assert known_of(product) == {"title": "Rotes Kleid", "language": "de", "seed": "C"}


def test_queries_do_not_grow_with_the_products(product, django_assert_num_queries):
    others = [ProductFactory(category=product.category).pk for _ in range(5)]
    for ids in ([product.pk], [product.pk, *others]):
        # Products, categories, own texts, the style sheet, voices.
        with django_assert_num_queries(5):
            products_known(ids)


def test_what_a_model_wrote_is_never_told():
    product = ProductFactory(sku="D", title="Cap")
    machine = DescriptionFactory(product=product, standard="A cap.", generated_standard="A cap.")
    edited = DescriptionFactory(
        product=product,
        standard="A red cap.",
        generated_standard="A cap.",
        state=DescriptionState.APPROVED,
        created_by=UserFactory(),
    )
    assert {machine.product, edited.product} == {product}
    assert "description" not in known_of(product)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        ([("draft", "en"), ("approved", "en"), ("draft", "en")], 1),
        ([("superseded", "en"), ("draft", "en")], 1),
        ([("draft", "en"), ("draft", "de")], 0),
        ([("approved", "de"), ("draft", "en")], 0),
        ([("rejected", "en"), ("withdrawn", "en")], None),
    ],
)
def test_which_own_text_is_told(texts, told):
    product = ProductFactory()
    for number, (state, language) in enumerate(texts):
        DescriptionFactory(
            product=product,
            state=state,
            language=language,
            standard=f"Text {number}.",
            generated_standard="",
        )
    assert known_of(product).get("description") == (None if told is None else f"Text {told}.")


def test_five_hundred_attributes_and_a_long_one():
    attributes = {f"fact {number}": "x" * 3_000 for number in range(500)}
    known = known_of(ProductFactory(attributes=attributes))
    assert len(known["attributes"]) == MOST_VALUES
    assert {len(value) for value in known["attributes"].values()} == {LONGEST_TEXT}


@pytest.mark.parametrize(
    ("attributes", "shown"),
    [
        ({"fit": "N/A", "care": "", "lining": None, "note": "-"}, []),
        (
            {"fit": "slim", "size": 38, "sizes": ["S"]},
            [("fit", "slim"), ("size", 38), ("sizes", ["S"])],
        ),
    ],
)
def test_attributes_that_say_something(attributes, shown):
    assert attributes_known(Product(attributes=attributes)) == shown


def test_a_nul_never_reaches_the_database():
    product = ProductFactory(attributes={"note": "a b"})
    product.attributes = {"no\0te": ["a\0b"], "size": "S\0, M"}
    from catalog.known_product import _columns, _storable

    assert _storable(_columns(product))["attributes"] == {"no te": ["a b"]}
