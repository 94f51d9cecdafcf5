"""What whole numbers of 8 bits would give: weights and activations, quantised at load and use.

Measured, and used for nothing else; `docs/benchmarks.md` says why. Each weight row and each row of
activations has a scale of its own, so that a row knows nothing of its company.
"""

import dataclasses
from typing import Any

import torch
from torch import Tensor

from moda_engine.generation.writer import Writer
from moda_engine.linear import FusedLinear
from moda_engine.model import ModaForCaptioning
from moda_engine.speed.rounds import in_turns
from moda_engine.speed.subject import Subject
from moda_engine.speed.throughput import BATCH
from moda_engine.vision import ImageEncoder

_LIMIT = 127


class QuantizedLinear:
    """Stands where a `FusedLinear` stands."""

    def __init__(self, product: FusedLinear) -> None:
        weight, bias, self._activate = product.parts()
        scales = weight.float().abs().amax(1) / _LIMIT
        quantized = (weight.float() / scales.unsqueeze(1)).round().to(torch.int8)
        self._scales, self._zeros = scales, torch.zeros(len(scales), dtype=torch.int32)
        self._weight = torch.ops.onednn.qlinear_prepack(quantized, [BATCH, weight.shape[1]])
        self._bias = weight.new_zeros(()) if bias is None else bias

    def __call__(self, inputs: Tensor, residual: Tensor | None = None) -> Tensor:
        """(rows, inputs) → (rows, outputs); `residual` is added, (rows, outputs)."""
        scale = torch.linalg.vector_norm(inputs, torch.inf, dim=-1, keepdim=True) / _LIMIT
        quantized = (inputs / scale).round_().to(torch.int8)
        product = torch.ops.onednn.qlinear_pointwise(
            quantized,
            1.0,
            0,
            self._weight,
            self._scales,
            self._zeros,
            None,
            1.0,
            0,
            inputs.dtype,
            "none",
            [],
            "",
        )
        outputs = torch.addcmul(self._bias, product, scale)
        outputs = outputs if self._activate is None else self._activate(outputs)
        return outputs if residual is None else outputs.add_(residual)

    def follow_adapters(self) -> None:
        """Adapters are not measured."""


def int8(fast: Subject, rounds: int) -> dict[str, Any]:
    """Photos a second, and seconds for one."""
    whole = Subject(fast.model, fast.dtype)
    exchange_products(whole.model, whole.encode, whole.writer)
    pixels = fast.pixels(BATCH)
    seconds = in_turns(
        {
            "int8": lambda: whole.describe(pixels, BATCH),
            "bf16": lambda: fast.describe(pixels, BATCH),
            "int8_alone": lambda: whole.describe(pixels[:1], 1),
            "bf16_alone": lambda: fast.describe(pixels[:1], 1),
        },
        rounds,
    )
    return {
        "images_per_second": BATCH / seconds["int8"],
        "bf16": BATCH / seconds["bf16"],
        "latency_seconds": seconds["int8_alone"],
        "bf16_latency_seconds": seconds["bf16_alone"],
    }


def exchange_products(model: ModaForCaptioning, encode: ImageEncoder, writer: Writer) -> None:
    """Let encoder and language model compute in whole numbers from now on.

    Raises `ValueError` where the language model is written by transformers itself.
    """
    decoder = writer.decoder()
    if decoder is None:
        raise ValueError(f"{model.config.language_config.model_type} has no products to exchange.")
    layers = [_exchanged(layer) for layer in decoder.layers]
    writer.exchange(dataclasses.replace(_exchanged(decoder), layers=layers))
    encode.exchange(_exchanged)


def _exchanged(part: Any) -> Any:
    """`part`, a dataclass, with quantised products in the place of its own."""
    values = {
        field.name: QuantizedLinear(value)
        for field in dataclasses.fields(part)
        if isinstance(value := getattr(part, field.name), FusedLinear)
    }
    return dataclasses.replace(part, **values)
