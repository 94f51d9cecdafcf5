"""The loop: one token a row and step; a finished row leaves at once, and a new one joins.

Rows know nothing of each other, so what is written of a prompt does not depend on its company but
for rounding; see `moda_engine.inference.choosing`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GenerationConfig

from moda_engine.devices import is_out_of_memory
from moda_engine.inference.choosing import Choice, choose
from moda_engine.inference.decoder import Decoder
from moda_engine.inference.prompts import Prompt, Source, Written

#: New rows join when this share of the slots is free: reading a few costs what reading many does.
_JOINING_SHARE = 1 / 4
#: One row is computed alone, up to four as four, more as a multiple of eight: for every number of
#: rows oneDNN builds products of their own and keeps them. Powers of two made describing slower.
_FEW_ROWS, _MANY_ROWS = 4, 8
#: After so many tokens of drafts of which fewer than this share were right, drafts are not read:
#: people may have taught the model another way of writing.
_TRIED, _WORTHWHILE = 512, 0.3


@dataclass
class _Row:
    """A prompt in work; `length` counts its tokens in the cache."""

    number: int
    prompt: Prompt
    length: int
    written: Written = field(default_factory=Written)

    def has_ended(self, ends: Collection[int]) -> bool:
        return self.written.tokens[-1] in ends or len(self.written.tokens) >= self.prompt.limit


class GreedyLoop:
    """Writes the likeliest token of each step.

    Where memory does not suffice, half of the rows begin again later.

    Args:
        ends: tokens that end a text.
        slots: rows in work at most.
    """

    def __init__(self, decoder: Decoder, ends: Collection[int], slots: int) -> None:
        self._decoder = decoder
        self._ends = ends
        self._slots = slots
        self._rows: list[_Row] = []
        self._put_back: list[tuple[int, Prompt]] = []
        self._count = 0
        self._cache = decoder.new_cache(0, 0)
        #: Tokens of drafts, and how many of them were what would have been written.
        self._drafted = self._right = 0
        #: The token of each row that is not in the cache yet.
        self._tokens = torch.empty(0, dtype=torch.long)

    @torch.inference_mode()
    def run(self, source: Source) -> Iterator[list[tuple[int, Written]]]:
        """(place of the prompt, what was written) of all that ended in a step, step by step.

        A step in which nothing ended gives an empty list.
        """
        while True:
            joining = self._to_join(source)
            if not joining and not self._rows:
                return
            try:
                self._join(joining) if joining else self._step()
            except (MemoryError, RuntimeError) as error:
                if self._slots == 1 or not is_out_of_memory(error):
                    raise
                self._halve(joining)
                continue
            yield self._leave()

    def _to_join(self, source: Source) -> list[tuple[int, Prompt]]:
        room = self._slots - len(self._rows)
        if self._rows and room < self._slots * _JOINING_SHARE:
            return []
        joining, self._put_back = self._put_back[:room], self._put_back[room:]
        if len(joining) < room and not source.is_exhausted:
            new = source.take(room - len(joining))
            joining += enumerate(new, self._count)
            self._count += len(new)
        return joining

    def _join(self, new: list[tuple[int, Prompt]]) -> None:
        """Read prompts and drafts; each row has what is right of its draft, and one token more."""
        prompts = [prompt for _, prompt in new]
        drafts = [self._draft(prompt) for prompt in prompts]
        pairs = zip(prompts, drafts, strict=True)
        read = [self._with_draft(prompt.embeds, draft) for prompt, draft in pairs]
        most = max(len(prompt.embeds) + prompt.limit for prompt in prompts)
        rows = [_Row(number, prompt, len(prompt.embeds)) for number, prompt in new]
        count = _made_up(len(rows), self._slots - len(self._rows))
        self._cache.reserve_slots(len(self._rows) + count)
        self._cache.reserve(max(map(len, read)), most)
        embeds = nn.utils.rnn.pad_sequence(read, batch_first=True)
        embeds = nn.functional.pad(embeds, (0, 0, 0, 0, 0, count - len(rows)))
        hidden = self._decoder.prefix(embeds, self._cache, len(self._rows))
        for row, draft, choice in zip(
            rows, drafts, self._choices(hidden, rows, drafts), strict=True
        ):
            self._take_up(row, draft, choice)
        tokens = torch.tensor([row.written.tokens[-1] for row in rows], device=embeds.device)
        self._tokens = torch.cat([self._tokens.to(tokens.device), tokens])
        self._rows += rows

    def _draft(self, prompt: Prompt) -> tuple[int, ...]:
        """The prompt's draft as far as there is room; none where drafts were mostly wrong."""
        if self._drafted >= _TRIED and self._right < _WORTHWHILE * self._drafted:
            return ()
        return prompt.draft_tokens[: prompt.limit - 1]

    def _with_draft(self, embeds: Tensor, draft: tuple[int, ...]) -> Tensor:
        if not draft:
            return embeds
        tokens = torch.tensor(draft, device=embeds.device)
        return torch.cat([embeds, self._decoder.embed(tokens).to(embeds.dtype)])

    def _choices(
        self, hidden: Tensor, rows: list[_Row], drafts: list[tuple[int, ...]]
    ) -> list[Choice]:
        """The likeliest token behind each prompt and behind each token of its draft, row by row."""
        counts = [1 + len(draft) for draft in drafts]
        places = [
            (number, row.length - 1 + offset)
            for number, (row, count) in enumerate(zip(rows, counts, strict=True))
            for offset in range(count)
        ]
        several = sum(counts) > len(rows)
        filled = places + [(0, 0)] * (-len(places) % _MANY_ROWS if several else 0)
        numbers, positions = torch.tensor(filled, device=hidden.device).unbind(1)
        choice = choose(self._decoder.logits(hidden[numbers, positions]))
        split = (values[: len(places)].split(counts) for values in choice)
        return [Choice(*parts) for parts in zip(*split, strict=True)]

    def _take_up(self, row: _Row, draft: tuple[int, ...], choice: Choice) -> None:
        """Give the row the draft's tokens as far as they were chosen, and the token behind them."""
        chosen = zip(*(values.tolist() for values in choice), strict=True)
        for place, (token, log_probability, is_near) in enumerate(chosen):
            row.written.add(token, log_probability, is_near=is_near)
            if row.has_ended(self._ends) or place == len(draft) or token != draft[place]:
                break
        row.length += len(row.written.tokens) - 1
        self._drafted += len(draft)
        self._right += min(len(draft), len(row.written.tokens) - 1)

    def _step(self) -> None:
        rows = len(self._rows)
        count = _made_up(rows, self._slots)
        tokens = nn.functional.pad(self._tokens, (0, count - rows))
        held = _lengths(self._rows, count, tokens.device)
        longest = max(row.length for row in self._rows)
        self._cache.reserve_slots(count)
        self._cache.reserve(longest + 1)
        logits = self._decoder.step(tokens, held, longest, self._cache)
        tokens = _chosen(logits[:rows], self._rows)
        for row in self._rows:
            row.length += 1
        self._tokens = tokens

    def _leave(self) -> list[tuple[int, Written]]:
        """Rows that have ended; the last rows take their slots, so that the first are in use."""
        places = [place for place, row in enumerate(self._rows) if row.has_ended(self._ends)]
        if not places:
            return []
        ended = [(self._rows[place].number, self._rows[place].written) for place in places]
        order = list(range(len(self._rows)))
        for place in reversed(places):
            last = order.pop()
            if place != len(order):
                order[place] = last
                self._cache.move(last, place, self._rows[last].length)
        self._rows = [self._rows[place] for place in order]
        self._tokens = self._tokens[order]
        return ended

    def _halve(self, joining: list[tuple[int, Prompt]]) -> None:
        """Go on with half of what did not fit: those that came last wait, or begin again later."""
        self._slots = max(1, (len(self._rows) + len(joining)) // 2)
        again = [(row.number, row.prompt) for row in self._rows[self._slots :]]
        self._rows, self._tokens = self._rows[: self._slots], self._tokens[: self._slots]
        self._put_back = again + joining + self._put_back
        self._cache.shrink(self._slots)


def _made_up(rows: int, room: int) -> int:
    """How many rows are computed for so many; the outputs of the others are not used."""
    if rows == 1:
        return 1
    multiple = _FEW_ROWS if rows <= _FEW_ROWS else _MANY_ROWS
    return min(rows + -rows % multiple, room)


def _lengths(rows: list[_Row], count: int, device: torch.device) -> Tensor:
    """Tokens in the cache of each row, (count,); 1 for rows that only fill up."""
    lengths = [row.length for row in rows]
    return torch.tensor(lengths + [1] * (count - len(rows)), device=device)


def _chosen(logits: Tensor, rows: list[_Row]) -> Tensor:
    """The next token of each row, (rows,); it is added to the row."""
    choice = choose(logits)
    taken = zip(
        rows,
        choice.tokens.tolist(),
        choice.log_probabilities.tolist(),
        choice.is_near.tolist(),
        strict=True,
    )
    for row, token, log_probability, is_near in taken:
        row.written.add(token, log_probability, is_near=is_near)
    return choice.tokens


class PlainLoop:
    """Batches of `slots` prompts, by transformers' own `generate`.

    For language models that `Decoder` does not know, and where a checkpoint's generation settings
    ask for more than the likeliest token, a penalty on repetitions for one. A batch is as slow as
    its longest text.
    """

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
