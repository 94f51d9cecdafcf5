"""Fit on a stand-in whose two towers are tables: the arithmetic, not what a model learned."""

import pytest
import torch

from moda_engine import Describer
from moda_engine.describing.fit import FitScorer
from moda_engine.language.vocabulary import ALTERNATIVES, phrase

TEXT = "Blue casual shirt for men with long sleeves."


@pytest.fixture
def scorer(checkpoint, monkeypatch):
    """A scorer whose phrases are unit vectors of their own, and the place of each phrase."""
    describer = Describer.from_pretrained(checkpoint)
    scorer = FitScorer(describer.model, describer.processor)
    phrases = [phrase(kind, label) for kind, labels in ALTERNATIVES.items() for label in labels]
    vectors = dict(zip(phrases, torch.eye(len(phrases)), strict=True))
    monkeypatch.setattr(scorer, "_encoded", lambda texts: torch.stack([vectors[t] for t in texts]))
    describer.model.config.phrases = True
    describer.model.encoder.logit_scale.data.fill_(4.0)

    def photo_of(*shown):
        return sum(vectors[phrase(kind, label)] for kind, label in shown).unsqueeze(0)

    return scorer, photo_of


def test_each_detail_is_found_where_it_stands(scorer):
    scorer, photo_of = scorer
    (details,) = scorer.details(photo_of(("colour", "Blue")), [TEXT])
    assert [(item.kind, item.label, item.text) for item in details] == [
        ("colour", "Blue", "Blue"),
        ("usage", "Casual", "casual"),
        ("product_type", "Shirts", "shirt"),
        ("gender", "Men", "men"),
        ("sleeves", "Long Sleeves", "long sleeves"),
    ]
    assert all(TEXT[item.start : item.end] == item.text for item in details)


def test_a_wrong_word_is_pointed_at(scorer):
    scorer, photo_of = scorer
    shown = photo_of(("colour", "Red"), ("product_type", "Shirts"), ("gender", "Men"))
    (details,) = scorer.details(shown, [TEXT])
    by_kind = {item.kind: item for item in details}
    assert by_kind["colour"].score < 0.01
    assert by_kind["colour"].reason == "The photo looks more like red."
    assert by_kind["product_type"].score > 0.99
    assert by_kind["product_type"].reason == ""


def test_of_two_colours_neither_speaks_against_the_other(scorer):
    scorer, photo_of = scorer
    shown = photo_of(("colour", "Black"), ("colour", "White"))
    (details,) = scorer.details(shown, ["Black and white cap."])
    assert [item.score > 0.99 for item in details if item.kind == "colour"] == [True, True]


def test_a_text_that_states_nothing_has_no_details(scorer):
    scorer, photo_of = scorer
    assert scorer.details(photo_of(("colour", "Red")), ["Lovely."]) == [[]]


def test_sentences_are_scored_by_the_checkpoints_own_towers(checkpoint):
    describer = Describer.from_pretrained(checkpoint)
    scorer = FitScorer(describer.model, describer.processor)
    features = torch.randn(2, 16, generator=torch.Generator().manual_seed(0))
    both = scorer.sentence_scores(features, [TEXT, "Red cap."])
    alone = scorer.sentence_scores(features[1:], ["Red cap."])
    assert all(-1 <= score <= 1 for score in both)
    assert both[1] == pytest.approx(alone[0], abs=1e-6)


def test_a_text_tower_that_knows_no_phrases_points_at_nothing(checkpoint):
    describer = Describer.from_pretrained(checkpoint)
    scorer = FitScorer(describer.model, describer.processor)
    (details,) = scorer.details(torch.ones(1, 16), ["Red cap."])
    assert [(item.text, item.score, item.reason) for item in details] == [
        ("Red", None, ""),
        ("cap", None, ""),
    ]
