import random

import torch

from lab.starter.text_tower import (
    TextTowerRecipe,
    train_text_tower,
    with_one_exchanged,
)
from moda_engine.describing.fit import FitScorer
from moda_engine.language.labels import ItemLabels
from moda_engine.language.reading import read
from moda_engine.language.writing import sentence
from tests.moda_engine.tiny import tiny_model

T_SHIRT = ItemLabels(
    "Tshirts", "Red", "Boys", "Casual", "Solid", {"neck": "V-Neck", "sleeves": "Long Sleeves"}
)


def test_one_stated_label_is_exchanged():
    for seed in range(40):
        other = with_one_exchanged(T_SHIRT, random.Random(seed))
        before, after = read(sentence(T_SHIRT)), read(sentence(other))
        changed = [
            name
            for name in ("product_types", "colours", "genders", "patterns", "details")
            if getattr(before, name) != getattr(after, name)
        ]
        assert len(changed) == 1, sentence(other)


def test_only_the_text_tower_learns_and_it_learns_to_tell_colours():
    model, processor = tiny_model()
    encoder = model.encoder
    labels = [ItemLabels("Caps", colour) for colour in ("Red", "Blue", "Green")] * 8
    features = torch.eye(16)[[0, 1, 2] * 8]
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    recipe = TextTowerRecipe(epochs=30, batch_size=24, texts=6, learning_rate=1e-2)
    figures = []
    train_text_tower(encoder, features, labels, processor.tokenizer, recipe, figures.append)
    assert len(figures) == 30
    assert figures[-1]["loss"] < 0.6 * figures[0]["loss"]
    for name, value in encoder.state_dict().items():
        if name.startswith("vision_model") or name == "visual_projection.weight":
            assert value.equal(before[name]), name
    assert not any(parameter.requires_grad for parameter in encoder.parameters())
    scorer = FitScorer(model.eval(), processor)
    colours = ["Red cap.", "Blue cap.", "Green cap."]
    scores = scorer.sentence_scores(torch.eye(16)[[0, 0, 0]], colours)
    assert scores[0] > max(scores[1:]) + 0.1
