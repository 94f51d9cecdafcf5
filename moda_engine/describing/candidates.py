"""Several candidates of a text of the page, drawn from the language model by the product's seed.

The model is told the brief and which text is wanted: "type: T-shirt; colour: navy blue; write:
bullets". Each text is drawn by itself, so its words hang on brief, photo and seed alone, and the
guard chooses among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from zlib import crc32

import torch
from torch import Tensor

from moda_engine.brief.claims import Brief
from moda_engine.brief.conditioning import facts_of_brief, without_placeholders
from moda_engine.copywriting.guard import Candidate, Choice, Guard
from moda_engine.copywriting.pages import names_of
from moda_engine.copywriting.slots import SLOTS
from moda_engine.copywriting.voice import Voice
from moda_engine.inference.prompts import Prompt, Prompts, Sampling, Written
from moda_engine.inference.writer import Writer
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor

#: Candidates of a text: so many at first, and so many in all where none of those stands.
FIRST, COUNT = 4, 8
#: How freely they are drawn: the share of the likeliest tokens that may follow, and how much
#: likelier ones are preferred.
TOP_P = 0.9
TEMPERATURE = 0.8
MOST_TOKENS = 160


def slot_facts(brief: Brief, slot: str) -> str:
    """The facts for the model, and which text it is to write."""
    facts = facts_of_brief(brief)
    return f"{facts}; write: {slot}" if facts else f"write: {slot}"


@dataclass(frozen=True)
class _Product:
    """What the texts of a page hang on."""

    features: Tensor
    brief: Brief
    seed: str
    voice: Voice


class SlotWriter:
    """Writes the texts of a page that a checkpoint's language model has learned."""

    def __init__(self, model: ModaForCaptioning, processor: ModaProcessor, writer: Writer) -> None:
        self._model = model
        self._processor = processor
        self._writer = writer

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the texts that it writes; none for most checkpoints."""
        return tuple(self._model.config.slots)

    def choose(
        self,
        slots: Sequence[str],
        features: Tensor,
        brief: Brief,
        seed: str,
        voice: Voice,
        adapter: str | None = None,
    ) -> dict[str, Choice]:
        """For each slot the best candidate that the guard lets stand, or none, and why others fell.

        The candidates of a product are written together and apart from other products, so they
        hang on brief, photo and seed alone.

        Args:
            features: of the photo, (feature_size,).
            seed: draws the candidates; a product's SKU.
        """
        product = _Product(features, brief, seed, voice)
        found = self._drawn(slots, product, range(FIRST), adapter)
        fallen = [slot for slot, choice in found.items() if choice.text is None]
        for slot, choice in self._drawn(fallen, product, range(FIRST, COUNT), adapter).items():
            found[slot] = Choice(choice.text, (*found[slot].judged, *choice.judged))
        return found

    def _drawn(
        self, slots: Sequence[str], product: _Product, numbers: range, adapter: str | None
    ) -> dict[str, Choice]:
        """What the guard makes of the candidates of these numbers."""
        if not slots:
            return {}
        prompts = [one for slot in slots for one in self._prompts(slot, product, numbers)]
        written = self._writer.write_all(Prompts(prompts), len(prompts), adapter)
        guard, found = Guard(product.voice), {}
        for place, slot in enumerate(slots):
            some = written[place * len(numbers) : (place + 1) * len(numbers)]
            candidates = [self._candidate(one, product, slot) for one in some]
            found[slot] = guard.choose(candidates, SLOTS[slot], product.brief)
        return found

    def _prompts(self, slot: str, product: _Product, numbers: range) -> list[Prompt]:
        (ids,) = self._processor.prefixes([slot_facts(product.brief, slot)])
        tokens = [torch.tensor(ids, dtype=torch.long)]
        [prompt] = self._writer.prompts(product.features[None], tokens, MOST_TOKENS)
        names = [f"{product.seed}/{slot}/{number}" for number in numbers]
        seeds = [crc32(name.encode("utf-8", "surrogatepass")) for name in names]
        return [replace(prompt, sampling=Sampling(one, TEMPERATURE, TOP_P)) for one in seeds]

    def _candidate(self, written: Written, product: _Product, slot: str) -> Candidate:
        tokenizer = self._processor.tokenizer
        text: str = tokenizer.decode(written.tokens, skip_special_tokens=True)
        text = without_placeholders(text.strip(), product.brief.free_facts())
        text = text if SLOTS[slot].is_list else " ".join(text.split())
        return Candidate(
            product.voice.spelt(text, names_of(product.brief)),
            fmean(written.log_probabilities),
            tokenizer.eos_token_id in written.tokens,
        )
