"""The private and the quantised operators of torch, all of them, behind one check.

oneDNN's operators multiply weights in the processor's own order and add what follows while products
are still in its cache; FBGEMM's multiply 8-bit weights. torch promises none of them to stay as it
is, so no version is asked: each group computes a tiny real product when it is first needed. Where
an operator is missing or computes anything else, plain layers compute instead, and so they do for
`MODA_ENGINE_OPERATORS=plain` in the environment.
"""

import os
import warnings
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

#: "plain" leaves all operators of this module alone; read when a model is laid out.
VARIABLE = "MODA_ENGINE_OPERATORS"
#: Activations that oneDNN computes: transformers' name → its name, and its algorithm.
ACTIVATIONS = {
    "none": ("none", ""),
    "relu": ("relu", ""),
    "gelu": ("gelu", "none"),
    "gelu_new": ("gelu", "tanh"),
    "gelu_pytorch_tanh": ("gelu", "tanh"),
    "silu": ("swish", ""),
}
#: Rows, photos and pixels a side for which oneDNN chooses the order of weights; others differed by
#: less than measuring does.
_ROWS, _PHOTOS = 64, 16
_LAID_OUT = (torch.float32, torch.bfloat16)
#: torch's kernels for x86: FBGEMM's, which quantise inputs and multiply in one call.
_QUANTISED = "x86"
_LIMIT = 127
#: What a missing operator, another signature, another result or a processor that lacks the
#: instructions raises.
_REFUSALS = (
    AssertionError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    TypeError,
    ValueError,
)


def is_plain() -> bool:
    """Whether the environment asks for plain layers."""
    chosen = os.environ.get(VARIABLE, "")
    if chosen not in ("", "fast", "plain"):
        raise ValueError(f"{VARIABLE} is {chosen!r}; allowed: fast, plain.")
    return chosen == "plain"


def has_linear(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether linear layers of this kind can be laid out for the processor."""
    return device.type == "cpu" and dtype in _LAID_OUT and not is_plain() and _probe_linear(dtype)


def has_convolution(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether convolutions of this kind can be laid out for the processor."""
    asked = device.type == "cpu" and dtype in _LAID_OUT and not is_plain()
    return asked and _probe_convolution(dtype)


def has_int8(device: torch.device) -> bool:
    """Whether torch has products of 8 bits for the device: on x86 processors alone."""
    return device.type == "cpu" and not is_plain() and _probe_int8()


def has_bfloat16() -> bool:
    """Whether this processor multiplies bfloat16 in hardware."""
    return _answer(lambda: torch.ops.mkldnn._is_mkldnn_bf16_supported())


def has_tiles() -> bool:
    """Whether this processor multiplies tiles (AMX)."""
    return _answer(lambda: torch.cpu._is_amx_tile_supported())


# Linear layers


def laid_out(weight: Tensor) -> Tensor:
    """(outputs, inputs) in the order in which the processor reads it."""
    ordered: Tensor = torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), _ROWS)
    return ordered


def linear(inputs: Tensor, weight: Tensor, bias: Tensor | None, activation: str) -> Tensor:
    """(rows, outputs) of a laid out weight, activated; `activation` is one of `ACTIVATIONS`."""
    name, algorithm = ACTIVATIONS[activation]
    outputs: Tensor = torch.ops.mkldnn._linear_pointwise(inputs, weight, bias, name, [], algorithm)
    return outputs


