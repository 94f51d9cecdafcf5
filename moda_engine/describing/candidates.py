"""Several candidates of a text of the page, drawn from the language model by the product's seed.

The model is told the brief and which text is wanted: "type: T-shirt; colour: navy blue; write:
bullets". Each text is drawn by itself, so its words hang on brief, photo and seed alone, and the
guard chooses among them.
"""

from copy import copy
from zlib import crc32

import torch
from torch import Tensor

from moda_engine.brief.claims import Brief
from moda_engine.brief.conditioning import facts_of_brief, without_placeholders
from moda_engine.copywriting.guard import Candidate, Choice, Guard
from moda_engine.copywriting.pages import names_of
from moda_engine.copywriting.slots import SLOTS
from moda_engine.copywriting.voice import Voice
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor

#: Candidates of a text.
COUNT = 4
#: How freely they are drawn: the share of the likeliest tokens that may follow, and how much
#: likelier ones are preferred.
TOP_P = 0.9
TEMPERATURE = 0.8
MOST_TOKENS = 160


def slot_facts(brief: Brief, slot: str) -> str:
    """The facts for the model, and which text it is to write."""
    facts = facts_of_brief(brief)
    return f"{facts}; write: {slot}" if facts else f"write: {slot}"


class SlotWriter:
    """Writes the texts of a page that a checkpoint's language model has learned."""

    def __init__(self, model: ModaForCaptioning, processor: ModaProcessor) -> None:
        self._model = model
        self._processor = processor

    @property
    def slots(self) -> tuple[str, ...]:
        """The names of the texts that it writes; none for most checkpoints."""
        return tuple(self._model.config.slots)

    def choose(self, slot: str, features: Tensor, brief: Brief, seed: str, voice: Voice) -> Choice:
        """The best candidate that the guard lets stand, or none, and why the others were dropped.

        Args:
            features: of the photo, (feature_size,).
            seed: draws the candidates; a product's SKU.
        """
        names = names_of(brief)
        facts = slot_facts(brief, slot)
        candidates = [
            Candidate(voice.spelt(self._text(ids, brief, slot), names), likelihood, is_whole)
            for ids, likelihood, is_whole in self._drawn(facts, features, f"{seed}/{slot}")
        ]
        return Guard(voice).choose(candidates, SLOTS[slot], brief)

    def _text(self, ids: list[int], brief: Brief, slot: str) -> str:
        text: str = self._processor.tokenizer.decode(ids, skip_special_tokens=True)
        text = without_placeholders(text.strip(), brief.free_facts())
        return text if SLOTS[slot].is_list else " ".join(text.split())

    @torch.inference_mode()
    def _drawn(
        self, facts: str, features: Tensor, seed: str
    ) -> list[tuple[list[int], float, bool]]:
        """Of each candidate the tokens, their mean log-probability, and whether it has an end."""
        (prefix,) = self._processor.prefixes([facts])
        device = self._model.device
        ids = torch.tensor([prefix], dtype=torch.long, device=device)
        settings = copy(self._model.generation_config)
        settings.update(
            do_sample=True,
            num_return_sequences=COUNT,
            top_p=TOP_P,
            temperature=TEMPERATURE,
            max_new_tokens=MOST_TOKENS,
            pad_token_id=self._processor.pad_token_id,
            return_dict_in_generate=True,
            output_logits=True,
        )
        with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
            torch.manual_seed(crc32(seed.encode("utf-8", "surrogatepass")))
            found = self._model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                image_features=features[None].to(device),
                generation_config=settings,
            )
        return self._ended(found.sequences, torch.stack(found.logits, dim=1))

    def _ended(self, sequences: Tensor, logits: Tensor) -> list[tuple[list[int], float, bool]]:
        """Args: sequences: (candidates, tokens); logits: (candidates, tokens, vocabulary)."""
        end = self._processor.tokenizer.eos_token_id
        chosen = logits.float().log_softmax(-1).gather(-1, sequences[..., None])[..., 0]
        drawn = []
        for row, likelihoods in zip(sequences.tolist(), chosen, strict=True):
            length = row.index(end) + 1 if end in row else len(row)
            drawn.append((row[:length], float(likelihoods[:length].mean()), end in row))
        return drawn
