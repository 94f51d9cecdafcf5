"""Convolutional image encoders for inference: residual CNNs and EfficientNet-Lite, folded.

A normalisation with fixed statistics is a scale and a shift, so it is folded into weights and
biases; the sum with the shortcut and the activation are added while outputs are still in the
processor's cache. Weights are in oneDNN's own order, as `FusedLinear` has them.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from moda_engine.inference.operators import (
    Shape,
    convolution,
    convolution_plus,
    has_convolution,
    laid_out_convolution,
)

#: Pixels a side of the photos that a residual CNN is laid out for.
_SIDE = 112


class FoldedVision(ABC):
    """A dual encoder's convolutional backbone and its projection, in evaluation mode."""

    #: At a time: what stands between two convolutions then stays near the processor.
    photos: int

    def __init__(self, encoder: Any) -> None:
        self._projection = encoder.visual_projection

    @staticmethod
    @abstractmethod
    def can_stand_for(vision: Any) -> bool:
        """Whether the backbone of the configuration `vision` is of this kind."""

    @abstractmethod
    def convolutions(self) -> Iterator["FoldedConvolution"]:
        """All of them."""

    @abstractmethod
    def maps(self, pixels: Tensor) -> Tensor:
        """(photos, 3, height, width), channels last → (photos, channels, rows, columns)."""

    def features(self, pixels: Tensor) -> Tensor:
        """(batch, 3, height, width) → (batch, feature_size)."""
        return torch.cat([self._some(part) for part in pixels.split(self.photos)])

    def release(self) -> None:
        """Let the convolutions' own weights go: they are only here from now on."""
        for folded in self.convolutions():
            folded.release()

    def _some(self, pixels: Tensor) -> Tensor:
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        features: Tensor = self._projection(self.maps(pixels).mean((2, 3)))
        return features


class FoldedConvolution:
    """A convolution and the normalisation behind it, with its activation.

    Args:
        side: pixels a side of the inputs that it is laid out for.
        activation: "none", "relu" or "relu6"; where something is added, it comes after that.
        padding: instead of the convolution's own.
        is_turned: for photos that are turned by 180°.
    """

    def __init__(
        self,
        own: nn.Conv2d,
        norm: nn.BatchNorm2d,
        side: int,
        activation: str,
        *,
        padding: tuple[int, int] | None = None,
        is_turned: bool = False,
    ) -> None:
        assert norm.running_mean is not None  # noqa: S101 (it tracks them)
        assert norm.running_var is not None  # noqa: S101
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = own.weight.detach() * scale.detach().view(-1, 1, 1, 1)
        self._bias = (norm.bias - norm.running_mean * scale).detach()
        self._convolution = own
        around = tuple(map(int, own.padding)) if padding is None else padding
        self._shape = Shape(around, own.stride, own.dilation, own.groups)
        turned = weight.flip((2, 3)) if is_turned else weight
        self._weight = laid_out_convolution(turned, self._shape, side)
        self._activation = activation

    def release(self) -> None:
        self._convolution.weight.data = self._convolution.weight.new_empty(0)

    def __call__(self, inputs: Tensor, residual: Tensor | None = None) -> Tensor:
        """(photos, channels, height, width), `residual` added to it."""
        weight, bias, shape = self._weight, self._bias, self._shape
        if residual is None:
            return convolution(inputs, weight, bias, shape, self._activation)
        return convolution_plus(inputs, residual, weight, bias, shape, self._activation)


def folded_vision(encoder: Any) -> type[FoldedVision] | None:
    """What stands for this encoder, where it is and in its precision; `None` where nothing can."""
    if not has_convolution(encoder.device, encoder.dtype):
        return None
    kinds = (ResidualVision, LiteVision)
    return next((kind for kind in kinds if kind.can_stand_for(encoder.config.vision_config)), None)


@dataclass(frozen=True)
class _ResidualBlock:
    first: FoldedConvolution
    second: FoldedConvolution
    shortcut: FoldedConvolution | None


