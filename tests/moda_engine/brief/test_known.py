"""What the catalog says, field by field; every row is what some shop typed."""

import pytest

from moda_engine.brief.claims import Claim
from moda_engine.brief.known import known_claims, stated_claims
from moda_engine.brief.product import KnownProduct


def known(**fields):
    """Kind → (value, field)."""
    claims = known_claims(KnownProduct.of(fields))
    return {claim.kind: (claim.value, claim.field) for claim in claims}


def values(**fields):
    return {kind: value for kind, (value, _) in known(**fields).items()}


SHIRT = {"product_type": "Shirts", "colour": "Blue"}
LONG_TITLE = ("Blue shirt with long sleeves for men, made in Porto " * 9)[:400]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "Blue shirt and trousers"}, {"colour": "Blue"}),
        ({"facts": "Blue shirt and trousers"}, {"colour": "Blue"}),
        ({"title": LONG_TITLE}, {**SHIRT, "gender": "Men", "sleeves": "Long Sleeves"}),
        ({"title": "قميص أزرق للرجال", "language": "ar"}, {}),
        ({"title": "<b>Blue</b> shirt<script>red dress</script>"}, SHIRT),
        ({"title": "Blue shirt &amp; more"}, SHIRT),
        ({"title": "Blue shirt, call +49 170 1234567 for $19.99"}, SHIRT),
        ({"attributes": {"Fabric": "see chart", "Neck": "refer image", "Fit": "-"}}, {}),
        ({"attributes": {"colour": "red", "color": "blue"}}, {}),
        ({"attributes": {"colour": "red", "color": "blue"}, "title": "Blue shirt"}, SHIRT),
        ({"facts": "colour: red; colour: blue"}, {"colour": "Red"}),
        ({"attributes": {f"note {n}": "red" for n in range(500)}, "title": "Blue shirt"}, SHIRT),
        ({"attributes": {"Fit": None, "Neck": {"a": 1}, "Colour": True, "Fabric": 7e300}}, {}),
        ({"title": None, "category": 3, "tags": {"a": 1}, "options": [], "attributes": "x"}, {}),
    ],
    ids=lambda value: str(value)[:40],
)
def test_bad_input_claims_only_what_was_said(fields, expected):
    assert values(**fields) == expected


@pytest.mark.parametrize(
    ("brand", "title", "colour"),
    [
        ("White", "White Women Top", None),
        ("White", "White Women White Top", "White"),
        ("White", "Women black top by White", "Black"),
        ("White", "Women white top by White", "White"),
        ("Red Tape", "Red Tape Women Brown Top", "Brown"),
        ("Boss Orange", "Boss Orange Women Top", None),
        ("boss orange", "Women Top, BOSS-ORANGE", None),
        ("Guess Kids", "Guess Kids Women Top", None),
    ],
)
def test_a_brand_is_cut_out_of_a_title(brand, title, colour):
    expected = {"product_type": "Tops", "gender": "Women", "brand": brand}
    assert values(brand=brand, title=title) == expected | ({"colour": colour} if colour else {})


def test_a_brand_that_an_attribute_names_is_cut_out_too():
    claims = known(title="Boss Orange Women Top", attributes={"Brand": "Boss Orange"})
    assert claims["brand"] == ("Boss Orange", "attributes.Brand")
    assert "colour" not in claims


def test_a_colour_column_means_its_colour_whatever_the_brand():
    assert known(brand="White", colour="White", title="White")["colour"] == ("White", "colour")


@pytest.mark.parametrize(
    ("brand", "gender"), [("Guess Kids", "Boys"), ("Mr. Men", "Boys"), ("Arrow Woman", "Boys")]
)
def test_a_brand_is_no_wearer(brand, gender):
    assert values(brand=brand, title=f"{brand} Boys Cap")["gender"] == gender
    assert "gender" not in values(brand=brand, title=f"{brand} Cap")


