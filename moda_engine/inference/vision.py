"""Image encoders for inference: CLIP's weights, fused, and residual CNNs', folded.

The same features but for rounding. Any other encoder is asked as it is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.activations import ACT2FN

from moda_engine.devices import is_out_of_memory
from moda_engine.inference.linear import FusedLinear
from moda_engine.inference.operators import (
    Shape,
    convolution,
    convolution_plus,
    has_convolution,
    laid_out_convolution,
)
from moda_engine.inference.weights import copy_from_file, weights_digest
from moda_engine.model import ModaForCaptioning

#: Photos at a time: what stands between two products then stays near the processor.
_PHOTOS = 32
#: CLIP's `quick_gelu` is x · sigmoid(1.702 · x): a swish of 1.702 · x, over 1.702.
_QUICK = 1.702
#: Photos at a time in convolutions, and the pixels a side that these are laid out for.
_CONVOLVED, _SIDE = 16, 112


class ImageEncoder:
    """One model's image encoder as it is at the moment; see `weights_digest`."""

    def __init__(self, model: ModaForCaptioning) -> None:
        self._model = model
        self._fused: _ClipVision | ResidualVision | None = None
        self._digest = b""
        self._is_final = False

    @torch.inference_mode()
    def __call__(self, pixels: Tensor) -> Tensor:
        """(photos, 3, height, width) → (photos, feature_size).

        By halves where memory does not suffice for all.
        """
        self._take_weights()
        encode = self._model.encode_images if self._fused is None else self._fused.features
        try:
            return encode(pixels.to(self._model.device, self._model.dtype))
        except (MemoryError, RuntimeError) as error:
            if len(pixels) == 1 or not is_out_of_memory(error):
                raise
        half = len(pixels) // 2
        return torch.cat([self(pixels[:half]), self(pixels[half:])])

    def keep_fused_alone(self) -> None:
        """Let the layers' own weights go, where they are held in the processor's order."""
        self._take_weights()
        if self._fused is not None:
            self._fused.release()
            copy_from_file(self._model.encoder)
        self._is_final = True

    def _take_weights(self) -> None:
        if self._is_final:
            return  # there are no other weights left
        encoder: Any = self._model.encoder
        is_clip = encoder.config.model_type == "clip"
        if not is_clip and not is_residual(encoder):
            self._fused, self._digest = None, b""
            return
        digest = weights_digest(encoder.vision_model, encoder.visual_projection)
        if digest != self._digest:
            self._fused = None  # never two sets of weights at a time
            self._fused = _ClipVision(encoder) if is_clip else ResidualVision(encoder)
            self._digest = digest


@dataclass(frozen=True)
class _Layer:
    attention_norm: nn.Module
    queries: FusedLinear
    keys_values: FusedLinear
    attention_out: FusedLinear
    feed_forward_norm: nn.Module
    up: FusedLinear
    down: FusedLinear


class _ClipVision:
    """Layers over patches; the last one computes the class token alone."""

    def __init__(self, clip: Any) -> None:
        vision = clip.vision_model
        self._embeddings = vision.embeddings
        self._first_norm, self._last_norm = vision.pre_layrnorm, vision.post_layernorm
        self._projection = FusedLinear(clip, "visual_projection")
        self._heads = clip.config.vision_config.num_attention_heads
        self.layers = [_layer(layer) for layer in vision.encoder.layers]

    def features(self, pixels: Tensor) -> Tensor:
        """(batch, 3, height, width) → (batch, feature_size)."""
        return torch.cat([self._some(part) for part in pixels.split(_PHOTOS)])

    def release(self) -> None:
        """Let the layers' own weights go: they are only here from now on."""
        for layer in self.layers:
            for product in (layer.queries, layer.keys_values, layer.attention_out):
                product.release()
            layer.up.release()
            layer.down.release()

    def _some(self, pixels: Tensor) -> Tensor:
        hidden = self._first_norm(self._embeddings(pixels))  # (photos, tokens, width)
        photos, tokens, width = hidden.shape
        hidden = hidden.reshape(-1, width)
        for number, layer in enumerate(self.layers):
            normed = layer.attention_norm(hidden)
            keys_values = layer.keys_values(normed)
            if number == len(self.layers) - 1:  # from here on the class token's rows alone
                hidden, normed = hidden[::tokens], normed[::tokens]
            queries = layer.queries(normed.contiguous())
            attended = self._attend(queries, keys_values, photos)
            hidden = layer.attention_out(attended, hidden.contiguous())
            hidden = layer.down(layer.up(layer.feed_forward_norm(hidden)), hidden)
        return self._projection(self._last_norm(hidden))

    def _attend(self, queries: Tensor, keys_values: Tensor, photos: int) -> Tensor:
        """(photos · tokens, width), both; `keys_values` has keys and values side by side."""
        rows, width = queries.shape
        size = width // self._heads
        queries = queries.view(photos, -1, self._heads, size).transpose(1, 2)
        parts = keys_values.view(photos, -1, 2, self._heads, size)
        keys, values = parts.permute(2, 0, 3, 1, 4)
        attended = nn.functional.scaled_dot_product_attention(queries, keys, values)
        return attended.transpose(1, 2).reshape(rows, width)


