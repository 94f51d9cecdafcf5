"""Image encoders of the starter's size, beside the one that its committed weights have."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from transformers import CLIPTextConfig, PreTrainedConfig, ResNetConfig

from lab.speed.rounds import in_turns
from moda_engine.configuration import LITE_VARIANTS, DualEncoderConfig, EfficientNetLiteConfig
from moda_engine.dual_encoder import DualEncoder
from moda_engine.inference.convolutions import folded_vision

_PHOTOS = 64
#: Pixels a side of a Lite backbone in the starter.
_SIDE = 160


def encoders(rounds: int) -> dict[str, Any]:
    """Photos a second from tensors, in float32, and each Lite backbone's share of `committed`."""
    committed = ResNetConfig(
        embedding_size=48, hidden_sizes=[48, 96, 256, 448], depths=[1, 2, 2, 2], layer_type="basic"
    )
    sides = {"committed": _encoding(committed, 120)}
    for variant in LITE_VARIANTS:
        sides[variant] = _encoding(EfficientNetLiteConfig.of_variant(variant), _SIDE)
    seconds = in_turns(sides, rounds)
    rates = {name: _PHOTOS / value for name, value in seconds.items()}
    ratios = {f"{name}_ratio": rates[name] / rates["committed"] for name in LITE_VARIANTS}
    return {"photos": _PHOTOS, "side": _SIDE, **rates, **ratios}


def _encoding(vision: PreTrainedConfig, side: int) -> Callable[[], Tensor]:
    """What encodes noise as inference does, with random weights."""
    text = CLIPTextConfig(
        vocab_size=8, hidden_size=16, num_hidden_layers=1, num_attention_heads=2, eos_token_id=3
    )
    encoder = DualEncoder(DualEncoderConfig(vision, text, projection_dim=512)).eval()
    pixels = torch.randn(_PHOTOS, 3, side, side)
    kind = folded_vision(encoder)
    encode = encoder.image_features if kind is None else kind(encoder).features

    @torch.inference_mode()
    def run() -> Tensor:
        features: Tensor = encode(pixels)
        return features

    return run
