"""A language model as its own weights, fused: the arithmetic of one pass, no loop.

`moda_engine.inference.families` builds it for OPT and Llama (SmolLM2 is one).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from moda_engine.devices import cache_precision
from moda_engine.inference.cache import SlotCache
from moda_engine.inference.linear import FusedLinear

Enter = Callable[[Tensor, Tensor], Tensor]
Rotation = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class Layer:
    """One transformer layer, its norms before attention and before the feed-forward part.

    `gate` is that of a gated feed-forward part; where there is none, `up` has the activation.
    """

    attention_norm: nn.Module
    queries_keys_values: FusedLinear
    attention_out: FusedLinear
    feed_forward_norm: nn.Module
    up: FusedLinear
    gate: FusedLinear | None
    down: FusedLinear


@dataclass(frozen=True)
class Decoder:
    """Layers between the embeddings and the vocabulary.

    `enter` adds what stands for positions to embeddings, `rotate` gives what turns queries and
    keys; a model has one of them.
    """

    layers: list[Layer]
    final_norm: nn.Module
    vocabulary: FusedLinear
    embed: nn.Module
    heads: int
    kv_heads: int
    head_size: int
    positions: int
    enter: Enter | None = None
    rotate: Callable[[Tensor, Tensor], Rotation] | None = None

    def fused(self) -> list[FusedLinear]:
        """All products of the layers."""
        return [
            product
            for layer in self.layers
            for product in (
                layer.queries_keys_values,
                layer.attention_out,
                layer.up,
                layer.gate,
                layer.down,
            )
            if product is not None
        ]

    def new_cache(self, slots: int, length: int) -> SlotCache:
        """An empty cache for so many rows."""
        weight: Any = self.embed.weight
        like = weight.new_empty(0, dtype=cache_precision(weight.device, weight.dtype))
        return SlotCache(len(self.layers), slots, length, self.kv_heads, self.head_size, like)

    def prefix(self, embeds: Tensor, cache: SlotCache, first: int) -> Tensor:
        """Read new rows; what the layers make of each token, (rows, tokens, width).

        Args:
            embeds: (rows, tokens, width), right-padded. What padding leaves in the cache is
                overwritten by the tokens that follow.
            first: the slot of the first row.
        """
        rows, tokens, width = embeds.shape
        positions = torch.arange(tokens, device=embeds.device).expand(rows, tokens)
        hidden, rotation = self._entered(embeds, positions)

        def attend(layer: int, queries: Tensor, keys_values: Tensor) -> Tensor:
            own = keys_values.view(rows, tokens, 2, self.kv_heads, self.head_size)
            queries = queries.view(rows, tokens, self.heads, self.head_size).transpose(1, 2)
            cache.store_prefixes(layer, first, own)
            keys, values = own.permute(2, 0, 3, 1, 4)
            attended = nn.functional.scaled_dot_product_attention(
                queries, keys, values, is_causal=True, enable_gqa=self.heads != self.kv_heads
            )
            return attended.transpose(1, 2).reshape(rows * tokens, -1)

        hidden = self._through(hidden.reshape(rows * tokens, width), rotation, attend)
        return hidden.view(rows, tokens, -1)

    def logits(self, hidden: Tensor) -> Tensor:
        """What follows tokens, (tokens, vocabulary), by what the layers made of them."""
        return self.vocabulary(self.final_norm(hidden))

    def step(self, tokens: Tensor, lengths: Tensor, longest: int, cache: SlotCache) -> Tensor:
        """Read one more token a row; logits of what follows, (rows, vocabulary).

        Args:
            tokens: (rows,), of the rows in the first slots.
            lengths: tokens that each row has in the cache; (rows,).
            longest: the greatest of them.
        """
        rows, total = len(tokens), longest + 1
        hidden, rotation = self._entered(self.embed(tokens).unsqueeze(1), lengths.unsqueeze(1))
        columns = torch.arange(rows, device=tokens.device) * cache.length + lengths
        reach = torch.arange(total, device=tokens.device) > lengths.unsqueeze(1)
        mask = torch.zeros_like(reach, dtype=cache.dtype).masked_fill_(reach, -torch.inf)
        mask = mask.view(rows, 1, 1, total)

        def attend(layer: int, queries: Tensor, keys_values: Tensor) -> Tensor:
            cache.store_step(layer, columns, keys_values)
            # Heads that share keys and values stand where several tokens would.
            queries = queries.view(rows, self.kv_heads, -1, self.head_size).to(cache.dtype)
            attended = nn.functional.scaled_dot_product_attention(
                queries, *cache.read(layer, rows, total), attn_mask=mask
            )
            return attended.reshape(rows, -1).to(hidden.dtype)

        return self.logits(self._through(hidden.squeeze(1), rotation, attend))

    def _entered(self, embeds: Tensor, positions: Tensor) -> tuple[Tensor, Rotation | None]:
        rotation = None if self.rotate is None else self.rotate(embeds, positions)
        return embeds if self.enter is None else self.enter(embeds, positions), rotation

    def _through(
        self,
        hidden: Tensor,
        rotation: Rotation | None,
        attend: Callable[[int, Tensor, Tensor], Tensor],
    ) -> Tensor:
        """All layers; `hidden` is (rows · tokens, width)."""
        wide = self.heads * self.head_size
        for number, layer in enumerate(self.layers):
            projected = layer.queries_keys_values(layer.attention_norm(hidden))
            if rotation is not None:
                self._turn(projected, rotation)
            attended = attend(number, projected[:, :wide], projected[:, wide:])
            hidden = layer.attention_out(attended, hidden)
            normed = layer.feed_forward_norm(hidden)
            inner = layer.up(normed)
            if layer.gate is not None:
                inner *= layer.gate(normed)
            hidden = layer.down(inner, hidden)
        return hidden

    def _turn(self, projected: Tensor, rotation: Rotation) -> None:
        """Turn queries and keys by their positions, in place."""
        turned = projected[:, : (self.heads + self.kv_heads) * self.head_size]
        parts = turned.view(len(projected), -1, self.head_size)  # (rows, heads, head_size)
        cosine, sine = (value.reshape(-1, 1, self.head_size) for value in rotation)
        first, second = parts.chunk(2, dim=-1)
        parts.copy_(parts * cosine + torch.cat([-second, first], dim=-1) * sine)
