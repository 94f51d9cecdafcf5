"""Describers that keep no more than describing needs."""

import dataclasses
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import CLIPConfig, CLIPTextConfig, OPTConfig, ResNetConfig

from moda_engine import (
    DescribeOptions,
    Describer,
    DualEncoderConfig,
    ModaConfig,
    ModaForCaptioning,
)
from moda_engine.checkpoint import parameter_count
from moda_engine.inference.convolutions import ResidualVision, folded_vision
from moda_engine.inference.vision import ImageEncoder
from tests.moda_engine.test_adapter import adapters  # noqa: F401 (a fixture)
from tests.moda_engine.tiny import tiny_model


@pytest.mark.fused
def test_the_same_texts_without_the_layers_own_weights(checkpoint, photos, adapters):  # noqa: F811
    whole = Describer.from_pretrained(checkpoint)
    lean = Describer.from_pretrained(checkpoint, text_tower=False, serving=True)
    assert lean.model.language_model.model.decoder.layers[0].fc1.weight.numel() == 0
    stem = lean.model.encoder.vision_model.embedder.embedder
    assert stem.convolution.weight.numel() == 0
    for describer in (whole, lean):
        describer.load_adapter(adapters[0], "brand")
    for adapter in (None, "brand", None):
        options = DescribeOptions(adapter=adapter)
        expected = whole.describe(photos, options=options)
        found = lean.describe(photos, options=options)
        assert found == [dataclasses.replace(one, fit=None) for one in expected]


def _mapped_file(address: int) -> str:
    """The file that lies at the address in this process's memory, or nothing."""
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        span, _, _, _, _, *path = line.split(maxsplit=5)
        first, last = (int(part, 16) for part in span.split("-"))
        if first <= address < last:
            return "".join(path)
    return ""


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux what is mapped")
def test_tokens_are_looked_up_in_the_file_where_it_has_the_precision(checkpoint):
    for dtype, is_mapped in ((torch.float32, True), (torch.bfloat16, False)):
        lean = Describer.from_pretrained(checkpoint, dtype=dtype, serving=True)
        table = lean.model.get_input_embeddings().weight
        file = _mapped_file(table.data_ptr())
        assert file.endswith("model.safetensors") is is_mapped
        expected = load_file(checkpoint / "model.safetensors")
        name = "language_model.model.decoder.embed_tokens.weight"
        assert table.equal(expected[name].to(dtype))


def test_fit_is_given_where_it_is_asked_for_and_there_is_a_tower(checkpoint, photos):
    whole = Describer.from_pretrained(checkpoint)
    lean = Describer.from_pretrained(checkpoint, text_tower=False)
    assert whole.describe(photos[:1])[0].fit is not None
    assert whole.describe(photos[:1], options=DescribeOptions(fit=False))[0].fit is None
    assert lean.describe(photos[:1])[0].fit is None
    assert not hasattr(lean.model.encoder, "text_model")


def test_a_small_model_computes_in_single_precision_wherever_it_is(checkpoint):
    weights = load_file(checkpoint / "model.safetensors")
    assert parameter_count(checkpoint) == sum(value.numel() for value in weights.values())
    assert Describer.from_pretrained(checkpoint, device="cpu").model.dtype == torch.float32


@pytest.fixture(scope="module")
def clip_model():
    """A captioner with a small CLIP in front."""
    torch.manual_seed(0)
    config = CLIPConfig(
        vision_config={
            "hidden_size": 48,
            "intermediate_size": 96,
            "num_hidden_layers": 3,
            "num_attention_heads": 4,
            "image_size": 32,
            "patch_size": 8,
        },
        text_config={"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2},
        projection_dim=24,
    )
    language = OPTConfig(
        vocab_size=50, hidden_size=24, word_embed_proj_dim=24, num_hidden_layers=1, ffn_dim=16
    )
    model = ModaForCaptioning(ModaConfig(config, language)).eval()
    for parameter in model.encoder.vision_model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


@pytest.mark.parametrize("photos", [1, 3, 40])
def test_clips_features_are_the_same_fused(clip_model, photos):
    pixels = torch.randn(photos, 3, 32, 32)
    expected = clip_model.encode_images(pixels)
    torch.testing.assert_close(ImageEncoder(clip_model)(pixels), expected, rtol=1e-4, atol=1e-4)


def test_a_changed_encoder_is_laid_out_again(clip_model):
    pixels = torch.randn(2, 3, 32, 32)
    encode = ImageEncoder(clip_model)
    before = encode(pixels)
    with torch.no_grad():
        clip_model.encoder.vision_model.encoder.layers[0].mlp.fc1.weight.mul_(-1)
    after = encode(pixels)
    assert not torch.allclose(after, before)
    torch.testing.assert_close(after, clip_model.encode_images(pixels), rtol=1e-4, atol=1e-4)


@pytest.fixture(scope="module")
def residual_model():
    """A captioner with a small residual CNN, whose normalisations do something."""
    torch.manual_seed(0)
    encoder = DualEncoderConfig(
        ResNetConfig(embedding_size=8, hidden_sizes=[8, 24], depths=[1, 2], layer_type="basic"),
        CLIPTextConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2),
        projection_dim=24,
    )
    language = OPTConfig(
        vocab_size=50, hidden_size=24, word_embed_proj_dim=24, num_hidden_layers=1, ffn_dim=16
    )
    model = ModaForCaptioning(ModaConfig(encoder, language)).eval()
    for module in model.encoder.vision_model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.normal_(module.weight)
            torch.nn.init.normal_(module.bias)
            module.running_mean.normal_()
            module.running_var.uniform_(0.5, 2)
    return model


@pytest.mark.fused
@pytest.mark.parametrize(("photos", "side"), [(1, 32), (3, 112), (40, 30)])
def test_a_residual_cnns_features_are_the_same_folded(residual_model, photos, side):
    pixels = torch.randn(photos, 3, side, side)
    assert folded_vision(residual_model.encoder) is ResidualVision
    expected = residual_model.encode_images(pixels)
    assert expected.std() > 0.1
    torch.testing.assert_close(ImageEncoder(residual_model)(pixels), expected, rtol=1e-4, atol=1e-5)


def test_a_residual_cnn_of_bottlenecks_is_asked_as_it_is(residual_model):
    config = ResNetConfig(embedding_size=8, hidden_sizes=[8], depths=[1], layer_type="bottleneck")
    encoder = DualEncoderConfig(config, CLIPTextConfig(hidden_size=16, num_attention_heads=2))
    model = ModaForCaptioning(ModaConfig(encoder, residual_model.config.language_config)).eval()
    assert folded_vision(model.encoder) is None
    pixels = torch.randn(2, 3, 32, 32)
    assert torch.equal(ImageEncoder(model)(pixels), model.encode_images(pixels))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells what is mapped.")
def test_the_file_is_let_go_once_its_weights_were_converted(tmp_path):
    model, processor = tiny_model()
    model.half().save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    describer = Describer.from_pretrained(tmp_path, dtype=torch.float32)
    assert describer.model.dtype == torch.float32
    assert str(tmp_path) not in Path("/proc/self/maps").read_text()
