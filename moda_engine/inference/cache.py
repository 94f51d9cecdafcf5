"""Keys and values of the rows in work; their room grows with the longest row."""

import torch
from torch import Tensor

#: Tokens by which the places grow at least: most texts are far shorter than they might be.
_GROWTH = 16


class SlotCache:
    """For every layer and slot the keys and values of a row's tokens.

    There are as many slots as rows were in work at a time, and rows in work are in the first ones.
    Positions come before heads, so a step's keys and values are stored as the product gives them,
    and are read head by head through strides.
    """

    def __init__(
        self, layers: int, slots: int, length: int, kv_heads: int, head_size: int, like: Tensor
    ) -> None:
        shape = (slots, length, 2, kv_heads, head_size)
        self._layers = [like.new_zeros(shape) for _ in range(layers)]
        #: Places of each slot that hold zeros or what was stored; beyond them may be anything.
        self._cleared = length

    @property
    def length(self) -> int:
        """Places from a slot's first to the next one's."""
        return min(values.shape[1] for values in self._layers)

    @property
    def dtype(self) -> torch.dtype:
        """The precision of keys and values."""
        return self._layers[0].dtype

    def reserve(self, length: int, most: int = 0) -> None:
        """Make room for rows of `length` tokens, and some more.

        Args:
            most: tokens that rows may come to have. So much is asked for at once; on a CPU a page
                of it becomes memory only when it is cleared.
        """
        if length <= self._cleared:
            return
        cleared = max(length, self._cleared + max(_GROWTH, self._cleared // 4))
        self._enlarge(max(cleared, most))
        for values in self._layers:
            # What a mask hides is multiplied by zero, and must not be NaN.
            values[:, self._cleared : cleared] = 0
        self._cleared = cleared

    def reserve_slots(self, slots: int) -> None:
        """Make room for so many rows."""
        for layer, values in enumerate(self._layers):
            if slots > len(values):
                larger = values.new_empty(slots, *values.shape[1:])
                larger[: len(values), : self._cleared] = values[:, : self._cleared]
                larger[len(values) :, : self._cleared] = 0
                self._layers[layer] = larger

    def _enlarge(self, length: int) -> None:
        """Layer by layer, for memory."""
        if length <= self.length:
            return
        for layer, values in enumerate(self._layers):
            larger = values.new_empty(len(values), length, *values.shape[2:])
            larger[:, : self._cleared] = values[:, : self._cleared]
            self._layers[layer] = larger

    def shrink(self, slots: int) -> None:
        """Keep the first `slots` alone, and give the memory of the others back.

        Layers that were made longer, before memory ran out at others, are as long as those again.
        """
        for layer, values in enumerate(self._layers):
            self._layers[layer] = values[:slots, : self._cleared].clone()

    def store_prefixes(self, layer: int, first: int, values: Tensor) -> None:
        """`values` (rows, tokens, 2, kv_heads, head_size), of new rows from slot `first` on."""
        rows, tokens = values.shape[:2]
        self._layers[layer][first : first + rows, :tokens] = values

    def store_step(self, layer: int, columns: Tensor, values: Tensor) -> None:
        """`values` (rows, 2 · kv_heads · head_size) of one token a row.

        Args:
            columns: where they go, slot · length + position; (rows,).
        """
        self._layers[layer].view(-1, values.shape[-1]).index_copy_(
            0, columns, values.to(self.dtype)
        )

    def read(self, layer: int, rows: int, tokens: int) -> tuple[Tensor, Tensor]:
        """Keys and values, each (rows, kv_heads, tokens, head_size)."""
        found = self._layers[layer][:rows, :tokens].permute(2, 0, 3, 1, 4)
        return found[0], found[1]

    def move(self, source: int, target: int, tokens: int) -> None:
        """Put the row of slot `source` into slot `target`."""
        for values in self._layers:
            values[target, :tokens] = values[source, :tokens]
