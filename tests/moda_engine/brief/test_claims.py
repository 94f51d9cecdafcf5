"""What a brief tells the writer and the language model."""

import json

import pytest

from moda_engine.brief.claims import Brief, Claim, Seen
from moda_engine.language.labels import FreeFacts, known_facts
from moda_engine.language.vocabulary import ALTERNATIVES

ALL = [(kind, label) for kind, labels in ALTERNATIVES.items() for label in labels]


def of(*pairs, source="catalog"):
    return Brief(tuple(Claim(kind, value, source, 1.0) for kind, value in pairs))


def test_the_text_that_the_model_is_told():
    claims = [
        ("brand", "Wren; Co"),
        ("neck", "Round Neck"),
        ("colour", "Black/Navy Blue"),
        ("product_type", "Tshirts"),
        ("fit", "Slim"),
        ("size", "S, M"),
    ]
    told = (
        "type: T-shirt; colour: black and navy blue; neck: a round neck; brand: Wren Co; fit: Slim"
    )
    assert of(*claims).facts_text() == told
    assert of(*reversed(claims), source="photo").facts_text() == told
    assert of().facts_text() == ""


@pytest.mark.parametrize(("kind", "label"), ALL, ids=lambda value: value)
def test_each_label_is_read_back_from_that_text(kind, label):
    assert known_facts(of((kind, label)).facts_text()).labels[kind] == label


def test_free_facts_are_as_the_writer_takes_them():
    claims = [("brand", "WREN"), ("fabric", "Cotton"), ("fit", "Slim"), ("pattern", "Solid")]
    assert of(*claims).free_facts() == FreeFacts("WREN", "cotton", "slim fit", plain=True)
    assert of(("pattern", "Solid"), source="photo").free_facts() == FreeFacts()


def test_a_brief_as_json_and_back():
    claims = (
        Claim("product_type", "Trousers", "catalog", 1.0, "title", Seen("Dresses", 0.9731)),
        Claim("colour", "Black/Navy Blue", "photo", 0.8412345),
        Claim("brand", "Wrén “Co”", "catalog", 1.0, "brand"),
    )
    colours = {"Red": 0.3, "Blue": 0.3, "Navy Blue": 0.35, "Black": 0.04, "White": 0.01}
    brief = Brief(claims, probabilities={"colour": colours, "gender": {"Men": 0.98765, "Women": 0}})
    stored = json.loads(json.dumps(brief.to_json()))
    assert stored == {
        "recognised": True,
        "reason": "",
        "claims": [
            {
                "kind": "product_type",
                "value": "Trousers",
                "source": "catalog",
                "probability": 1.0,
                "field": "title",
                "seen": {"value": "Dresses", "probability": 0.9731},
            },
            {
                "kind": "colour",
                "value": "Black/Navy Blue",
                "source": "photo",
                "probability": 0.8412345,
                "field": "",
                "seen": None,
            },
            {
                "kind": "brand",
                "value": "Wrén “Co”",
                "source": "catalog",
                "probability": 1.0,
                "field": "brand",
                "seen": None,
            },
        ],
        "probabilities": {
            "colour": {"Navy Blue": 0.35, "Blue": 0.3, "Red": 0.3},
            "gender": {"Men": 0.9877},
        },
    }
    back = Brief.from_json(stored)
    assert back.claims == claims
    assert back.to_json() == stored


def test_a_brief_of_nothing_as_json():
    nothing = Brief(recognised=False, reason="No item.")
    assert Brief.from_json(nothing.to_json()) == nothing
    assert Brief.from_json({}) == Brief()
