from dataclasses import replace

import pytest
import torch

from moda_engine.exceptions import DatasetError
from moda_engine.training.examples import EncodedCaptions
from moda_engine.training.recipe import DEFAULT, SEED, Recipe
from moda_engine.training.trainer import mean_loss, train
from tests.moda_engine.tiny import SENTENCES

QUICK = replace(DEFAULT, name="quick", epochs=60, batch_size=3, learning_rate=5e-3)


@pytest.fixture
def captions():
    return EncodedCaptions(torch.eye(3, 16) * 4, SENTENCES)


def test_it_learns_to_say_the_captions(model_and_processor, captions):
    model, processor = model_and_processor
    figures = train(model, processor, captions, QUICK, validation=captions)
    assert figures[0].training_loss > 3
    assert min(figure.validation_loss for figure in figures) < 0.05
    sequences = model.eval().generate(image_features=captions.features, max_new_tokens=40)
    assert processor.tokenizer.batch_decode(sequences, skip_special_tokens=True) == SENTENCES


def test_the_best_epoch_is_kept(model_and_processor, captions):
    model, processor = model_and_processor
    other = EncodedCaptions(captions.features.roll(1, 0), SENTENCES)
    train(model, processor, other, QUICK)  # so that what follows makes it forget
    figures = train(model, processor, captions, replace(QUICK, epochs=20), validation=other)
    best = min(figure.validation_loss for figure in figures)
    assert best < figures[-1].validation_loss
    assert mean_loss(model, processor, other, QUICK.batch_size) == pytest.approx(best, abs=1e-5)


def test_the_same_seed_gives_the_same_losses(captions):
    from tests.moda_engine.tiny import tiny_model

    runs = [train(*tiny_model(), captions, replace(QUICK, epochs=3)) for _ in range(2)]
    assert runs[0] == runs[1]


def test_validation_loss_is_the_mean_of_batch_means(model_and_processor, captions):
    model, processor = model_and_processor
    singles = [
        mean_loss(model, processor, EncodedCaptions(captions.features[i : i + 1], [text]), 1)
        for i, text in enumerate(SENTENCES)
    ]
    assert mean_loss(model, processor, captions, 1) == pytest.approx(sum(singles) / 3, rel=1e-5)


def test_an_empty_set_is_refused(model_and_processor):
    model, processor = model_and_processor
    with pytest.raises(DatasetError, match="training set is empty"):
        train(model, processor, EncodedCaptions(torch.empty(0, 16), []), QUICK)


def test_a_loss_that_is_not_finite_stops(model_and_processor, captions):
    model, processor = model_and_processor
    broken = EncodedCaptions(captions.features * float("nan"), SENTENCES)
    with pytest.raises(DatasetError, match="no longer finite"):
        train(model, processor, broken, QUICK)


def test_the_published_recipe():
    assert Recipe("seed", 20, 32, 8, 1e-3, 0.01, "step") == SEED


def test_recipes_check_themselves():
    with pytest.raises(ValueError, match="Unknown schedule 'linear'"):
        replace(DEFAULT, schedule="linear")
    with pytest.raises(ValueError, match="1 or more"):
        replace(DEFAULT, epochs=0)
