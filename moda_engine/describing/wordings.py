"""From the briefs of some photos to their texts.

The language model is told the brief and writes. What it wrote is read back: it stands if it says
what the brief says and nothing else. Where it does not, the writer's sentence of the brief stands.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from moda_engine.brief.check import TextClaim, claims_of, ends_a_list_without_and, unsaid
from moda_engine.brief.claims import Brief, Claim
from moda_engine.brief.conditioning import (
    facts_of_brief,
    order_of,
    unfilled,
    with_placeholders,
    without_placeholders,
)
from moda_engine.brief.make import with_claims
from moda_engine.brief.plain_text import without_brand
from moda_engine.brief.product import KnownProduct
from moda_engine.brief.style import Style, styled, taught_words, without_left_out
from moda_engine.copywriting.pages import names_of, one_stop, page_texts, with_lines
from moda_engine.copywriting.slots import SLOTS
from moda_engine.copywriting.voice import PLAIN_VOICE, Voice
from moda_engine.describing.briefs import BriefMaker
from moda_engine.describing.candidates import SlotWriter
from moda_engine.describing.confidence import calibrated, evidence
from moda_engine.describing.description import DescribeOptions, Description
from moda_engine.describing.fit import FitScorer
from moda_engine.inference.prompts import Prompt, Prompts, Written
from moda_engine.inference.writer import Writer
from moda_engine.language.vocabulary import PRODUCT_TYPES
from moda_engine.language.writing import paraphrase
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor

#: By the writer's rule: "a ethnic kurta", "an blue cap".
_WRONG_ARTICLE = re.compile(r"\b(a (?=[aeiou])|an (?![aeiou]))", re.IGNORECASE)


@dataclass(frozen=True)
class Encoded:
    """A photo that the encoder has seen; `features` is (feature_size,)."""

    features: Tensor
    product: KnownProduct
    brief: Brief
    #: Whether other photos of its batch may have decided what the brief claims.
    is_near: bool = False


class Wordings:
    """Makes briefs of encoded photos, has them written, and holds the texts against them.

    Args:
        mode: the numeric mode that descriptions name.
    """

    def __init__(
        self,
        model: ModaForCaptioning,
        processor: ModaProcessor,
        writer: Writer,
        fit: FitScorer,
        mode: str,
    ) -> None:
        self._mode = mode
        self._model = model
        self._processor = processor
        self._writer = writer
        self._fit = fit
        self._briefs = BriefMaker(model.heads)
        self._slot_writer = SlotWriter(model, processor, writer)

    def encoded(
        self, features: Tensor, products: Sequence[KnownProduct], options: DescribeOptions
    ) -> list[Encoded]:
        """The photos with their briefs.

        Args:
            features: (photos, feature_size).
            products: what is known of each.
        """
        made = self._briefs.make(features, products, options)
        rows = zip(features, products, made, strict=True)
        return [
            Encoded(row, product, without_left_out(brief, product.style), near)
            for row, product, (brief, near) in rows
        ]

    def prompts(self, photos: Sequence[Encoded], options: DescribeOptions) -> list[Prompt]:
        """What the language model is told of each photo."""
        if not photos:
            return []
        prefixes = self._processor.prefixes([self._facts(photo, options) for photo in photos])
        return self._writer.prompts(
            torch.stack([photo.features for photo in photos]),
            [torch.tensor(ids, dtype=torch.long) for ids in prefixes],
            options.max_new_tokens,
            self._drafts(photos, options),
        )

    def _drafts(
        self, photos: Sequence[Encoded], options: DescribeOptions
    ) -> list[list[int]] | None:
        """Tokens of the writer's sentences: what a model writes that writes what it is told."""
        if not self._has_heads(options):
            return None
        texts = [
            with_placeholders(
                _own_sentence(photo.brief, photo.product.seed), photo.brief.free_facts()
            )
            for photo in photos
        ]
        return self._processor.text_ids(texts)

    def written(self, photos: Sequence[Encoded], options: DescribeOptions) -> list[Written | None]:
        """What the model writes of each photo; `None` where there is nothing to write of."""
        is_asked = [self.is_model_asked(photo, options) for photo in photos]
        asked = [photo for photo, is_one in zip(photos, is_asked, strict=True) if is_one]
        source = Prompts(self.prompts(asked, options))
        texts = iter(self._writer.write_all(source, options.batch_size, options.adapter))
        return [
            next(texts) if is_one else unasked(photo, options)
            for photo, is_one in zip(photos, is_asked, strict=True)
        ]

    def is_model_asked(self, photo: Encoded, options: DescribeOptions) -> bool:
        """Whether the language model writes the standard text of the photo.

        One that learned other texts of a page does not: the writer's own sentence stands, where
        the item has a name.
        """
        if not is_written(photo, options):
            return False
        learned = self._slot_writer.slots
        is_others = bool(learned) and "standard" not in learned and self._has_heads(options)
        return not (is_others and _own_sentence(photo.brief, photo.product.seed))

    @torch.inference_mode()
    def descriptions(
        self,
        photos: Sequence[Encoded],
        written: Sequence[Written | None],
        options: DescribeOptions,
    ) -> tuple[list[Description], list[int]]:
        """One a photo, and the places of those whose words their company may have decided."""
        described = [
            self._description(*pair, options) for pair in zip(photos, written, strict=True)
        ]
        if options.fit and self._fit.has_text_tower:
            described = self._with_fits(photos, described)
        undecided = [
            place
            for place, (photo, one) in enumerate(zip(photos, written, strict=True))
            if photo.is_near or (one is not None and one.is_undecided)
        ]
        return described, undecided

    def _with_fits(
        self, photos: Sequence[Encoded], described: Sequence[Description]
    ) -> list[Description]:
        rows = [row for row, one in enumerate(described) if one.text]
        found = list(described)
        if rows:
            features = torch.stack([photos[row].features for row in rows])
            fits = self._fit.sentence_scores(features, [described[row].text for row in rows])
            for row, fit in zip(rows, fits, strict=True):
                found[row] = replace(described[row], fit=fit)
        return found

    def _has_heads(self, options: DescribeOptions) -> bool:
        return self._model.heads is not None and options.heads

    def _facts(self, photo: Encoded, options: DescribeOptions) -> str | None:
        """The facts before the text. A model without heads is told them as they were given."""
        if not self._has_heads(options):
            return photo.product.facts or photo.brief.facts_text() or None
        return facts_of_brief(photo.brief, order_of(photo.product.seed)) or None

    def _stands(
        self, text: str, claims: Sequence[TextClaim], brief: Brief, options: DescribeOptions
    ) -> bool:
        """Whether the text is the description; people may have taught it to say less.

        A model without heads is the only one that sees the photo: only the catalog speaks
        against it.
        """
        if not self._has_heads(options):
            return not any(
                claim.verdict == "contradicted" and claim.source == "catalog" for claim in claims
            )
        says_all = self._model.config.says_all and options.adapter is None
        return _is_true(text, claims, brief, says_all=says_all)

    def _description(
        self, photo: Encoded, written: Written | None, options: DescribeOptions
    ) -> Description:
        if written is None:
            return Description("", 0.0, self._mode, photo.brief)
        brief, words = photo.brief, written.log_probabilities
        text = without_placeholders(self._text(written), brief.free_facts())
        sureness = math.exp(sum(words))
        if not self._has_heads(options):
            brief = _with_written(brief, text, sureness)
        claims = claims_of(text, brief)
        stands = self._stands(text, claims, brief, options)
        seed, voice = photo.product.seed, Voice.of(photo.product.voice)
        said = text if stands else _own_sentence(brief, seed) or text
        said = _in_voice(said, brief, seed, voice)
        if said != text:
            text, claims = said, claims_of(said, brief)
        found = evidence(claims, brief)
        calibration = self._model.config.confidence if options.heads else None
        if calibration:
            sureness = calibrated(calibration, found)
        elif self._has_heads(options):
            sureness = math.exp(found[0])
        described = Description(
            text=text,
            confidence=sureness,
            mode=self._mode,
            brief=brief,
            **self._page(replace(photo, brief=brief), text, voice, options),
            claims=tuple(claims),
            evidence=tuple(found),
            replaced=bool(written.tokens) and not stands,
        )
        return _in_own_words(described, photo.product.style)

    def _page(
        self, photo: Encoded, text: str, voice: Voice, options: DescribeOptions
    ) -> dict[str, Any]:
        """The texts beside the standard one, by name, and what was drawn for them.

        Where no candidate of the language model stands, the writer's own text does.
        """
        brief, seed = photo.brief, photo.product.seed
        texts = page_texts(brief, options.slots, seed, voice)
        judged = {}
        slots = [name for name in self._slot_writer.slots if name in texts]
        choices = self._slot_writer.choose(
            slots, photo.features, brief, seed, voice, options.adapter
        )
        for name, choice in choices.items():
            texts[name] = choice.text or texts[name]
            judged[name] = choice.judged
        if "alt_text" in texts:
            texts["alt_text"] = texts["alt_text"] or text
        if "detailed" in texts:
            texts["detailed"] = with_lines(texts["detailed"], voice)
        return {**texts, "judged": judged}

    def _text(self, written: Written) -> str:
        """A text that never came to its end loses its last, cut word."""
        tokenizer = self._processor.tokenizer
        text = tokenizer.decode(written.tokens, skip_special_tokens=True).strip()
        has_ended = tokenizer.eos_token_id in written.tokens
        return text if has_ended else without_cut_word(text)


