"""Keys and values of the rows in work, in one place of fixed size."""

import torch
from torch import Tensor


class SlotCache:
    """For every layer and slot the keys and values of a row's tokens.

    Rows in work are in the first slots. Positions come before heads, so a step's keys and values
    are stored as the product gives them, and are read head by head through strides.
    """

    def __init__(
        self, layers: int, slots: int, length: int, kv_heads: int, head_size: int, like: Tensor
    ) -> None:
        # Zeros, since what a mask hides is multiplied by zero, and must not be NaN.
        self._values = like.new_zeros(layers, slots, length, 2, kv_heads, head_size)

    @property
    def length(self) -> int:
        """Tokens that a row may have."""
        return self._values.shape[2]

    def reserve(self, length: int) -> None:
        """Make room for rows of `length` tokens."""
        if length > self.length:
            missing = length - self.length
            self._values = torch.nn.functional.pad(self._values, (0, 0, 0, 0, 0, 0, 0, missing))

    def shrink(self, slots: int) -> None:
        """Keep the first `slots` alone, and give the memory of the others back."""
        self._values = self._values[:, :slots].clone()

    def store_prefixes(self, layer: int, first: int, values: Tensor) -> None:
        """`values` (rows, tokens, 2, kv_heads, head_size), of new rows from slot `first` on."""
        rows, tokens = values.shape[:2]
        self._values[layer, first : first + rows, :tokens] = values

    def store_step(self, layer: int, columns: Tensor, values: Tensor) -> None:
        """`values` (rows, 2 · kv_heads · head_size) of one token a row.

        Args:
            columns: where they go, slot · length + position; (rows,).
        """
        self._values[layer].view(-1, values.shape[-1]).index_copy_(0, columns, values)

    def read(self, layer: int, rows: int, tokens: int) -> tuple[Tensor, Tensor]:
        """Keys and values, each (rows, kv_heads, tokens, head_size)."""
        found = self._values[layer, :rows, :tokens].permute(2, 0, 3, 1, 4)
        return found[0], found[1]

    def move(self, source: int, target: int, tokens: int) -> None:
        """Put the row of slot `source` into slot `target`."""
        self._values[:, target, :tokens] = self._values[:, source, :tokens]
