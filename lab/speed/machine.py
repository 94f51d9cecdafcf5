"""What this machine gives at most: matrix products a second, and bytes of memory a second."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from moda_engine.model import ModaForCaptioning

#: (rows, inputs, outputs) of large products; the fastest of them is the ceiling.
_PRODUCTS = ((2_048, 3_072, 3_072), (4_096, 4_096, 4_096))
_READ_BYTES = 2**28
#: Positions before the first new token: the photo's and OPT's opening.
PREFIX = 2


def products(device: torch.device, dtype: torch.dtype) -> dict[int, Callable[[], Tensor]]:
    """Large products by their operations."""
    found = {}
    for rows, inputs, outputs in _PRODUCTS:
        left = torch.randn(rows, inputs, device=device).to(dtype)
        right = torch.randn(inputs, outputs, device=device).to(dtype)
        found[2 * rows * inputs * outputs] = _product(left, right)
    return found


def _product(left: Tensor, right: Tensor) -> Callable[[], Tensor]:
    return lambda: left @ right


def memory_reader(device: torch.device) -> tuple[int, Callable[[], object]]:
    """Bytes, and what reads them once and does next to nothing with them."""
    matrix = torch.ones(_READ_BYTES // 4 // 4_096, 4_096, device=device)
    vector = torch.ones(4_096, device=device)
    return _READ_BYTES, lambda: torch.mv(matrix, vector)


def photo_operations(model: ModaForCaptioning, tokens: int) -> float:
    """Operations in matrix products that a photo and `tokens` new tokens cost: 2 a weight and use.

    Of the full-size model: every patch goes through every matrix of the vision tower, every token
    through the language model's, and the vocabulary's is used once a new token.
    """
    vision: Any = model.encoder.vision_model
    patches = vision.embeddings.num_positions
    seen = patches * _matrices(vision.encoder)
    seen += (patches - 1) * vision.embeddings.patch_embedding.weight.numel()
    layers: Any = model.language_model.model.decoder.layers
    written = (PREFIX + tokens - 1) * _matrices(layers)
    written += tokens * _vocabulary(model).numel()
    return float(2 * (seen + written))


def token_bytes(model: ModaForCaptioning) -> int:
    """Bytes of weights that have to be read for each new token."""
    layers: Any = model.language_model.model.decoder.layers
    vocabulary = _vocabulary(model)
    return (_matrices(layers) + vocabulary.numel()) * vocabulary.element_size()


def photo_bytes(model: ModaForCaptioning) -> int:
    """Bytes of weights that have to be read for a photo."""
    vision: Any = model.encoder.vision_model
    return _matrices(vision.encoder) * _vocabulary(model).element_size()


def _vocabulary(model: ModaForCaptioning) -> Tensor:
    head: Any = model.get_output_embeddings()
    weight: Tensor = head.weight
    return weight


def _matrices(module: torch.nn.Module) -> int:
    return sum(value.numel() for value in module.parameters() if value.ndim == 2)
