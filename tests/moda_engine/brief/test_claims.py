"""What a brief tells the writer and the language model."""

import pytest

from moda_engine.brief.claims import Brief, Claim
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
