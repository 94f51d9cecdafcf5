"""A residual CNN for inference: each convolution with what follows it, in one pass.

A normalisation with fixed statistics is a scale and a shift, so it is folded into weights and
biases; the sum with the shortcut and the activation are added while outputs are still in the
processor's cache. Weights are in oneDNN's own order, as `moda_engine.linear` has them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

#: What oneDNN chooses the order of weights for; others differed by less than measuring does.
_PHOTOS, _SIDE = 16, 112
_DTYPES = (torch.float32, torch.bfloat16)


def is_residual(encoder: Any) -> bool:
    """Whether `ResidualVision` can stand for this encoder, where it is and in its precision."""
    vision = encoder.config.vision_config
    return (
        vision.model_type == "resnet"
        and vision.layer_type == "basic"
        and vision.hidden_act == "relu"
        and encoder.device.type == "cpu"
        and encoder.dtype in _DTYPES
        and torch.backends.mkldnn.is_available()
    )


class ResidualVision:
    """A dual encoder's `ResNetModel` of basic layers and its projection, in evaluation mode."""

    def __init__(self, encoder: Any) -> None:
        vision = encoder.vision_model
        stem = vision.embedder.embedder
        self._stem = _FoldedConvolution(stem, _SIDE, is_activated=True)
        self._pool = vision.embedder.pooler
        self._blocks = list(_blocks(vision.encoder.stages, _SIDE // 4))  # the stem halves it twice
        self._projection = encoder.visual_projection

    def features(self, pixels: Tensor) -> Tensor:
        """(batch, 3, height, width) → (batch, feature_size)."""
        return torch.cat([self._some(part) for part in pixels.split(_PHOTOS)])

    def release(self) -> None:
        """Let the convolutions' own weights go: they are only here from now on."""
        self._stem.release()
        for block in self._blocks:
            for convolution in (block.first, block.second, block.shortcut):
                if convolution is not None:
                    convolution.release()

    def _some(self, pixels: Tensor) -> Tensor:
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        hidden = self._pool(self._stem(pixels))  # (photos, channels, height, width)
        for block in self._blocks:
            residual = hidden if block.shortcut is None else block.shortcut(hidden)
            hidden = block.second(block.first(hidden), residual)
        return self._projection(hidden.mean((2, 3)))


class _FoldedConvolution:
    """A convolution and the normalisation behind it; `layer` is transformers' pair of the two."""

    def __init__(self, layer: Any, side: int, *, is_activated: bool) -> None:
        convolution, norm = layer.convolution, layer.normalization
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = convolution.weight.detach() * scale.detach().view(-1, 1, 1, 1)
        self._bias = (norm.bias - norm.running_mean * scale).detach()
        self._convolution: nn.Conv2d = convolution
        self._shape = (
            convolution.padding,
            convolution.stride,
            convolution.dilation,
            convolution.groups,
        )
        self._weight = torch.ops.mkldnn._reorder_convolution_weight(
            weight.contiguous(memory_format=torch.channels_last),
            *self._shape,
            [_PHOTOS, weight.shape[1], side, side],
        )
        self._activation = "relu" if is_activated else "none"

    def release(self) -> None:
        self._convolution.weight.data = self._convolution.weight.new_empty(0)

    def __call__(self, inputs: Tensor, residual: Tensor | None = None) -> Tensor:
        """(photos, channels, height, width); where `residual` is added, activated after that."""
        fixed = (self._weight, self._bias, *self._shape)
        if residual is None:
            return torch.ops.mkldnn._convolution_pointwise(inputs, *fixed, self._activation, [], "")
        return torch.ops.mkldnn._convolution_pointwise.binary(
            inputs, residual, *fixed, "add", 1.0, "relu", [], ""
        )


@dataclass(frozen=True)
class _Block:
    first: _FoldedConvolution
    second: _FoldedConvolution
    shortcut: _FoldedConvolution | None


def _blocks(stages: Any, side: int) -> Iterator[_Block]:
    """All basic layers; `side` is that of the photo's features before them, in pixels."""
    for layer in (layer for stage in stages for layer in stage.layers):
        first, second = layer.layer
        shortcut = None
        if not isinstance(layer.shortcut, nn.Identity):
            shortcut = _FoldedConvolution(layer.shortcut, side, is_activated=False)
        folded = _FoldedConvolution(first, side, is_activated=True)
        side //= first.convolution.stride[0]
        yield _Block(folded, _FoldedConvolution(second, side, is_activated=False), shortcut)
