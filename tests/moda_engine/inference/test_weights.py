"""Laid-out weights are those of the model at the moment, whatever changed them."""

import pytest
import torch
from transformers import AlignConfig, GenerationConfig
from transformers.models.align.modeling_align import AlignModel

from moda_engine.inference.prompts import Prompt, Prompts
from moda_engine.inference.vision import ImageEncoder
from moda_engine.inference.weights import weights_digest
from moda_engine.inference.writer import Writer
from tests.moda_engine.tiny import tiny_model

TOKENS = 12


@pytest.fixture
def model():
    return tiny_model()[0].eval()


def written(writer, model) -> list[list[int]]:
    """What is written of three photos of noise."""
    torch.manual_seed(1)
    features = torch.randn(3, model.config.feature_size)
    start = torch.tensor([model.generation_config.bos_token_id or 1])
    prompts = [
        Prompt(prompt.embeds, TOKENS) for prompt in writer.prompts(features, [start] * 3, TOKENS)
    ]
    return [one.tokens for one in writer.write_all(Prompts(prompts), 3)]


@torch.no_grad()
def generated(model) -> list[list[int]]:
    """The same by transformers' own `generate`, each text up to its end."""
    torch.manual_seed(1)
    features = torch.randn(3, model.config.feature_size)
    start = torch.tensor([[model.generation_config.bos_token_id or 1]])
    end = model.generation_config.eos_token_id
    settings = GenerationConfig(
        max_new_tokens=TOKENS, do_sample=False, eos_token_id=end, pad_token_id=0
    )
    return [
        model.generate(input_ids=start, image_features=row[None], generation_config=settings)[
            0
        ].tolist()
        for row in features
    ]


def step(model, optimizer) -> None:
    model.train()
    tokens = torch.arange(4, 12).unsqueeze(0)
    features = torch.ones(1, model.config.feature_size)
    model(input_ids=tokens, image_features=features, labels=tokens).loss.backward()
    optimizer.step()
    model.eval()


OPTIMISERS = {
    "fused AdamW": lambda weights: torch.optim.AdamW(weights, lr=0.2, fused=True),
    "foreach AdamW": lambda weights: torch.optim.AdamW(weights, lr=0.2, foreach=True),
    "SGD": lambda weights: torch.optim.SGD(weights, lr=20.0),
    "fused SGD": lambda weights: torch.optim.SGD(weights, lr=20.0, fused=True),
}


@pytest.mark.parametrize("make", OPTIMISERS.values(), ids=OPTIMISERS.keys())
def test_a_step_of_any_optimiser_is_written_with(model, make):
    writer = Writer(model)
    before = written(writer, model)
    assert before == generated(model)
    step(model, make(model.language_model.parameters()))
    after = written(writer, model)
    assert after == generated(model)
    assert after != before


def negated(model) -> dict[str, torch.Tensor]:
    return {name: -value for name, value in model.language_model.state_dict().items()}


def through_data(model) -> None:
    for name, value in model.language_model.named_parameters():
        value.data.copy_(negated(model)[name]) if "fc1" in name else None


def exchanged_data(model) -> None:
    for value in model.language_model.parameters():
        value.data = -value.data


def swapped_rows(model) -> None:
    table = model.language_model.get_output_embeddings().weight
    table.data[[1, 2, 3, 4, 5, 6]] = table.data[[6, 5, 4, 3, 2, 1]]


