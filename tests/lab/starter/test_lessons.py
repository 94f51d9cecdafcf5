import random

from lab.starter.lessons import lesson
from moda_engine.brief.check import unsaid
from moda_engine.brief.known import known_claims
from moda_engine.brief.make import brief_of
from moda_engine.brief.product import KnownProduct
from moda_engine.language.labels import ItemLabels
from moda_engine.language.writing import STYLE_COUNT, paraphrase, sentence

SHIRT = ItemLabels(
    product_type="Shirts",
    colour="Navy Blue",
    gender="Men",
    usage="Formal",
    pattern="Striped",
    details={"sleeves": "Long Sleeves", "neck": "Spread Collar"},
)
LESSONS = [
    (asked.text(SHIRT), asked.facts)
    for asked in (lesson(SHIRT, random.Random(seed)) for seed in range(600))
]


def order_of(facts: str) -> int:
    (order,) = [fact for fact in facts.split("; ") if fact.startswith("order: ")]
    return int(order.removeprefix("order: "))


def test_without_facts_it_is_the_plain_sentence():
    plain = [text for text, facts in LESSONS if facts is None]
    assert set(plain) == {sentence(SHIRT)}
    assert 250 < len(plain) < 350


def test_every_order_is_asked_for_and_given():
    asked = {facts: text for text, facts in LESSONS if facts and ";" not in facts}
    assert {order_of(facts) for facts in asked} == set(range(STYLE_COUNT))
    for facts, text in asked.items():
        assert text == paraphrase(SHIRT, order_of(facts))


def test_what_is_told_is_said_even_against_the_photo():
    told = [
        (text, brief_of(known_claims(KnownProduct(facts=facts)), {}, {}))
        for text, facts in LESSONS
        if facts and ";" in facts
    ]
    assert len(told) > 100
    for text, brief in told:
        # A pattern that is plain, and a usage that the noun implies, need no word of their own.
        left = {claim.kind for claim in unsaid(text, brief)}
        assert left <= {"pattern", "usage"}, text
    colours = {brief.labels().colour for _, brief in told} - {None}
    assert "Navy Blue" in colours
    assert len(colours) > 5
