"""One model's generation: which loop it is written by, with which weights and which adapter."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig

from moda_engine.adapter import adapter_use
from moda_engine.inference.decoder import Decoder
from moda_engine.inference.families import decoder_of
from moda_engine.inference.linear import FusedLinear
from moda_engine.inference.loop import FusedLoop, PlainLoop
from moda_engine.inference.prompts import Prompt, Source, Written
from moda_engine.inference.weights import copy_from_file, look_up_in_file, weights_digest
from moda_engine.model import ModaForCaptioning

#: Generation settings that do not change which token comes next when the likeliest is taken.
_HARMLESS = {
    "_from_model_config",
    "bos_token_id",
    "do_sample",
    "eos_token_id",
    "max_length",
    "max_new_tokens",
    "output_attentions",
    "output_hidden_states",
    "pad_token_id",
    "return_dict_in_generate",
    "temperature",
    "top_k",
    "top_p",
    "transformers_version",
    "use_cache",
}


class Writer:
    """Writes with a model as it is at the moment: weights are laid out again once they changed.

    Each call of `write` compares their contents first, so it does not matter what changed them.

    Args:
        linear: what the language model's products are computed by, where it is one that is known.
    """

    def __init__(self, model: ModaForCaptioning, linear: type[FusedLinear] = FusedLinear) -> None:
        self._model = model
        self._linear = linear
        self._decoder: Decoder | None = None
        #: Of the weights that the decoder was made of; see `weights_digest`.
        self._digest = b""
        self._is_final = False

    def prompts(
        self,
        features: Tensor,
        tokens: Sequence[Tensor],
        max_new_tokens: int,
        drafts: Sequence[Sequence[int]] | None = None,
    ) -> list[Prompt]:
        """Prompts of encoded photos.

        Args:
            features: (photos, feature_size).
            tokens: what follows each photo, facts and opening; (tokens,) each.
            max_new_tokens: fewer where the language model has not as many positions.
            drafts: what probably is written of each; texts are the same without.

        Raises `ValueError` where the tokens leave no position to write at.
        """
        visual = self._model.visual_token(image_features=features)  # (photos, 1, width)
        embed = self._model.get_input_embeddings()
        rows = [
            torch.cat([photo, embed(row.to(photo.device)).to(photo.dtype)])
            for photo, row in zip(visual, tokens, strict=True)
        ]
        positions = getattr(self._model.config.language_config, "max_position_embeddings", None)
        prompts = []
        for row, draft in zip(rows, drafts or [()] * len(rows), strict=True):
            limit = (
                max_new_tokens if positions is None else min(max_new_tokens, positions - len(row))
            )
            if limit < 1:
                raise ValueError(
                    f"The facts take all {positions} positions of the language model. Shorten them."
                )
            prompts.append(Prompt(row, limit, tuple(draft)))
        return prompts

    def use(self, adapter: str | None) -> None:
        """Write with the adapter of this name, or with none."""
        adapter_use(self._model, adapter)
        if self._decoder is not None:
            for product in (*self._decoder.fused(), self._decoder.vocabulary):
                product.follow_adapters()

    def write(
        self, source: Source, slots: int, adapter: str | None = None
    ) -> Iterator[list[tuple[int, Written]]]:
        """(place of the prompt, what was written), in the order in which texts end.

        Args:
            slots: texts in work at a time.
        """
        self._take_weights()
        loop = self._loop(slots)
        self.use(adapter)
        for ended in loop.run(source):
            if ended:
                yield ended
                self.use(adapter)  # the caller may have written with another meanwhile

    def write_all(self, source: Source, slots: int, adapter: str | None = None) -> list[Written]:
        """What was written of each prompt, in order."""
        found = dict(one for ended in self.write(source, slots, adapter) for one in ended)
        return [found[place] for place in range(len(found))]

    def decoder(self) -> Decoder | None:
        """The decoder of the weights as they are; `None` where transformers writes."""
        self._take_weights()
        return self._decoder

    def keep_fused_alone(self, file: Path | None) -> None:
        """Let the layers' own weights go, where they are held in the processor's order.

        Args:
            file: the model's weights; tokens are looked up there where their precision is the same.
        """
        self._take_weights()
        if self._decoder is not None:
            for product in self._decoder.fused():
                product.release()
            copy_from_file(self._model.language_model)
            if file is not None:
                look_up_in_file(self._model, self._model.get_input_embeddings(), file)
        self._is_final = True

    def _loop(self, slots: int) -> FusedLoop | PlainLoop:
        settings = self._model.generation_config
        ends = _ends(settings)
        if self._decoder is not None:
            return FusedLoop(self._decoder, ends, slots)
        return PlainLoop(self._model.language_model, settings, ends, slots)

    def _take_weights(self) -> None:
        if self._is_final:
            return  # there are no other weights left
        if not set(self._model.generation_config.to_diff_dict()) <= _HARMLESS:
            self._decoder, self._digest = None, b""
            return
        digest = weights_digest(self._model.language_model)
        if digest != self._digest:
            self._decoder = None  # never two sets of weights at a time
            self._decoder = decoder_of(self._model.language_model, self._linear)
            self._digest = digest


def _ends(settings: GenerationConfig) -> set[int]:
    ends: Any = settings.eos_token_id
    return set() if ends is None else set(ends) if isinstance(ends, list) else {int(ends)}