def linear_plus(inputs: Tensor, added: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """(rows, outputs) of a laid out weight, `added` to it."""
    outputs: Tensor = torch.ops.mkldnn._linear_pointwise.binary(inputs, added, weight, bias, "add")
    return outputs


# Convolutions


class Shape(NamedTuple):
    """How a convolution steps over its input, in the operators' order."""

    padding: Sequence[int]
    stride: Sequence[int]
    dilation: Sequence[int]
    groups: int


def laid_out_convolution(weight: Tensor, shape: Shape, side: int) -> Tensor:
    """(outputs, inputs / groups, height, width) in the processor's order, for inputs of `side`
    pixels."""
    ordered: Tensor = torch.ops.mkldnn._reorder_convolution_weight(
        weight.contiguous(memory_format=torch.channels_last),
        *shape,
        [_PHOTOS, weight.shape[1] * shape.groups, side, side],
    )
    return ordered


#: What may follow a convolution: our name → oneDNN's name and numbers.
CONVOLUTION_ACTIVATIONS: dict[str, tuple[str | None, list[float]]] = {
    "none": (None, []),
    "relu": ("relu", []),
    "relu6": ("hardtanh", [0.0, 6.0]),
}


def convolution(
    inputs: Tensor, weight: Tensor, bias: Tensor, shape: Shape, activation: str
) -> Tensor:
    """(photos, channels, height, width) of a laid out weight, activated."""
    name, numbers = CONVOLUTION_ACTIVATIONS[activation]
    outputs: Tensor = torch.ops.mkldnn._convolution_pointwise(
        inputs, weight, bias, *shape, name or "none", numbers, ""
    )
    return outputs


def convolution_plus(
    inputs: Tensor, added: Tensor, weight: Tensor, bias: Tensor, shape: Shape, activation: str
) -> Tensor:
    """The same with `added` to it before it is activated, by "none" or "relu"."""
    name, numbers = CONVOLUTION_ACTIVATIONS[activation]
    outputs: Tensor = torch.ops.mkldnn._convolution_pointwise.binary(
        inputs, added, weight, bias, *shape, "add", 1.0, name, numbers, ""
    )
    return outputs


# 8 bits


class Quantised(NamedTuple):
    """A weight in 8 bits with its bias, as an object of torch's own."""

    packed: Any
    #: Inputs have 7 bits: sums of two products of 8 overflow where no instruction is made for them.
    is_narrow: bool


def quantised(weight: Tensor, bias: Tensor | None) -> Quantised:
    """(outputs, inputs) in whole numbers, with a scale for each output."""
    scales = weight.float().abs().amax(1).clamp_(min=torch.finfo().tiny) / _LIMIT
    before = torch.backends.quantized.engine
    with warnings.catch_warnings():
        # Deprecated, yet the only way to weights with a scale an output in these kernels.
        warnings.filterwarnings("ignore", "torch.quantize_per_tensor", UserWarning)
        zeros = torch.zeros_like(scales, dtype=torch.long)
        whole = torch.quantize_per_channel(weight.float(), scales, zeros, 0, torch.qint8)
    try:
        torch.backends.quantized.engine = _QUANTISED
        packed = torch.ops.quantized.linear_prepack(whole, None if bias is None else bias.float())
    finally:
        torch.backends.quantized.engine = before
    return Quantised(packed, not _answer(lambda: torch.cpu._is_vnni_supported()))


def quantised_linear(inputs: Tensor, weight: Quantised) -> Tensor:
    """(rows, outputs) in float32; all rows are quantised by one range."""
    outputs: Tensor = torch.ops.quantized.linear_dynamic(inputs, weight.packed, weight.is_narrow)
    return outputs


# The check: small whole numbers, whose products are exact in each of the precisions.


_CHECKED: dict[str, Callable[[Tensor], Tensor]] = {
    "none": torch.clone,
    "relu": torch.relu,
    "gelu": nn.functional.gelu,
    "gelu_new": partial(nn.functional.gelu, approximate="tanh"),
    "silu": nn.functional.silu,
}


def _answer(question: Callable[[], object]) -> bool:
    try:
        with torch.autocast("cpu", enabled=False):  # its results would differ
            return bool(question())
    except _REFUSALS:
        return False


@cache
def _probe_linear(dtype: torch.dtype) -> bool:
    weight, inputs, bias = _whole(3, 4).to(dtype), _whole(2, 4).to(dtype), _whole(3).to(dtype)

    def computes() -> bool:
        expected = nn.functional.linear(inputs, weight, bias)
        packed = laid_out(weight)
        for name, activate in _CHECKED.items():
            activated = linear(inputs, packed, bias, name)
            torch.testing.assert_close(activated, activate(expected), rtol=2e-2, atol=1e-2)
        return torch.equal(linear_plus(inputs, expected, packed, bias), expected * 2)

    return torch.backends.mkldnn.is_available() and _answer(computes)


@cache
def _probe_convolution(dtype: torch.dtype) -> bool:
    weight, inputs, bias = _whole(3, 2, 3, 3).to(dtype), _whole(1, 2, 4, 4), _whole(3).to(dtype)
    inputs = inputs.to(dtype).contiguous(memory_format=torch.channels_last)
    shape = Shape((1, 1), (1, 1), (1, 1), 1)

    each = Shape((1, 1), (2, 2), (1, 1), 2)  # channel by channel, as depthwise convolutions are

    def computes() -> bool:
        expected = nn.functional.conv2d(inputs, weight, bias, padding=1)
        packed = laid_out_convolution(weight, shape, 4)
        made = [
            (convolution(inputs, packed, bias, shape, "none"), expected),
            (convolution(inputs, packed, bias, shape, "relu6"), expected.clamp(0, 6)),
            (convolution_plus(inputs, expected, packed, bias, shape, "none"), expected * 2),
            (
                convolution_plus(inputs, expected, packed, bias, shape, "relu"),
                (expected * 2).relu(),
            ),
        ]
        filters, shift = weight[:2, :1].contiguous(), bias[:2]
        apart = nn.functional.conv2d(inputs, filters, shift, (2, 2), (1, 1), (1, 1), 2)
        packed = laid_out_convolution(filters, each, 4)
        made.append((convolution(inputs, packed, shift, each, "relu"), apart.relu()))
        return all(torch.equal(found, wanted) for found, wanted in made)

    return torch.backends.mkldnn.is_available() and _answer(computes)


@cache
def _probe_int8() -> bool:
    if _QUANTISED not in torch.backends.quantized.supported_engines:
        return False
    weight, inputs = _whole(3, 4), _whole(2, 4)

    def computes() -> bool:
        expected = nn.functional.linear(inputs, weight)
        found = quantised_linear(inputs, quantised(weight, None))
        return torch.allclose(found, expected, atol=0.2)

    return _answer(computes)


def _whole(*shape: int) -> Tensor:
    """Whole numbers from −3 to 3."""
    count = torch.Size(shape).numel()
    return (torch.arange(count, device="cpu") * 5 % 7 - 3).float().view(shape)