#: The texts beside the standard one, by the names of their slots.
_BESIDE = tuple(name for name in SLOTS if name != "standard")


def _in_own_words(described: Description, style: Style) -> Description:
    """The texts in the shop's words, and the brief that knows what these state."""
    if not any(style.values()):
        return described
    brief = replace(described.brief, words=taught_words(style))
    brand = brief.free_facts().brand or ""
    text = styled(described.text, style, brand)
    beside: dict[str, Any] = {
        name: styled(getattr(described, name), style, brand) for name in _BESIDE
    }
    return replace(
        described, text=text, brief=brief, claims=tuple(claims_of(text, brief)), **beside
    )


def is_written(photo: Encoded, options: DescribeOptions) -> bool:
    """Whether there is something to write of: an item, or everything is asked for."""
    return photo.brief.recognised or options.min_probability == 0


def unasked(photo: Encoded, options: DescribeOptions) -> Written | None:
    """What stands where the model was not asked: nothing written, or `None` for no text at all."""
    return Written() if is_written(photo, options) else None


def is_true_to(text: str, brief: Brief, *, says_all: bool = True) -> bool:
    """Whether `text` says claims of the brief and no others, and repeats no word.

    Args:
        says_all: whether it has to say all of them, each once and with the right articles, as the
            writer does; otherwise the type is enough.
    """
    return _is_true(text, claims_of(text, brief), brief, says_all=says_all)


