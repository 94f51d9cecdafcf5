"""Linear layers for inference: several in one product, weights laid out for the processor.

A plain linear layer on a CPU puts its weights into oneDNN's order at every call, which costs more
than the product itself when there are few rows. Here that is done once. The activation or the
residual that follows is added while the product is still in the processor's cache.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

#: Rows for which oneDNN chooses the order; others differed by less than measuring does.
_ROWS = 64
_PACKED = (torch.float32, torch.bfloat16)
#: Activations that oneDNN computes: transformers' name → its name, and its algorithm.
_FUSED = {
    "relu": ("relu", ""),
    "gelu": ("gelu", "none"),
    "gelu_new": ("gelu", "tanh"),
    "gelu_pytorch_tanh": ("gelu", "tanh"),
    "silu": ("swish", ""),
}

#: Of quantised weights.
_LIMIT = 127
#: torch's kernels for x86: FBGEMM's, which quantise and multiply in one call.
_ENGINE = "x86"

Activation = Callable[[Tensor], Tensor]


class FusedLinear:
    """Linear layers with the same input, their outputs side by side, then an activation.

    Args:
        parent: the module that has the layers.
        names: its attributes, each an `nn.Linear` or one in the wrapping that `peft` puts around.
        activation: transformers' name of one, with the function that computes it.
        scale: the outputs before their bias are multiplied by this, and the bias by `bias_scale`.
    """

    def __init__(
        self,
        parent: nn.Module,
        *names: str,
        activation: tuple[str, Activation] | None = None,
        scale: float = 1.0,
        bias_scale: float = 1.0,
    ) -> None:
        self._parent, self._names = parent, names
        self._low_rank: tuple[Tensor, Tensor] | None = None
        weights = [base.weight.detach() for base in self._bases()]
        weight = weights[0] if len(weights) == 1 else torch.cat(weights)  # (outputs, inputs)
        weight = (weight.float() * scale).to(weight.dtype) if scale != 1 else weight
        self._bias = _joined_biases(self._bases())
        if self._bias is not None and bias_scale != 1:
            self._bias = (self._bias.float() * bias_scale).to(weight.dtype)
        self._name = activation[0] if activation else "none"
        self._activate = activation[1] if activation else None
        self._is_packed = False
        self._weight = self._laid_out(weight)

    def follow_adapters(self) -> None:
        """Take up the low-rank matrices that are now in use beside the layers, if any."""
        self._low_rank = _low_rank([getattr(self._parent, name) for name in self._names])

    def release(self) -> None:
        """Let the layers' own weights go: they are only here from now on."""
        for base in self._bases():
            base.weight.data = base.weight.new_empty(0)

    def _bases(self) -> list[Any]:
        layers = [getattr(self._parent, name) for name in self._names]
        return [getattr(layer, "base_layer", layer) for layer in layers]

    def __call__(self, inputs: Tensor, residual: Tensor | None = None) -> Tensor:
        """(rows, inputs) → (rows, outputs); `residual` is added, (rows, outputs)."""
        if self._low_rank is not None:
            into, out_of = self._low_rank
            change = inputs @ into.T @ out_of.T
            outputs = self._product(inputs, change)
            outputs = self._activate(outputs) if self._activate is not None else outputs
            return outputs if residual is None else outputs.add_(residual)
        if residual is not None:
            return self._product(inputs, residual)
        if self._is_packed and self._name in _FUSED:
            name, algorithm = _FUSED[self._name]
            return self._pointwise(inputs, name, algorithm)
        outputs = self._product(inputs)
        return outputs if self._activate is None else self._activate(outputs)

    def _laid_out(self, weight: Tensor) -> Tensor:
        """`weight` in the order in which the processor reads it."""
        self._is_packed = weight.device.type == "cpu" and weight.dtype in _PACKED
        self._is_packed &= torch.backends.mkldnn.is_available()
        if not self._is_packed:
            return weight
        return torch.ops.mkldnn._reorder_linear_weight(weight.contiguous(), _ROWS)

    def _product(self, inputs: Tensor, added: Tensor | None = None) -> Tensor:
        if not self._is_packed:
            outputs = nn.functional.linear(inputs, self._weight, self._bias)
            return outputs if added is None else outputs.add_(added)
        if added is None:
            return self._pointwise(inputs, "none", "")
        return torch.ops.mkldnn._linear_pointwise.binary(
            inputs, added, self._weight, self._bias, "add"
        )

    def _pointwise(self, inputs: Tensor, name: str, algorithm: str) -> Tensor:
        return torch.ops.mkldnn._linear_pointwise(
            inputs, self._weight, self._bias, name, [], algorithm
        )