def test_what_counts_more_stands_for_what_counts_less():
    fields = {
        "facts": "colour: red",
        "colour": "blue",
        "attributes": {"Colour": "green"},
        "options": {"colour": ["pink"]},
        "title": "Black cap",
        "category": ["Shirts"],
        "tags": ["white", "top", "party"],
        "description": "A beige skirt for women, with stripes.",
    }
    assert [
        (claim.kind, claim.value, claim.field) for claim in stated_claims(KnownProduct.of(fields))
    ] == [
        ("colour", "Red", "facts"),
        ("colour", "Blue", "colour"),
        ("colour", "Green", "attributes.Colour"),
        ("colour", "Pink", "options.colour"),
        ("colour", "Black", "title"),
        ("product_type", "Caps", "title"),
        ("product_type", "Shirts", "category"),
        ("colour", "White", "tags"),
        ("product_type", "Tops", "tags"),
        ("usage", "Party", "tags"),
        ("product_type", "Skirts", "description"),
        ("gender", "Women", "description"),
        ("pattern", "Striped", "description"),
    ]
    assert known(**fields) == {
        "product_type": ("Caps", "title"),
        "colour": ("Red", "facts"),
        "pattern": ("Striped", "description"),
        "gender": ("Women", "description"),
        "usage": ("Party", "tags"),
    }


def test_a_claim_of_the_catalog_is_certain_and_names_its_field():
    assert known_claims(KnownProduct(title="Cap")) == [
        Claim("product_type", "Caps", "catalog", 1.0, "title")
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"colour": "Navy"}, {"colour": "Navy Blue"}),
        ({"colour": "Black / White"}, {"colour": "Black/White"}),
        ({"colour": "Red, blue, green"}, {}),
        ({"colour": "striped; green"}, {"colour": "Green", "pattern": "Striped"}),
        ({"gender": "F"}, {"gender": "Women"}),
        ({"gender": "masculine"}, {"gender": "Men"}),
        ({"gender": "Damen", "language": "de"}, {"gender": "Women"}),
        ({"gender": "kids"}, {}),
        ({"gender": "unisex"}, {"gender": "Unisex"}),
        ({"gender": "male", "attributes": {"age_group": "kids"}}, {"gender": "Boys"}),
        ({"gender": "unisex", "attributes": {"Age Group": "toddler"}}, {}),
        ({"title": "Men's tee", "attributes": {"age_group": "kids"}}, {"product_type": "Tshirts"}),
        ({"product_type": "Apparel > Clothing > Shirts & Tops"}, {}),
        ({"product_type": "Apparel > Clothing > Shirts"}, {"product_type": "Shirts"}),
        ({"options": {"Color": ["Navy"]}}, {"colour": "Navy Blue"}),
        ({"options": {"Color": ["Navy", "Red"]}}, {}),
        ({"options": {"Size": ["S", "M", "see chart", "M"]}}, {"size": "S, M"}),
        ({"tags": ["red", "blue", "sale"]}, {}),
        ({"attributes": {"Sleeve Length": "Half Sleeves"}}, {"sleeves": "Short Sleeves"}),
        ({"attributes": {"Pattern": "Check"}}, {"pattern": "Checked"}),
        ({"attributes": {"Occasion": ["Casual"]}}, {"usage": "Casual"}),
        ({"attributes": {"Material": "Cotton"}}, {"fabric": "Cotton"}),
        ({"attributes": {"Fit": "Slim"}}, {"fit": "Slim"}),
        ({"attributes": {"Fit": "The model is tall and wears M"}}, {}),
        ({"category": ["Men", "Slim Fit"]}, {"gender": "Men", "fit": "Slim Fit"}),
        ({"tags": ["sale", "regular fit"]}, {"fit": "Regular Fit"}),
        ({"attributes": {"Available Colors": "Navy"}}, {"colour": "Navy Blue"}),
        ({"attributes": {"sizes": "S, M"}}, {"size": "S, M"}),
        ({"attributes": {"Tags": "red, sale"}}, {"colour": "Red"}),
        ({"attributes": {"Lens Colour": "Green", "Type": "Sandals"}}, {}),
        ({"attributes": {"Neck": "Round Neck", "Collar": "Polo Collar"}}, {}),
    ],
    ids=str,
)
def test_single_fields(fields, expected):
    assert values(**fields) == expected


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("Women > Clothing > Dresses > Summer", {"product_type": "Dresses", "gender": "Women"}),
        ("Men > Shoes > Sports Shoes", {"product_type": "Sports Shoes", "gender": "Men"}),
        ("Watches > Straps", {}),
        ("White Week > Gold", {}),
        ("Tops & T-shirts", {}),
    ],
)
def test_the_lowest_level_of_a_category_counts_most(category, expected):
    found = values(category=category)
    assert {kind: found[kind] for kind in found if kind != "usage"} == expected


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Gold Dial White Watch", {"product_type": "Watches", "colour": "White"}),
        ("Black and Grey Dial Watch", {"product_type": "Watches"}),
        (
            "Blue Zip Purple Wallet",
            {"product_type": "Wallets", "colour": "Purple", "fastening": "Zip"},
        ),
        ("Golden Thread Work Black Kurti", {"product_type": "Kurtis", "colour": "Black"}),
        ("Black & White Cap", {"product_type": "Caps", "colour": "Black/White"}),
        ("Salwar Suit with Dupatta", {}),
        ("Football Black Jacket", {"product_type": "Jackets", "colour": "Black"}),
        ("Black Brief", {"product_type": "Briefs", "colour": "Black"}),
        ("Grey Trouser.", {"product_type": "Trousers", "colour": "Grey"}),
        ("Skirt top", {"product_type": "Tops"}),
        ("T-shirt for boys and girls", {"product_type": "Tshirts"}),
        ("Kids Boy Cap", {"product_type": "Caps", "gender": "Boys"}),
        ("No Show White Socks", {"product_type": "Socks", "colour": "White"}),
        ("Wren Men Slim-Fit Shirt", {"product_type": "Shirts", "gender": "Men", "fit": "Slim Fit"}),
        ("Regular fitted shirt", {"product_type": "Shirts", "fit": "Regular Fit"}),
        ("Skinny jeans", {"product_type": "Jeans", "fit": "Skinny Fit"}),
        ("Skinny belt", {"product_type": "Belts"}),
        ("Jeans with a slim belt", {"product_type": "Jeans"}),
        ("Shirt with a perfect fit", {"product_type": "Shirts"}),
        ("Slim fit or regular fit shirt", {"product_type": "Shirts"}),
        (
            "Casual Black Shoes",
            {"product_type": "Casual Shoes", "colour": "Black", "usage": "Casual"},
        ),
    ],
)
def test_titles(title, expected):
    assert values(title=title) == expected


