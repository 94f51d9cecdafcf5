"""How well photo and sentence fit, by the two towers of a checkpoint."""

import pytest
import torch

from moda_engine import Describer
from moda_engine.describing.fit import FitScorer

TEXT = "Blue casual shirt for men with long sleeves."


def test_sentences_are_scored_by_the_checkpoints_own_towers(checkpoint):
    describer = Describer.from_pretrained(checkpoint)
    scorer = FitScorer(describer.model, describer.processor)
    features = torch.randn(2, 16, generator=torch.Generator().manual_seed(0))
    both = scorer.sentence_scores(features, [TEXT, "Red cap."])
    alone = scorer.sentence_scores(features[1:], ["Red cap."])
    assert all(-1 <= score <= 1 for score in both)
    assert both[1] == pytest.approx(alone[0], abs=1e-6)
