"""Image encoders for inference: CLIP's weights, fused; convolutional ones are in `convolutions`.

The same features but for rounding. Any other encoder is asked as it is.
"""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from transformers.activations import ACT2FN

from moda_engine.devices import is_out_of_memory
from moda_engine.inference.convolutions import FoldedVision, folded_vision
from moda_engine.inference.linear import FusedLinear
from moda_engine.inference.weights import copy_from_file, weights_digest
from moda_engine.model import ModaForCaptioning

#: Photos at a time: what stands between two products then stays near the processor.
_PHOTOS = 32
#: CLIP's `quick_gelu` is x · sigmoid(1.702 · x): a swish of 1.702 · x, over 1.702.
_QUICK = 1.702


class ImageEncoder:
    """One model's image encoder as it is at the moment; see `weights_digest`."""

    def __init__(self, model: ModaForCaptioning) -> None:
        self._model = model
        self._fused: _ClipVision | FoldedVision | None = None
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
        fused = _ClipVision if is_clip else folded_vision(encoder)
        if fused is None:
            self._fused, self._digest = None, b""
            return
        digest = weights_digest(encoder.vision_model, encoder.visual_projection)
        if digest != self._digest:
            self._fused = None  # never two sets of weights at a time
            self._fused = fused(encoder)
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
