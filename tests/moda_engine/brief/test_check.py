"""A text held against its brief."""

import pytest

from moda_engine.brief.check import claims_of, is_doubtful, unsaid
from moda_engine.brief.claims import Brief, Claim, Seen
from moda_engine.brief.known import known_claims
from moda_engine.brief.make import brief_of
from moda_engine.brief.product import KnownProduct
from moda_engine.describing.wordings import is_true_to

BRIEF = Brief(
    (
        Claim("product_type", "Tshirts", "catalog", 1.0, "title"),
        Claim("colour", "Purple", "catalog", 1.0, "colour"),
        Claim("gender", "Unisex", "catalog", 1.0, "gender"),
        Claim("neck", "Round Neck", "photo", 0.94),
        Claim("brand", "White", "catalog", 1.0, "brand"),
    ),
    probabilities={"colour": {"White": 0.8}, "neck": {"V-Neck": 0.05}, "usage": {"Sports": 0.3}},
)


def judged(text, brief=BRIEF):
    return [
        (claim.text, claim.kind, claim.value, claim.source, claim.probability, claim.verdict)
        for claim in claims_of(text, brief)
    ]


def test_each_claim_of_a_text_has_source_probability_and_verdict():
    assert judged("Purple T-shirt by White for men and women with a round neck.") == [
        ("Purple", "colour", "Purple", "catalog", 1.0, "known"),
        ("T-shirt", "product_type", "Tshirts", "catalog", 1.0, "known"),
        ("White", "brand", "White", "catalog", 1.0, "known"),
        ("men and women", "gender", "Unisex", "catalog", 1.0, "known"),
        ("a round neck", "neck", "Round Neck", "photo", 0.94, "seen"),
    ]


def test_what_is_said_against_the_brief_is_marked():
    assert judged("White by White: a sports shirt for men with a V-neck and short sleeves") == [
        ("White", "colour", "White", "catalog", 0.0, "contradicted"),
        ("White", "brand", "White", "catalog", 1.0, "known"),
        ("sports", "usage", "Sports", "photo", 0.3, "unsupported"),
        ("shirt", "product_type", "Shirts", "catalog", 0.0, "contradicted"),
        ("men", "gender", "Men", "catalog", 0.0, "contradicted"),
        ("a V-neck", "neck", "V-Neck", "photo", 0.05, "contradicted"),
        ("short sleeves", "sleeves", "Short Sleeves", "photo", 0.0, "unsupported"),
    ]


def test_a_draft_that_says_the_opposite_of_its_columns_is_marked():
    product = KnownProduct(colour="purple", gender="for women")
    brief = brief_of(known_claims(product), {"product_type": {"Sports Shoes": 0.58}}, {})
    assert judged("White sports shoes, made for men.", brief) == [
        ("White", "colour", "White", "catalog", 0.0, "contradicted"),
        ("sports shoes", "product_type", "Sports Shoes", "photo", 0.58, "seen"),
        ("men", "gender", "Men", "catalog", 0.0, "contradicted"),
    ]


def test_what_is_known_is_never_doubtful_however_sure_the_photo_is():
    known = known_claims(KnownProduct(colour="purple"))
    brief = brief_of(known, {"colour": {"White": 0.99}}, {})
    [claim] = claims_of("A purple one.", brief)
    assert (claim.verdict, claim.probability) == ("known", 1.0)
    assert claim.claim.seen == Seen("White", 0.99)


def test_places_are_those_of_the_text():
    text = "Ein Süßes Shirt, näml. purple T-shirt"
    for claim in claims_of(text, BRIEF):
        assert text[claim.start : claim.end] == claim.text
    assert [claim.value for claim in claims_of(text, BRIEF)] == ["Shirts", "Purple", "Tshirts"]


def test_a_claim_leads_to_that_of_the_brief():
    [claim] = claims_of("white", Brief((Claim("colour", "Purple", "catalog", 1.0, "colour"),)))
    assert claim.claim == Claim("colour", "Purple", "catalog", 1.0, "colour")
    assert claims_of("white", Brief())[0].claim is None


def test_one_of_two_colours_is_known():
    brief = Brief((Claim("colour", "Black/White", "catalog", 1.0, "title"),))
    assert [row[-1] for row in judged("black and white", brief)] == ["known", "known"]
    assert [row[-1] for row in judged("red", brief)] == ["contradicted"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Purple T-shirt by White for men and women with a round neck.", []),
        ("Purple T-shirt", ["gender", "neck", "brand"]),
        ("A white shirt for men", ["product_type", "colour", "gender", "neck"]),
        ("", ["product_type", "colour", "gender", "neck", "brand"]),
    ],
)
def test_what_a_text_leaves_unsaid(text, kinds):
    assert [claim.kind for claim in unsaid(text, BRIEF)] == kinds


def test_a_plain_design_is_said_only_where_it_is_known():
    for source, kinds in (("photo", []), ("catalog", ["pattern"])):
        brief = Brief((Claim("pattern", "Solid", source, 1.0), Claim("size", "S", "catalog", 1.0)))
        assert [claim.kind for claim in unsaid("A shirt.", brief)] == kinds


@pytest.mark.parametrize("text", ["", "\x00", "ſtrange ﬁt", "(" * 3000, "x" * 30_000, "İs red"])
def test_any_text_is_read(text):
    assert all(text[c.start : c.end] == c.text for c in claims_of(text, BRIEF))


def test_doubtful_is_what_the_catalog_denies_and_what_the_photo_hardly_shows():
    text = "White by White: a sports shirt for men and women with a round neck and short sleeves"
    wrong = [claim.text for claim in claims_of(text, BRIEF) if is_doubtful(claim, BRIEF)]
    assert wrong == ["White", "sports", "shirt", "short sleeves"]


def test_where_no_photo_was_read_only_the_catalog_denies():
    brief = Brief(BRIEF.claims[:2])
    claims = claims_of("White T-shirt for men", brief)
    assert [claim.text for claim in claims if is_doubtful(claim, brief)] == ["White"]


def test_a_known_word_is_not_borne_out_where_the_photo_suggests_another():
    brief = Brief(
        (
            Claim("colour", "Navy Blue", "catalog", 1.0, "title", Seen("Black", 0.81)),
            Claim("gender", "Men", "catalog", 1.0, "gender"),
        )
    )
    claims = claims_of("Navy blue shirt for men, or black", brief)
    assert [claim.text for claim in claims if claim.is_not_borne_out] == ["Navy blue"]


def test_a_further_detail_that_stands_nowhere_is_not_doubtful_but_no_model_may_say_it():
    text = "Navy blue shirt for men with side pockets."
    [pockets] = [claim for claim in claims_of(text, BRIEF) if claim.kind == "side_pockets"]
    assert (pockets.text, pockets.verdict) == ("side pockets", "unsupported")
    assert not is_doubtful(pockets, BRIEF)
    assert not is_true_to(text, BRIEF, says_all=False)