def _is_true(text: str, claims: Sequence[TextClaim], brief: Brief, *, says_all: bool) -> bool:
    if any(claim.verdict in ("contradicted", "unsupported") for claim in claims):
        return False
    missing = [claim for claim in unsaid(text, brief) if says_all or claim.kind == "product_type"]
    words = text.split()
    is_wrong = any(one.lower() == other.lower() for one, other in pairwise(words))
    if says_all:
        is_wrong |= len({(one.kind, one.value) for one in claims}) < len(claims)
        is_wrong |= _WRONG_ARTICLE.search(text) is not None
        is_wrong |= ends_a_list_without_and(text, claims)
    is_wrong |= unfilled(without_brand(text, brief.free_facts().brand or ""))
    return bool(text) and not missing and not is_wrong


def without_cut_word(text: str) -> str:
    """A text that ended for want of room, up to its last whole sentence, or else its last word."""
    sentences = re.match(r".*[.!?](?=\s|$)", text, re.DOTALL)
    if sentences:
        return sentences[0]
    words, space, _ = text.rpartition(" ")
    return words.rstrip(" ,;:") if space else text


def _own_sentence(brief: Brief, seed: str) -> str:
    """The writer's sentence of the brief; empty where the item has no name."""
    if brief.labels().product_type not in PRODUCT_TYPES:
        return ""
    return paraphrase(brief.labels(), order_of(seed) or 0, brief.free_facts())


def _in_voice(text: str, brief: Brief, seed: str, voice: Voice) -> str:
    """The text in the words of the voice; the writer's own where it does not speak so.

    Without settings the text stays: people may have taught the model to say "you".
    """
    names = names_of(brief)
    spelt = voice.spelt(one_stop(text, names), names)
    if voice != PLAIN_VOICE and any(voice.faults(spelt, names)):
        return page_texts(brief, ("standard",), seed, voice)["standard"] or spelt
    return spelt


def _with_written(brief: Brief, text: str, probability: float) -> Brief:
    """The brief with what a model without heads wrote: it saw that, as surely as it wrote."""
    values: dict[str, list[str]] = {}
    for claim in claims_of(text, brief):
        if claim.verdict == "unsupported":
            values.setdefault(claim.kind, []).append(claim.value)
    single = {kind: list(dict.fromkeys(found)) for kind, found in values.items()}
    seen = [
        Claim(kind, "/".join(found), "photo", probability)
        for kind, found in single.items()
        if len(found) == 1 or kind == "colour"
    ]
    return with_claims(brief, seen)
