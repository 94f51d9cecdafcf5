"""What the language model is conditioned on, and the names that it never sees."""

import pytest

from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.conditioning import (
    ALL_PLACEHOLDERS,
    facts_of_brief,
    order_of,
    stated_brief,
    with_placeholders,
    without_placeholders,
)
from moda_engine.language.labels import FreeFacts, stated_labels
from moda_engine.language.writing import STYLE_COUNT, paraphrase

KNOWN = [("brand", "Olive & Co"), ("fabric", "Organic Cotton"), ("fit", "Oversized")]
SHIRT = Brief(
    (
        Claim("product_type", "Tshirts", "photo", 0.9),
        Claim("colour", "Navy Blue", "photo", 0.8),
        Claim("pattern", "Solid", "photo", 0.8),
        Claim("gender", "Men", "catalog", 1.0),
        Claim("neck", "Round Neck", "photo", 0.7),
        *(Claim(kind, value, "catalog", 1.0) for kind, value in KNOWN),
        Claim("size", "S, M", "catalog", 1.0),
    )
)
FURTHER = [("chest_pocket", "Chest Pocket"), ("ribbed_cuffs", "Ribbed Cuffs")]
LABELS = "type: T-shirt; colour: navy blue; gender: men; neck: a round neck"
NAMED = "brand: Brand; fabric: Material; fit: Fitting"


def test_facts_hold_no_name():
    assert facts_of_brief(SHIRT) == f"{LABELS}; {NAMED}"
    assert facts_of_brief(SHIRT, 4) == f"{LABELS}; {NAMED}; order: 4"
    assert facts_of_brief(Brief()) == ""


def test_a_plain_design_is_a_fact_only_where_it_is_known():
    known = Brief((Claim("pattern", "Solid", "catalog", 1.0),))
    assert facts_of_brief(known, 0) == "pattern: solid; order: 0"
    assert facts_of_brief(Brief((Claim("pattern", "Solid", "photo", 1.0),)), 0) == "order: 0"


@pytest.mark.parametrize("placeholder", ALL_PLACEHOLDERS)
def test_no_placeholder_states_a_label(placeholder):
    assert stated_labels(f"Navy blue {placeholder} T-shirt") == stated_labels("Navy blue T-shirt")


@pytest.mark.parametrize("style", range(STYLE_COUNT))
def test_names_are_taken_out_and_put_back_in_every_order(style):
    names = FreeFacts("WREN", "linen", "slim fit")
    text = paraphrase(SHIRT.labels(), style, names)
    learned = with_placeholders(text, names)
    assert not any(name.lower() in learned.lower() for name in ("WREN", "linen", "slim"))
    assert without_placeholders(learned, names) == text


@pytest.mark.parametrize("style", range(STYLE_COUNT))
def test_further_details_are_taken_out_and_put_back_in_every_order(style):
    names = FreeFacts("WREN", further=("a chest pocket", "ribbed cuffs"))
    text = paraphrase(SHIRT.labels(), style, names)
    learned = with_placeholders(text, names)
    assert [word for word in ("Owner", "Warranty", "pocket", "cuffs") if word in learned] == [
        "Owner",
        "Warranty",
    ]
    assert without_placeholders(learned, names) == text


def test_further_details_are_a_fact_of_their_own():
    pocket, cuffs = (Claim(k, v, "photo", 0.96) for k, v in FURTHER)
    told = Brief((*SHIRT.claims, pocket, cuffs))
    assert facts_of_brief(told, 4) == f"{LABELS}; {NAMED}; details: Owner, Warranty; order: 4"
    stripes = Claim("horizontal_stripes", "Horizontal Stripes", "photo", 0.96)
    striped = Brief((Claim("pattern", "Striped", "photo", 0.9), stripes))
    assert facts_of_brief(striped) == "details: Owner"


