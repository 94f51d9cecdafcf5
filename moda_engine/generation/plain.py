"""The same as `greedy`, by transformers' own `generate`: for language models it does not know.

Also where a checkpoint's generation settings ask for more than the likeliest token, a penalty on
repetitions for one. A batch is as slow as its longest text.
"""

from collections.abc import Collection, Iterator
from typing import Any

import torch
from torch import Tensor
from transformers import GenerationConfig

from moda_engine.generation.choosing import choose
from moda_engine.generation.prompts import Prompt, Source, Written


class PlainLoop:
    """Batches of `slots` prompts, one after the other."""

    def __init__(
        self, language_model: Any, settings: GenerationConfig, ends: Collection[int], slots: int
    ) -> None:
        self._model = language_model
        self._settings = settings
        self._ends = ends
        self._slots = slots

    @torch.inference_mode()
    def run(self, source: Source) -> Iterator[list[tuple[int, Written]]]:
        """(place of the prompt, what was written) of a batch, batch by batch."""
        count = 0
        while prompts := source.take(self._slots):
            yield list(enumerate(self._written(prompts), count))
            count += len(prompts)

    def _written(self, prompts: list[Prompt]) -> list[Written]:
        embeds, mask = _left_padded([prompt.embeds for prompt in prompts])
        output = self._model.generate(
            inputs_embeds=embeds,
            attention_mask=mask,
            generation_config=self._settings,
            max_new_tokens=max(prompt.limit for prompt in prompts),
            do_sample=False,
            output_logits=True,
            return_dict_in_generate=True,
        )
        written = [Written() for _ in prompts]
        for column, logits in enumerate(output.logits):
            self._take_up(written, prompts, output.sequences[:, column], logits)
        return written

    def _take_up(
        self, written: list[Written], prompts: list[Prompt], tokens: Tensor, logits: Tensor
    ) -> None:
        """One token of each row that has not ended."""
        is_near = choose(logits).is_near.tolist()
        chosen = logits.float().log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1)
        for row, token in enumerate(tokens.tolist()):
            so_far = written[row].tokens
            if len(so_far) < prompts[row].limit and not (so_far and so_far[-1] in self._ends):
                written[row].add(token, chosen[row].item(), is_near=is_near[row])


def _left_padded(rows: list[Tensor]) -> tuple[Tensor, Tensor]:
    """(rows, tokens, width) and the mask of what is no padding."""
    width = max(map(len, rows))
    padded = [torch.nn.functional.pad(row, (0, 0, width - len(row), 0)) for row in rows]
    lengths = torch.tensor([[len(row)] for row in rows], device=rows[0].device)
    columns = torch.arange(width, device=rows[0].device)
    return torch.stack(padded), (columns >= width - lengths).long()
