from dataclasses import replace

import pytest
import torch

from moda_engine.exceptions import DatasetError, TrainingError
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.optimization import learned_parameters
from moda_engine.training.recipe import DEFAULT
from moda_engine.training.trainer import mean_loss, train
from tests.moda_engine.tiny import SENTENCES, tiny_model

FINAL_GAIN = "language_model.model.decoder.final_layer_norm.weight"
QUICK = replace(DEFAULT, name="quick", epochs=60, batch_size=3, accumulation=1, learning_rate=5e-3)


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
    longer = replace(QUICK, epochs=20)
    # In float32, as `mean_loss` reckons: a machine that is fast at bfloat16 would train in that.
    figures = train(model, processor, captions, longer, validation=other, precision="float32")
    best = min(figure.validation_loss for figure in figures)
    assert best < figures[-1].validation_loss
    assert mean_loss(model, processor, other, QUICK.batch_size) == pytest.approx(best, abs=1e-5)


def test_without_validation_the_last_epoch_is_kept(model_and_processor, captions):
    model, processor = model_and_processor
    (*_, last) = train(model, processor, captions, replace(QUICK, epochs=3))
    assert last.validation_loss is None
    # The last epoch's loss was taken before its own step.
    assert mean_loss(model, processor, captions, 3) < last.training_loss


def test_the_same_seed_gives_the_same_losses(captions):
    runs = [train(*tiny_model(), captions, replace(QUICK, epochs=3)) for _ in range(2)]
    assert runs[0] == runs[1]
    other = train(*tiny_model(), captions, replace(QUICK, epochs=3, batch_size=1, seed=1))
    assert other != train(*tiny_model(), captions, replace(QUICK, epochs=3, batch_size=1))


def weights_after_a_step(captions, **recipe) -> dict[str, torch.Tensor]:
    model, processor = tiny_model()
    train(model, processor, captions, replace(QUICK, epochs=1, **recipe))
    return {name: value.detach() for name, value in learned_parameters(model).items()}


def test_accumulation_is_weighted_by_tokens():
    """A short caption and a long one in two batches weigh what they weigh in one."""
    captions = EncodedCaptions(torch.eye(2, 16), ["Red.", SENTENCES[0] * 3])
    together = weights_after_a_step(captions, batch_size=2, accumulation=1)
    apart = weights_after_a_step(captions, batch_size=1, accumulation=2)
    for name, value in together.items():
        # What a key is shifted by changes no attention: its gradient is noise around nothing.
        if not name.endswith("k_proj.bias"):
            torch.testing.assert_close(apart[name], value, rtol=1e-4, atol=1e-6)


def test_a_step_moves_by_its_own_rate(captions):
    """The first step of warm-up is a small one: AdamW's first move is the rate itself."""
    before = {name: value.detach() for name, value in learned_parameters(tiny_model()[0]).items()}
    recipe = {"weight_decay": 0.0, "clip_norm": None, "warm_up_share": 1.0}
    after = weights_after_a_step(captions, **recipe)
    bias = "projector.contract.bias"
    moved = (after[bias] - before[bias]).abs()
    assert moved.max().item() == pytest.approx(QUICK.learning_rate / 2, rel=1e-3)


def test_the_projector_learns_at_its_share_of_the_rate(captions):
    before = {name: value.detach() for name, value in learned_parameters(tiny_model()[0]).items()}
    recipe = {"weight_decay": 0.0, "clip_norm": None, "warm_up_share": 1.0}
    after = weights_after_a_step(captions, **recipe, projector_rate_share=0.1)
    for name, share in (("projector.contract.bias", 0.1), (FINAL_GAIN, 1.0)):
        moved = (after[name] - before[name]).abs().max().item()
        assert moved == pytest.approx(share * QUICK.learning_rate / 2, rel=1e-3)


def test_a_projector_that_does_not_learn_stays_as_it_was(captions):
    before, _ = tiny_model()
    model, processor = tiny_model()
    train(model, processor, captions, replace(QUICK, epochs=2, projector_rate_share=0.0))
    learned = {name for name, value in model.named_parameters() if value.requires_grad}
    assert learned
    for (name, value), was in zip(model.named_parameters(), before.parameters(), strict=True):
        assert torch.equal(value, was) != name.startswith("language_model."), name
        assert (name in learned) == name.startswith("language_model."), name


def test_only_matrices_decay_unless_the_recipe_says_otherwise(captions):
    recipe = {"learning_rate": 0.1, "weight_decay": 5.0, "clip_norm": None, "warm_up_share": 0.0}
    spared = weights_after_a_step(captions, **recipe)[FINAL_GAIN]
    decayed = weights_after_a_step(captions, **recipe, decay_vectors=True)[FINAL_GAIN]
    # A gain begins at 1; decay takes rate × decay of it.
    torch.testing.assert_close(spared - decayed, torch.full_like(spared, 0.5))


def test_steps_are_reported_in_turn(model_and_processor, captions):
    model, processor = model_and_processor
    steps = []
    recipe = replace(QUICK, epochs=2, batch_size=2)
    figures = train(model, processor, captions, recipe, on_step=steps.append)
    assert [(one.step, one.steps, one.epoch) for one in steps] == [
        (1, 4, 1), (2, 4, 1), (3, 4, 2), (4, 4, 2),
    ]  # fmt: skip
    tokens = sum(len(ids) for ids, _ in processor.sequences(SENTENCES))
    assert steps[0].tokens + steps[1].tokens == tokens
    mean = (steps[0].loss + steps[1].loss) / 2
    assert figures[0].training_loss == pytest.approx(mean, rel=1e-5)


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
    before = {name: value.clone() for name, value in learned_parameters(model).items()}
    with pytest.raises(TrainingError, match=r"no longer finite in step 1 \(nan\)"):
        train(model, processor, broken, QUICK)
    assert all(torch.equal(value, before[n]) for n, value in learned_parameters(model).items())


def test_a_validation_loss_that_is_not_finite_stops(model_and_processor, captions):
    model, processor = model_and_processor
    broken = EncodedCaptions(captions.features * float("inf"), SENTENCES)
    with pytest.raises(TrainingError, match="no longer finite in the validation of epoch 1"):
        train(model, processor, captions, QUICK, validation=broken)