CHANGES = {
    "load_state_dict": lambda model: model.language_model.load_state_dict(negated(model)),
    "assigned": lambda model: model.language_model.load_state_dict(negated(model), assign=True),
    "through .data": through_data,
    "exchanged .data": exchanged_data,
    "rows swapped": swapped_rows,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_weights_that_were_exchanged_are_written_with(model, change):
    writer = Writer(model)
    written(writer, model)
    digest = weights_digest(model.language_model)
    change(model)
    assert weights_digest(model.language_model) != digest
    assert written(writer, model) == generated(model)


def test_unchanged_weights_stay_laid_out(model):
    writer = Writer(model)
    decoder = writer.decoder()
    written(writer, model)
    assert writer.decoder() is decoder


def test_settings_that_ask_for_more_than_the_likeliest_token_are_followed(model):
    writer = Writer(model)
    assert writer.decoder() is not None
    model.generation_config.repetition_penalty = 1.5
    assert writer.decoder() is None
    model.generation_config.repetition_penalty = None
    assert writer.decoder() is not None


@pytest.mark.parametrize("part", ["vision_model", "visual_projection"])
def test_an_encoder_changed_through_data_is_asked_as_it_is(model, part):
    encode = ImageEncoder(model)
    pixels = torch.randn(2, 3, 32, 32)
    before = encode(pixels)
    for value in getattr(model.encoder, part).parameters():
        value.data.mul_(-0.5)
    assert not torch.allclose(encode(pixels), before, atol=1e-3)
    torch.testing.assert_close(encode(pixels), model.encode_images(pixels), rtol=1e-4, atol=1e-4)


def test_statistics_of_a_normalisation_count_as_weights(model):
    encode = ImageEncoder(model)
    pixels = torch.randn(2, 3, 32, 32)
    encode(pixels)
    for name, value in model.encoder.vision_model.named_buffers():
        if name.endswith("running_mean"):
            value.data.add_(1)
    torch.testing.assert_close(encode(pixels), model.encode_images(pixels), rtol=1e-4, atol=1e-4)


def test_weights_in_half_precision_have_digests_too():
    layer = torch.nn.Linear(3, 5).bfloat16()  # rows of six bytes
    digest = weights_digest(layer)
    assert weights_digest(layer) == digest
    layer.weight.data[2, 1] += 1
    assert weights_digest(layer) != digest


def test_weights_that_lie_anywhere_in_a_longer_tensor_have_digests():
    """As `vector_to_parameters` leaves them: at places that eight bytes do not divide."""
    layer = torch.nn.Linear(4, 4, bias=False)
    values = torch.arange(17.0)
    layer.weight.data = values[1:].view(4, 4)
    digest = weights_digest(layer)
    assert weights_digest(layer) == digest
    values[3] += 1
    assert weights_digest(layer) != digest


def test_two_biases_that_change_places_change_the_digest():
    layer = torch.nn.Linear(4, 4)
    digest = weights_digest(layer)
    layer.bias.data[[0, 2]] = layer.bias.data[[2, 0]]
    assert weights_digest(layer) != digest


def test_an_encoder_without_a_projection_is_asked_as_it_is(model):
    """ALIGN's features are its image encoder's own."""
    torch.manual_seed(0)
    vision = {"hidden_dim": 16, "width_coefficient": 0.1, "depth_coefficient": 0.1}
    settings = AlignConfig(text_config={"num_hidden_layers": 1}, vision_config=vision)
    model.encoder = AlignModel(settings).eval()
    encode = ImageEncoder(model)
    pixels = torch.randn(2, 3, 64, 64)
    assert torch.equal(encode(pixels), model.encode_images(pixels))
    encode.keep_fused_alone()
    assert torch.equal(encode(pixels), model.encode_images(pixels))


def test_serving_reads_no_weights_before_it_writes(model, monkeypatch):
    """Not even where nothing could be laid out, so that nothing can be out of date."""
    writer, encode = Writer(model), ImageEncoder(model)
    model.language_model.config.model_type = "unknown"
    model.encoder.config.vision_config.layer_type = "bottleneck"
    writer.keep_fused_alone(None)
    encode.keep_fused_alone()
    monkeypatch.setattr("moda_engine.inference.writer.weights_digest", None)
    monkeypatch.setattr("moda_engine.inference.vision.weights_digest", None)
    assert writer.decoder() is None
    assert encode(torch.randn(1, 3, 32, 32)).shape == (1, 16)
