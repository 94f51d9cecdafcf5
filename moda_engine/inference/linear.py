"""Linear layers for inference: several in one product, weights laid out for the processor.

A plain linear layer on a CPU puts its weights into oneDNN's order at every call, which costs more
than the product itself when there are few rows. Here that is done once. The activation or the
residual that follows is added while the product is still in the processor's cache.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from moda_engine.inference.operators import (
    ACTIVATIONS,
    has_linear,
    laid_out,
    linear,
    linear_plus,
    quantised,
    quantised_linear,
)

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
        """Use the low-rank matrices that are now active beside the layers, if any."""
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
        if self._is_packed and self._name in ACTIVATIONS:
            return linear(inputs, self._weight, self._bias, self._name)
        outputs = self._product(inputs)
        return outputs if self._activate is None else self._activate(outputs)

    def _laid_out(self, weight: Tensor) -> Tensor:
        """`weight` in the order in which the processor reads it, where there are operators for it;
        else as it is, for plain linear layers."""
        self._is_packed = has_linear(weight.device, weight.dtype)
        return laid_out(weight) if self._is_packed else weight

    def _product(self, inputs: Tensor, added: Tensor | None = None) -> Tensor:
        if not self._is_packed:
            outputs = nn.functional.linear(inputs, self._weight, self._bias)
            return outputs if added is None else outputs.add_(added)
        if added is None:
            return linear(inputs, self._weight, self._bias, "none")
        return linear_plus(inputs, added, self._weight, self._bias)


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


class QuantizedLinear(FusedLinear):
    """As `FusedLinear`, with weights of 8 bits: half of bfloat16's bytes to read.

    With a row or a few a product takes as long as reading its weights does. Each output has a scale
    of its own. Inputs become whole numbers inside the product, all of its rows by one range: what
    is computed of a row then depends on its company, so rows must be of one text. Inputs and
    outputs are float32.
    """

    def _laid_out(self, weight: Tensor) -> Tensor:
        """An empty tensor: the weights, with their biases, are in an object of torch's own."""
        self._quantised = quantised(weight, self._bias)
        return weight.new_empty(0)

    def _product(self, inputs: Tensor, added: Tensor | None = None) -> Tensor:
        outputs = quantised_linear(inputs, self._quantised)
        return outputs if added is None else outputs.add_(added)