def _layer(layer: Any) -> _Layer:
    attention, mlp = layer.self_attn, layer.mlp
    name = mlp.config.hidden_act
    if name == "quick_gelu":
        swish = ("silu", nn.functional.silu)
        up = FusedLinear(mlp, "fc1", activation=swish, scale=_QUICK, bias_scale=_QUICK)
        down = FusedLinear(mlp, "fc2", scale=1 / _QUICK)
    else:
        up = FusedLinear(mlp, "fc1", activation=(name, ACT2FN[name]))
        down = FusedLinear(mlp, "fc2")
    return _Layer(
        attention_norm=layer.layer_norm1,
        queries=FusedLinear(attention, "q_proj"),
        keys_values=FusedLinear(attention, "k_proj", "v_proj"),
        attention_out=FusedLinear(attention, "out_proj"),
        feed_forward_norm=layer.layer_norm2,
        up=up,
        down=down,
    )


def is_residual(encoder: Any) -> bool:
    """Whether `ResidualVision` can stand for this encoder, where it is and in its precision."""
    vision = encoder.config.vision_config
    return (
        vision.model_type == "resnet"
        and vision.layer_type == "basic"
        and vision.hidden_act == "relu"
        and has_convolution(encoder.device, encoder.dtype)
    )


class ResidualVision:
    """A dual encoder's `ResNetModel` of basic layers and its projection, in evaluation mode.

    A normalisation with fixed statistics is a scale and a shift, so it is folded into weights and
    biases; the sum with the shortcut and the activation are added while outputs are still in the
    processor's cache. Weights are in oneDNN's own order, as `FusedLinear` has them.
    """

    def __init__(self, encoder: Any) -> None:
        vision = encoder.vision_model
        stem = vision.embedder.embedder
        self._stem = _FoldedConvolution(stem, _SIDE, is_activated=True)
        self._pool = vision.embedder.pooler
        self._blocks = list(_blocks(vision.encoder.stages, _SIDE // 4))  # the stem halves it twice
        self._projection = encoder.visual_projection

    def features(self, pixels: Tensor) -> Tensor:
        """(batch, 3, height, width) → (batch, feature_size)."""
        return torch.cat([self._some(part) for part in pixels.split(_CONVOLVED)])

    def release(self) -> None:
        """Let the convolutions' own weights go: they are only here from now on."""
        self._stem.release()
        for block in self._blocks:
            for folded in (block.first, block.second, block.shortcut):
                if folded is not None:
                    folded.release()

    def _some(self, pixels: Tensor) -> Tensor:
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        hidden = self._pool(self._stem(pixels))  # (photos, channels, height, width)
        for block in self._blocks:
            residual = hidden if block.shortcut is None else block.shortcut(hidden)
            hidden = block.second(block.first(hidden), residual)
        features: Tensor = self._projection(hidden.mean((2, 3)))
        return features


class _FoldedConvolution:
    """A convolution and the normalisation behind it; `layer` is transformers' pair of the two."""

    def __init__(self, layer: Any, side: int, *, is_activated: bool) -> None:
        own, norm = layer.convolution, layer.normalization
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = own.weight.detach() * scale.detach().view(-1, 1, 1, 1)
        self._bias = (norm.bias - norm.running_mean * scale).detach()
        self._convolution: nn.Conv2d = own
        self._shape = Shape(own.padding, own.stride, own.dilation, own.groups)
        self._weight = laid_out_convolution(weight, self._shape, side)
        self._activation = "relu" if is_activated else "none"

    def release(self) -> None:
        self._convolution.weight.data = self._convolution.weight.new_empty(0)

    def __call__(self, inputs: Tensor, residual: Tensor | None = None) -> Tensor:
        """(photos, channels, height, width); where `residual` is added, activated after that."""
        if residual is None:
            return convolution(inputs, self._weight, self._bias, self._shape, self._activation)
        return convolution_plus(inputs, residual, self._weight, self._bias, self._shape)


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