def test_what_shoes_are_for_may_stand_in_another_field():
    claims = known(title="Women's Black Shoes", attributes={"Occasion": "Sports"})
    assert claims["product_type"] == ("Sports Shoes", "title")
    assert claims["usage"] == ("Sports", "attributes.Occasion")
    assert "product_type" not in known(title="Black Shoes", attributes={"Occasion": "Party"})


def test_an_explicit_fact_without_a_label_here_rules_out_what_prose_says():
    prose = {"title": "Solid red handbag", "description": "A handbag with a round neck."}
    assert values(**prose)["pattern"] == "Solid"
    assert "pattern" not in values(**prose, attributes={"Pattern": "Self Design"})
    assert "neck" not in values(**prose, attributes={"Neck": "Halter"})


def test_prose_tells_neither_colour_nor_occasion():
    text = "A red party top with short sleeves."
    assert values(description=text) == {"product_type": "Tops", "sleeves": "Short Sleeves"}


@pytest.mark.parametrize(
    ("language", "title", "expected"),
    [
        ("de", "Damen Kleid schwarz", ("Dresses", "Black", "Women")),
        ("de-AT", "Herren Hemd weiß", ("Shirts", "White", "Men")),
        ("de", "Men's navy blue T-shirt", ("Tshirts", "Navy Blue", "Men")),
        ("fr", "Robe noire pour femme", ("Dresses", "Black", "Women")),
        ("fi", "Men's navy blue T-shirt", ("Tshirts", "Navy Blue", "Men")),
        ("sv", "Bra kvalitet", (None, None, None)),
        ("xx/..", "Men's navy blue T-shirt", ("Tshirts", "Navy Blue", "Men")),
    ],
)
def test_other_languages(language, title, expected):
    found = values(title=title, language=language)
    assert tuple(found.get(kind) for kind in ("product_type", "colour", "gender")) == expected


@pytest.mark.parametrize("given", [{"facts": "Colour: Multi"}, {"colour": "multi "}])
def test_our_own_labels_are_read_wherever_a_field_is_one(given):
    assert [(one.kind, one.value) for one in known_claims(KnownProduct.of(given))] == [
        ("colour", "Multi")
    ]
