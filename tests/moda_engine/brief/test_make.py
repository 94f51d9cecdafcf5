"""A brief of what is known and seen."""

import pytest

from moda_engine.brief.claims import Claim, Seen
from moda_engine.brief.known import known_claims
from moda_engine.brief.make import NOT_RECOGNISED, UNNAMED, brief_of
from moda_engine.brief.product import KnownProduct
from moda_engine.language.further import FURTHER
from moda_engine.language.labels import ItemLabels
from moda_engine.language.vocabulary import ALTERNATIVES, DETAILS
from moda_engine.language.writing import paraphrase

SEEN = {
    "product_type": {"Tshirts": 0.9, "Tops": 0.1},
    "colour": {"White": 0.7, "Pink": 0.3},
    "gender": {"Men": 0.55, "Women": 0.45},
    "neck": {"Round Neck": 0.8, "V-Neck": 0.2},
    "fastening": {"Ankle Loop": 0.4},
}
SHOWN = {"pattern", *DETAILS}
THRESHOLDS = {"product_type": 0.5, "colour": 0.5, "gender": 0.6, "neck": 0.7, "fastening": 0.7}


def brief(seen=SEEN, known=None, **options):
    claims = known_claims(KnownProduct.of(known or {}))
    return brief_of(claims, seen, THRESHOLDS, **options)


def test_what_is_unlikely_is_not_said():
    assert brief().claims == (
        Claim("product_type", "Tshirts", "photo", 0.9),
        Claim("colour", "White", "photo", 0.7),
        Claim("neck", "Round Neck", "photo", 0.8),
    )


def test_a_wearer_that_no_photo_shows_is_said_only_where_known():
    assert brief().claim("gender") is None
    assert brief(known={"gender": "women"}).claim("gender").value == "Women"


@pytest.mark.parametrize(
    ("least", "kinds"),
    [
        # Not the ankle loop: no T-shirt has one.
        (0.0, ["product_type", "colour", "gender", "neck"]),
        (0.75, ["product_type", "neck"]),
        (0.8, ["product_type", "neck"]),
        (1.0, ["product_type"]),
    ],
)
def test_one_least_probability_replaces_all_thresholds(least, kinds):
    assert [claim.kind for claim in brief(min_probability=least).claims] == kinds


def test_of_a_photo_of_another_item_only_what_is_known_is_said():
    known = {"title": "Trousers", "brand": "Wren"}
    made = brief(known=known)
    assert [(claim.kind, claim.value, claim.source) for claim in made.claims] == [
        ("product_type", "Trousers", "catalog"),
        ("brand", "Wren", "catalog"),
    ]
    assert made.claim("product_type").seen == Seen("Tshirts", 0.9)
    assert brief(known=known, min_probability=0).claim("colour").source == "photo"
    # A top is no other item than a T-shirt.
    assert brief(known={"title": "Top"}).claim("colour").source == "photo"


def test_what_is_known_stands_in_for_what_is_seen_and_keeps_it():
    made = brief(known={"colour": "purple", "gender": "women", "title": "T-shirt"})
    assert made.claims == (
        Claim("product_type", "Tshirts", "catalog", 1.0, "title"),
        Claim("colour", "Purple", "catalog", 1.0, "colour", Seen("White", 0.7)),
        Claim("gender", "Women", "catalog", 1.0, "gender", Seen("Men", 0.55)),
        Claim("neck", "Round Neck", "photo", 0.8),
    )
    assert made.labels() == ItemLabels("Tshirts", "Purple", "Women", details={"neck": "Round Neck"})


@pytest.mark.parametrize(
    ("kind", "value", "label", "probability", "disagrees"),
    [
        ("colour", "purple", "White", 0.5, True),
        ("colour", "purple", "White", 0.49, False),
        ("colour", "navy", "Blue", 0.9, False),
        ("colour", "black and white", "White", 0.9, False),
        ("colour", "black and white", "Red", 0.9, True),
        ("gender", "unisex", "Men", 0.9, False),
        ("gender", "boys", "Men", 0.9, True),
        ("product_type", "cap", "Hat", 0.9, True),
    ],
)
def test_when_a_photo_disagrees(kind, value, label, probability, disagrees):
    claim = brief({kind: {label: probability}}, {kind: value}).claim(kind)
    assert claim.seen == (Seen(label, probability) if disagrees else None)


def test_details_that_the_type_cannot_have_are_left_out():
    seen = {"neck": {"Round Neck": 0.9}, "fastening": {"Lace-Ups": 0.9}}
    made = brief(seen, {"title": "Black casual shoes", "attributes": {"Sleeves": "long"}})
    assert [claim.kind for claim in made.claims] == ["product_type", "colour", "usage", "fastening"]


def test_labels_that_the_vocabulary_lacks_are_not_said():
    assert brief({"colour": {"Mud": 0.9, "Red": 0.1}, "mood": {"Glad": 1.0}, "usage": {}}) == brief(
        {"colour": {"Mud": 0.9, "Red": 0.1}, "mood": {"Glad": 1.0}, "usage": {}}
    )
    assert brief({"colour": {"Mud": 0.9}, "mood": {"Glad": 1.0}, "usage": {}}).claims == ()


