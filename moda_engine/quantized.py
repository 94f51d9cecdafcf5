"""Linear layers with weights of 8 bits, for one text at a time: half of bfloat16's bytes to read.

With a row or a few a product takes as long as reading its weights does. Each output has a scale of
its own. Inputs become whole numbers inside the product, all of its rows by one range: what is
computed of a row then depends on its company, so rows must be of one text.
"""

import warnings

import torch
from torch import Tensor

from moda_engine.linear import FusedLinear

_LIMIT = 127
#: torch's kernels for x86: FBGEMM's, which quantise and multiply in one call.
_ENGINE = "x86"


def has_int8(device: torch.device) -> bool:
    """Whether torch has products of 8 bits for the device: on x86 processors alone."""
    return device.type == "cpu" and _ENGINE in torch.backends.quantized.supported_engines


class QuantizedLinear(FusedLinear):
    """As `FusedLinear`, of weights that are quantised here; inputs and outputs are float32."""

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