@pytest.mark.parametrize(
    ("text", "learned"),
    [
        ("Shirt with a chest pocket.", "Shirt with Owner."),
        ("A chest pocket and cuffs.", "Owner and cuffs."),
        ("Shirt with a left chest pocket, ribbed sleeve cuffs.", "Shirt with Owner, Warranty."),
    ],
)
def test_further_details_of_people_s_texts_are_taken_out(text, learned):
    names = FreeFacts(further=("a chest pocket", "ribbed cuffs"))
    assert with_placeholders(text, names) == learned


def test_a_further_detail_brings_its_article():
    names = FreeFacts(further=("a chest pocket", "ribbed cuffs"))
    assert without_placeholders("A Owner, a Warranty.", names) == "A chest pocket, ribbed cuffs."


@pytest.mark.parametrize(
    ("text", "learned"),
    [
        ("Shirt by WREN.", "Shirt by Brand."),
        ("Wren: a shirt. Wren's own.", "Brand: a shirt. Brand's own."),
        ("An organic cotton shirt.", "A Material shirt."),
        ("A Slim-Fit shirt of Organic Cotton.", "A Fitting shirt of Material."),
        ("A brand new Brand shirt.", "A brand new brand shirt."),
        ("Wren shirt by Wren. Wrens sing.", "Brand shirt by Brand. Wrens sing."),
    ],
)
def test_names_of_people_s_texts_are_taken_out(text, learned):
    assert with_placeholders(text, FreeFacts("Wren", "organic cotton", "slim fit")) == learned


def test_a_brand_that_is_a_word_of_ours_is_taken_out_where_it_is_a_name():
    learned = with_placeholders("White shirt by White.", FreeFacts("White"))
    assert learned == "White shirt by Brand."


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("A Material shirt with a Fitting.", "An organic cotton shirt with an oversized fit."),
        ("Material shirt by Brand.", "Organic cotton shirt by iWren."),
        ("A shirt. Brand made it.", "A shirt. IWren made it."),
        ("Shirt by Branded.", "Shirt by Branded."),
        ("Shirt by Brand Brand.", "Shirt by iWren iWren."),
    ],
)
def test_names_are_filled_in(written, text):
    assert without_placeholders(written, FreeFacts("iWren", "organic cotton", "oversized fit")) == (
        text
    )


def test_a_placeholder_without_a_name_stays():
    assert without_placeholders("A shirt by Brand.", FreeFacts()) == "A shirt by Brand."
    assert with_placeholders("A cotton shirt.", FreeFacts()) == "A cotton shirt."


def test_a_caption_is_learned_under_what_it_states():
    text = "Ladies' off-white tee by olive & co, oversized fit."
    told = facts_of_brief(stated_brief(text, SHIRT), 2)
    # The wearer and the colour that people put right; no neck and no fabric, which they left out.
    assert told == (
        "type: T-shirt; colour: off-white; gender: women; brand: Brand; fit: Fitting; order: 2"
    )


def test_a_brand_that_is_a_word_of_ours_states_nothing():
    brief = Brief((Claim("brand", "White", "catalog", 1.0),))
    assert facts_of_brief(stated_brief("A shirt by White.", brief)) == "type: shirt; brand: Brand"


def test_a_label_that_the_shop_has_its_own_word_for_is_told():
    ink = [("colour", "Navy Blue"), ("neck", "Round Neck")]
    said = stated_brief("Ink T-shirt for men.", SHIRT, told_anyway=ink)
    assert facts_of_brief(said) == LABELS
    other = stated_brief("Red T-shirt for men.", SHIRT, told_anyway=ink)
    assert facts_of_brief(other) == "type: T-shirt; colour: red; gender: men; neck: a round neck"


def test_a_text_that_states_two_types_tells_none():
    assert facts_of_brief(stated_brief("A shirt and a skirt.", SHIRT)) == ""


def test_an_order_follows_from_the_seed():
    orders = [order_of(f"SKU-{number}") for number in range(2_000)]
    assert order_of("") is None
    assert order_of("TS-0042") == order_of("TS-0042") == 6
    assert {orders.count(order) > 150 for order in range(STYLE_COUNT)} == {True}