class ResidualVision(FoldedVision):
    """A `ResNetModel` of basic layers."""

    photos = 16

    def __init__(self, encoder: Any) -> None:
        super().__init__(encoder)
        vision = encoder.vision_model
        stem = vision.embedder.embedder
        self._stem = FoldedConvolution(stem.convolution, stem.normalization, _SIDE, "relu")
        self._pool = vision.embedder.pooler
        # The stem halves the photo twice.
        self._blocks = list(_residual_blocks(vision.encoder.stages, _SIDE // 4))

    @staticmethod
    def can_stand_for(vision: Any) -> bool:
        return bool(
            vision.model_type == "resnet"
            and vision.layer_type == "basic"
            and vision.hidden_act == "relu"
        )

    def convolutions(self) -> Iterator[FoldedConvolution]:
        yield self._stem
        for block in self._blocks:
            yield from (block.first, block.second)
            if block.shortcut is not None:
                yield block.shortcut

    def maps(self, pixels: Tensor) -> Tensor:
        hidden: Tensor = self._pool(self._stem(pixels))
        for block in self._blocks:
            residual = hidden if block.shortcut is None else block.shortcut(hidden)
            hidden = block.second(block.first(hidden), residual)
        return hidden


def _residual_blocks(stages: Any, side: int) -> Iterator[_ResidualBlock]:
    """All basic layers; `side` is that of the photo's features before them, in pixels."""
    for layer in (layer for stage in stages for layer in stage.layers):
        first, second = layer.layer
        shortcut = None
        if not isinstance(layer.shortcut, nn.Identity):
            own = layer.shortcut
            shortcut = FoldedConvolution(own.convolution, own.normalization, side, "none")
        folded = FoldedConvolution(first.convolution, first.normalization, side, "relu")
        side //= first.convolution.stride[0]
        last = FoldedConvolution(second.convolution, second.normalization, side, "relu")
        yield _ResidualBlock(folded, last, shortcut)


@dataclass(frozen=True)
class _LiteBlock:
    expansion: FoldedConvolution | None
    depthwise: FoldedConvolution
    projection: FoldedConvolution
    is_residual: bool


class LiteVision(FoldedVision):
    """An `EfficientNetLiteModel`.

    It pads one pixel more behind a photo than before it, where a stride halves an even side; these
    operators pad both alike. Of a photo turned by 180°, with kernels turned likewise, that pixel is
    the last, which no step reaches: then both are the same, and the mean over the photo is too.
    """

    photos = 4  # its expanded maps are large

    def __init__(self, encoder: Any) -> None:
        super().__init__(encoder)
        vision = encoder.vision_model
        side = vision.config.image_size
        stem = vision.embeddings
        self._stem = _turned(stem.convolution, stem.batchnorm, side, "relu6")
        self._blocks = list(_lite_blocks(vision.encoder.blocks, side // 2))
        top = vision.encoder
        self._top = _turned(top.top_conv, top.top_bn, side // 32, "relu6")

    @staticmethod
    def can_stand_for(vision: Any) -> bool:
        return bool(vision.model_type == "efficientnet_lite" and vision.hidden_act == "relu6")

    def convolutions(self) -> Iterator[FoldedConvolution]:
        yield from (self._stem, self._top)
        for block in self._blocks:
            yield from (block.depthwise, block.projection)
            if block.expansion is not None:
                yield block.expansion

    def maps(self, pixels: Tensor) -> Tensor:
        turned = pixels.flip((2, 3)).contiguous(memory_format=torch.channels_last)
        hidden = self._stem(turned)
        for block in self._blocks:
            expanded = hidden if block.expansion is None else block.expansion(hidden)
            residual = hidden if block.is_residual else None
            hidden = block.projection(block.depthwise(expanded), residual)
        return self._top(hidden)


def _lite_blocks(blocks: Any, side: int) -> Iterator[_LiteBlock]:
    """`side` is that of the photo's features before them, in pixels."""
    for block in blocks:
        expand, depthwise, project = block.expansion, block.depthwise_conv, block.projection
        expansion = None
        if expand is not None:
            expansion = _turned(expand.expand_conv, expand.expand_bn, side, "relu6")
        filtered = _turned(depthwise.depthwise_conv, depthwise.depthwise_norm, side, "relu6")
        side //= depthwise.depthwise_conv.stride[0]
        projection = _turned(project.project_conv, project.project_bn, side, "none")
        yield _LiteBlock(expansion, filtered, projection, block.is_residual)


def _turned(own: nn.Conv2d, norm: nn.BatchNorm2d, side: int, activation: str) -> FoldedConvolution:
    height, width = own.kernel_size
    padding = (height // 2, width // 2)
    return FoldedConvolution(own, norm, side, activation, padding=padding, is_turned=True)
