"""Texts that the language model draws: judged, replaced where none stands, the same for a seed."""

import pytest
from PIL import Image

from moda_engine import DescribeOptions, Describer
from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.product import KnownProduct
from moda_engine.copywriting.voice import PLAIN_VOICE
from moda_engine.describing import candidates
from moda_engine.describing.candidates import SlotWriter, slot_facts
from tests.moda_engine.tiny import tiny_model

PHOTO = Image.new("RGB", (40, 40), (200, 30, 30))
CAP = Brief((Claim("product_type", "Caps", "catalog", 1.0, "title"),))


@pytest.fixture
def describer(monkeypatch):
    monkeypatch.setattr(candidates, "MOST_TOKENS", 40)
    model, processor = tiny_model()
    model.config.slots = ["title"]
    return Describer(model, processor)


def judged(describer, seed):
    known = KnownProduct(title="Red cap", brand="Wren", seed=seed)
    options = DescribeOptions(slots=("title", "bullets"))
    (found,) = describer.describe([PHOTO], [known], options)
    return found


def test_where_no_candidate_stands_the_writers_text_does_and_the_reasons_are_kept(describer):
    found = judged(describer, "A-1")
    assert found.title == "Wren Red Cap"
    assert list(found.judged) == ["title"]
    assert all(one.reasons for one in found.judged["title"])


def test_a_product_has_the_same_candidates_again_and_another_has_others(describer):
    drawn = {}
    for seed in ("A-1", "A-2", "A-1"):
        texts = [one.text for one in judged(describer, seed).judged["title"]]
        assert drawn.setdefault(seed, texts) == texts
    assert drawn["A-1"] != drawn["A-2"]


def test_the_model_is_told_which_text_is_wanted():
    assert slot_facts(CAP, "bullets") == "type: cap; write: bullets"
    assert slot_facts(Brief(), "title") == "write: title"


def test_a_candidate_that_is_true_is_the_text(describer, monkeypatch):
    writer = SlotWriter(describer.model, describer.processor)
    ids = describer.processor.tokenizer("Cap")["input_ids"]
    monkeypatch.setattr(SlotWriter, "_drawn", lambda *given: [(ids, -0.5, True)])
    choice = writer.choose("title", None, CAP, "A-1", PLAIN_VOICE)
    assert choice.text == "Cap"