def _joined_biases(bases: Sequence[Any]) -> Tensor | None:
    if all(base.bias is None for base in bases):
        return None
    zeros = [base.weight.new_zeros(len(base.weight)) for base in bases]
    return torch.cat(
        [
            zero if base.bias is None else base.bias.detach()
            for base, zero in zip(bases, zeros, strict=True)
        ]
    )


def _low_rank(layers: Sequence[Any]) -> tuple[Tensor, Tensor] | None:
    """What the adapters in use add: (ranks, inputs) and (outputs, ranks), or nothing.

    Each layer's matrices act on that layer's outputs alone, so the second is made of blocks.
    """
    inner, outer = [], []
    for layer in layers:
        is_used = hasattr(layer, "base_layer") and not layer.disable_adapters
        names = [name for name in layer.active_adapters if name in layer.lora_A] if is_used else []
        weight = getattr(layer, "base_layer", layer).weight
        inner += [layer.lora_A[name].weight.to(weight.dtype) for name in names]
        scaled = [layer.lora_B[name].weight * layer.scaling[name] for name in names]
        empty = weight.new_empty(layer.out_features, 0)
        outer.append(torch.cat([empty, *(matrix.to(weight.dtype) for matrix in scaled)], dim=1))
    if not inner:
        return None
    return torch.cat(inner).detach(), torch.block_diag(*outer).detach()


def has_int8(device: torch.device) -> bool:
    """Whether torch has products of 8 bits for the device: on x86 processors alone."""
    return device.type == "cpu" and _ENGINE in torch.backends.quantized.supported_engines


class QuantizedLinear(FusedLinear):
    """As `FusedLinear`, with weights of 8 bits: half of bfloat16's bytes to read.

    With a row or a few a product takes as long as reading its weights does. Each output has a scale
    of its own. Inputs become whole numbers inside the product, all of its rows by one range: what
    is computed of a row then depends on its company, so rows must be of one text. Inputs and
    outputs are float32.
    """

    def _laid_out(self, weight: Tensor) -> Tensor:
        """An empty tensor: the weights, with their biases, go into an object of torch's own."""
        scales = weight.float().abs().amax(1).clamp_(min=torch.finfo().tiny) / _LIMIT
        before = torch.backends.quantized.engine
        with warnings.catch_warnings():
            # Deprecated, yet the only way to weights with a scale an output in these kernels.
            warnings.filterwarnings("ignore", "torch.quantize_per_tensor", UserWarning)
            zeros = torch.zeros_like(scales, dtype=torch.long)
            quantized = torch.quantize_per_channel(weight.float(), scales, zeros, 0, torch.qint8)
        try:
            torch.backends.quantized.engine = _ENGINE
            bias = None if self._bias is None else self._bias.float()
            self._prepacked = torch.ops.quantized.linear_prepack(quantized, bias)
        finally:
            torch.backends.quantized.engine = before
        # Sums of two products of 8 bits overflow where the processor has no instruction for them.
        self._is_narrow = not torch.cpu._is_vnni_supported()
        return weight.new_empty(0)

    def _product(self, inputs: Tensor, added: Tensor | None = None) -> Tensor:
        outputs = torch.ops.quantized.linear_dynamic(inputs, self._prepacked, self._is_narrow)
        return outputs if added is None else outputs.add_(added)