def test_of_a_photo_without_a_garment_nothing_seen_is_claimed():
    made = brief(known={"colour": "purple"}, recognised=False)
    assert (made.recognised, made.reason) == (False, NOT_RECOGNISED)
    assert made.claims == (Claim("colour", "Purple", "catalog", 1.0, "colour"),)
    assert (brief().recognised, brief().reason) == (True, "")


def test_a_plain_design_is_said_where_the_catalog_knows_it():
    known = brief(known={"facts": "pattern: plain; type: cap; colour: red"}, seen={})
    assert paraphrase(known.labels(), 0, known.free_facts()) == "Plain red cap."
    seen = brief({"product_type": {"Caps": 0.9}, "pattern": {"Solid": 0.9}})
    assert paraphrase(seen.labels(), 0, seen.free_facts()) == "Cap."


def test_an_item_whose_type_is_too_unlikely_is_not_named():
    unsure = brief({"product_type": {"Caps": 0.3}, "colour": {"Red": 0.9}})
    assert (unsure.recognised, unsure.reason) == (False, UNNAMED)
    assert brief({"product_type": {"Caps": 0.3}}, min_probability=0.5).recognised
    assert brief({"product_type": {"Caps": 0.3}}, known={"title": "Red cap"}).recognised


def test_everything_is_said_where_everything_is_asked_for():
    nothing = brief(recognised=False, min_probability=0)
    assert (nothing.recognised, nothing.reason) == (False, NOT_RECOGNISED)
    assert nothing.claim("product_type").value == "Tshirts"


@pytest.mark.parametrize(
    ("product_type", "kinds"),
    [
        ("Caps", set()),
        ("Handbags", {"pattern"}),
        ("Trousers", {"fastening", "pattern"}),
        ("Sandals", {"toe", "fastening"}),
        ("Sports Shoes", {"fastening"}),
        ("Watches", {"display"}),
        ("Tops", {"sleeves", "neck", "pattern"}),
        ("Jackets", {"sleeves", "neck", "fastening", "pattern"}),
        ("Ties", {"pattern"}),
    ],
)
def test_no_item_is_seen_with_what_its_type_cannot_have(product_type, kinds):
    sure = {kind: {labels[0]: 0.99} for kind, labels in ALTERNATIVES.items() if kind in SHOWN}
    made = brief({"product_type": {product_type: 0.9}, **sure})
    assert {claim.kind for claim in made.claims} == {"product_type", *kinds}


POCKETS = {
    "chest_pocket": {"Chest Pocket": 0.97},
    "kangaroo_pocket": {"Kangaroo Pocket": 0.99},
    "ribbed_cuffs": {"Ribbed Cuffs": 0.98},
    "curved_hem": {"Curved Hem": 0.96},
    "ribbed_neckline": {"Ribbed Neckline": 0.95},
    "block_heel": {"Block Heel": 0.99},
}
FROM = dict.fromkeys(POCKETS, 0.9)


def further(seen, thresholds=FROM, **known):
    made = brief_of(known_claims(KnownProduct(**known)), seen, thresholds)
    return [(claim.kind, claim.source) for claim in made.claims if claim.kind in FURTHER]


def test_the_three_surest_further_details_are_claims_one_of_a_section():
    assert further(POCKETS, title="T-shirt") == [
        ("kangaroo_pocket", "photo"),
        ("ribbed_cuffs", "photo"),
        ("curved_hem", "photo"),
    ]


def test_known_further_details_come_first():
    assert further(POCKETS, title="T-shirt", description="A chest pocket, side slits.") == [
        ("chest_pocket", "catalog"),
        ("ribbed_cuffs", "photo"),
        ("side_slits", "catalog"),
    ]


def test_a_further_detail_needs_its_threshold_its_type_and_no_contradiction():
    assert further(POCKETS, dict.fromkeys(POCKETS, 0.98), title="T-shirt") == [
        ("kangaroo_pocket", "photo"),
        ("ribbed_cuffs", "photo"),
    ]
    assert further(POCKETS, {}, title="T-shirt") == []
    assert further(POCKETS, title="Watch") == []
    assert further(POCKETS, colour="Red") == []
    stripes = {"horizontal_stripes": {"Horizontal Stripes": 0.99}}
    at = {"horizontal_stripes": 0.9}
    assert further(stripes, at, title="Checked shirt") == []
    assert further(stripes, at, title="Shirt") == []
    assert further(stripes, at, title="Striped shirt") == [("horizontal_stripes", "photo")]


def test_nobody_wears_nail_polish_for_an_occasion():
    seen = {"product_type": {"Nail Polish": 0.9}, "usage": {"Casual": 0.9}}
    assert [claim.kind for claim in brief(seen).claims] == ["product_type"]
    told = brief(seen, {"attributes": {"Usage": "Party"}})
    assert [(claim.kind, claim.value) for claim in told.claims] == [
        ("product_type", "Nail Polish"),
        ("usage", "Party"),
    ]
