"""The loop: one token a row and step; a finished row leaves at once, and a new one joins.

Rows know nothing of each other, so what is written of a prompt does not depend on its company but
for rounding; see `moda_engine.inference.choosing`.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import torch
from torch import Tensor, nn
from transformers import GenerationConfig, LogitsProcessor, LogitsProcessorList

from moda_engine.devices import is_out_of_memory
from moda_engine.inference.choosing import Choice, choose, draw
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
    #: Of what is drawn, by the seed of the prompt.
    numbers: Random = field(init=False)

    def __post_init__(self) -> None:
        sampling = self.prompt.sampling
        self.numbers = Random(sampling.seed if sampling else 0)

    def has_ended(self, ends: Collection[int]) -> bool:
        return self.written.tokens[-1] in ends or len(self.written.tokens) >= self.prompt.limit


class FusedLoop:
    """Writes the likeliest token of each step, or draws one, row by row.

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
        new, sources = _copies_last(new)
        rows = [_Row(number, prompt, len(prompt.embeds)) for number, prompt in new]
        drafts = [self._draft(row.prompt) for row in rows]
        hidden = self._read(rows, drafts, sources)
        choices = self._choices(hidden, rows, drafts, sources)
        for row, draft, choice in zip(rows, drafts, choices, strict=True):
            self._take_up(row, draft, choice)
        tokens = torch.tensor([row.written.tokens[-1] for row in rows], device=hidden.device)
        self._tokens = torch.cat([self._tokens.to(tokens.device), tokens])
        self._rows += rows

    def _read(self, rows: list[_Row], drafts: list[tuple[int, ...]], sources: list[int]) -> Tensor:
        """What the layers make of each prompt that is read, (prompts, tokens, width).

        Args:
            sources: of each row the place of the one that is read for it; copies come last.
        """
        own = len(set(sources))
        pairs = list(zip(rows, drafts, strict=True))[:own]
        read = [self._with_draft(row.prompt.embeds, draft) for row, draft in pairs]
        first, room = len(self._rows), self._slots - len(self._rows)
        count = _made_up(own, room)
        self._cache.reserve_slots(first + max(count, len(rows)))
        most = max(len(row.prompt.embeds) + row.prompt.limit for row in rows)
        self._cache.reserve(max(map(len, read)), most)
        embeds = nn.utils.rnn.pad_sequence(read, batch_first=True)
        embeds = nn.functional.pad(embeds, (0, 0, 0, 0, 0, count - own))
        hidden = self._decoder.prefix(embeds, self._cache, first)
        for place in range(own, len(rows)):
            self._cache.move(first + sources[place], first + place, rows[place].length)
        return hidden

    def _draft(self, prompt: Prompt) -> tuple[int, ...]:
        """The prompt's draft as far as there is room; none where drafts were mostly wrong."""
        if prompt.sampling is not None:
            return ()  # of what is drawn nothing is likely enough
        if self._drafted >= _TRIED and self._right < _WORTHWHILE * self._drafted:
            return ()
        return prompt.draft_tokens[: prompt.limit - 1]

    def _with_draft(self, embeds: Tensor, draft: tuple[int, ...]) -> Tensor:
        if not draft:
            return embeds
        tokens = torch.tensor(draft, device=embeds.device)
        return torch.cat([embeds, self._decoder.embed(tokens).to(embeds.dtype)])

    def _choices(
        self,
        hidden: Tensor,
        rows: list[_Row],
        drafts: list[tuple[int, ...]],
        sources: list[int],
    ) -> list[Choice]:
        """The next token behind each prompt and behind each token of its draft, row by row."""
        counts = [1 + len(draft) for draft in drafts]
        places = [
            (number, row.length - 1 + offset)
            for number, row, count in zip(sources, rows, counts, strict=True)
            for offset in range(count)
        ]
        several = sum(counts) > len(rows)
        filled = places + [(0, 0)] * (-len(places) % _MANY_ROWS if several else 0)
        numbers, positions = torch.tensor(filled, device=hidden.device).unbind(1)
        logits = self._decoder.logits(hidden[numbers, positions])
        by_place = [row for row, count in zip(rows, counts, strict=True) for _ in range(count)]
        choice = _choice(logits[: len(places)], by_place)
        split = (values.split(counts) for values in choice)
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
    choice = _choice(logits, rows)
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


def _choice(logits: Tensor, rows: list[_Row]) -> Choice:
    """The likeliest token of each row, or the one that its seed draws; `rows` is one a logit row.

    A row that draws has no draft, so it stands here once.
    """
    choice = choose(logits)
    drawing = [place for place, row in enumerate(rows) if row.prompt.sampling is not None]
    if not drawing:
        return choice
    samplings = [row.prompt.sampling for row in rows if row.prompt.sampling is not None]
    some = logits[drawing]
    tokens = draw(some, samplings, [rows[place].numbers.random() for place in drawing])
    log_probabilities = some.float().log_softmax(-1).gather(-1, tokens[:, None])[:, 0]
    choice.tokens[drawing] = tokens
    choice.log_probabilities[drawing] = log_probabilities
    choice.is_near[drawing] = False
    return choice


def _copies_last(
    new: list[tuple[int, Prompt]],
) -> tuple[list[tuple[int, Prompt]], list[int]]:
    """The prompts, and of each the place of the one, with the same embeddings, that is read."""
    firsts: dict[int, int] = {}
    own: list[tuple[int, Prompt]] = []
    copies: list[tuple[int, tuple[int, Prompt]]] = []
    for number, prompt in new:
        key = id(prompt.embeds)
        if key in firsts and not prompt.draft_tokens:
            copies.append((firsts[key], (number, prompt)))
        else:
            firsts.setdefault(key, len(own))
            own.append((number, prompt))
    sources = [*range(len(own)), *(source for source, _ in copies)]
    return own + [one for _, one in copies], sources


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
            logits_processor=LogitsProcessorList([_Draws(prompts)]),
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


class _Draws(LogitsProcessor):
    """Leaves of the rows that draw the drawn token alone."""

    def __init__(self, prompts: list[Prompt]) -> None:
        self._samplings = {
            row: prompt.sampling for row, prompt in enumerate(prompts) if prompt.sampling
        }
        self._numbers = [Random(one.seed) for one in self._samplings.values()]

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Scores, (rows, vocabulary)."""
        if not self._samplings:
            return scores
        rows = torch.tensor(list(self._samplings), device=scores.device)
        numbers = [one.random() for one in self._numbers]
        tokens = draw(scores[rows], list(self._samplings.values()), numbers)
        left = torch.full_like(scores[rows], -torch.inf).scatter(1, tokens[:, None], 0.0)
        return scores.index_copy(0, rows, left)


def _left_padded(rows: list[Tensor]) -> tuple[Tensor, Tensor]:
    """(rows, tokens, width) and the mask of what is no padding."""
    width = max(map(len, rows))
    padded = [torch.nn.functional.pad(row, (0, 0, width - len(row), 0)) for row in rows]
    lengths = torch.tensor([[len(row)] for row in rows], device=rows[0].device)
    columns = torch.arange(width, device=rows[0].device)
    return torch.stack(padded), (columns >= width - lengths).long()
