"""Lessons on an item: its brief, and the text that says just that."""

import random

from lab.starter.lessons import lesson
from moda_engine.brief.check import claims_of, unsaid
from moda_engine.brief.claims import FREE_KINDS, Brief, Claim
from moda_engine.brief.conditioning import FURTHER_PLACEHOLDERS, PLACEHOLDERS
from moda_engine.language.labels import ItemLabels, known_facts
from moda_engine.language.vocabulary import details_of_type
from moda_engine.language.writing import STYLE_COUNT

SHIRT = ItemLabels(
    product_type="Shirts",
    colour="Navy Blue",
    gender="Men",
    usage="Formal",
    pattern="Striped",
    details={"sleeves": "Long Sleeves", "neck": "Spread Collar"},
)
LESSONS = [lesson(SHIRT, random.Random(seed)) for seed in range(600)]


def facts_of(one):
    return dict(fact.split(": ") for fact in one.facts.split("; "))


def brief_of(one):
    """What the facts tell, as a brief that the catalog knows."""
    known = known_facts(one.facts)
    free = {kind: getattr(known.free, kind) for kind in FREE_KINDS if kind != "size"}
    claims = {**known.labels, **{kind: name for kind, name in free.items() if name}}
    return Brief(tuple(Claim(kind, value, "catalog", 1.0) for kind, value in claims.items()))


def test_a_text_says_its_brief_and_nothing_else():
    for one in LESSONS:
        text = one.text.replace("Fitting", "fitting fit")
        brief = brief_of(one)
        assert unsaid(text, brief) == [], one
        assert {claim.verdict for claim in claims_of(text, brief)} == {"known"}, one


def test_briefs_hold_one_claim_to_all():
    counts = [len(facts_of(one).keys() - {"order", "details"}) for one in LESSONS]
    assert min(counts) == 1
    assert max(counts) == 5 + len(details_of_type("Shirts")) + len(PLACEHOLDERS) == 11


def test_the_photo_s_labels_are_told_withheld_and_contradicted():
    colours = [facts_of(one).get("colour") for one in LESSONS]
    shares = [sum(colour == asked for colour in colours) / 600 for asked in ("navy blue", None)]
    assert 0.3 < shares[0] < 0.5
    assert 0.3 < shares[1] < 0.5
    assert len(set(colours)) > 40
    types = [facts_of(one)["type"] for one in LESSONS]
    assert 0.65 < types.count("shirt") / 600 < 0.75
    assert None not in types


def test_names_are_placeholders():
    for kind, placeholder in PLACEHOLDERS.items():
        told = [one for one in LESSONS if kind in facts_of(one)]
        assert 120 < len(told) < 240
        assert {facts_of(one)[kind] for one in told} == {placeholder}
        assert all(placeholder in one.text for one in told)
        assert not any(placeholder in one.text for one in LESSONS if one not in told)


def test_one_to_three_further_details_are_told_and_said_in_their_order():
    told = [facts_of(one).get("details", "") for one in LESSONS]
    for number, placeholder in enumerate(FURTHER_PLACEHOLDERS, 1):
        asked = ", ".join(FURTHER_PLACEHOLDERS[:number])
        assert 50 < told.count(asked) < 110, placeholder
    assert 320 < told.count("") < 400
    for one, asked in zip(LESSONS, told, strict=True):
        words = one.text.replace(",", " ").replace(".", " ").split()
        assert [word for word in words if word in FURTHER_PLACEHOLDERS] == [
            word for word in asked.split(", ") if word
        ]


def test_each_order_is_asked_for_and_none():
    orders = [facts_of(one).get("order") for one in LESSONS]
    assert 80 < orders.count(None) < 160
    assert {order for order in orders if order} == set(map(str, range(STYLE_COUNT)))
