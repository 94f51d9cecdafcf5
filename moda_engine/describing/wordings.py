"""From what the language model wrote of some photos to their descriptions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from moda_engine.describing.confidence import calibrated, evidence
from moda_engine.describing.description import DescribeOptions, Description, Detail
from moda_engine.describing.fit import FitScorer
from moda_engine.inference.prompts import Prompts, Written
from moda_engine.inference.writer import Writer
from moda_engine.language.labels import KnownFacts, known_facts, unstated
from moda_engine.language.rewording import Wording, own_text, reworded, without_cut_word
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor


@dataclass(frozen=True)
class Encoded:
    """A photo that the encoder has seen; `features` is (feature_size,)."""

    features: Tensor
    facts: str | None
    #: Which order the words take; `None` for the model's own.
    style: int | None


class Wordings:
    """Writes texts of encoded photos, adds the facts, and scores the result.

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

    def written(
        self, photos: Sequence[Encoded], options: DescribeOptions, *, told: bool = False
    ) -> list[Written]:
        """What the model writes of each photo, conditioned on its facts where `told`."""
        prompts = self._writer.prompts(
            torch.stack([photo.features for photo in photos]),
            self._prefixes([photo.facts if told else None for photo in photos]),
            options.max_new_tokens,
        )
        return self._writer.write_all(Prompts(prompts), options.batch_size, options.adapter)

    def prefixes(self, count: int) -> list[Tensor]:
        """The tokens after each of `count` photos without facts."""
        return self._prefixes([None] * count)

    @torch.inference_mode()
    def descriptions(
        self, photos: Sequence[Encoded], written: Sequence[Written], options: DescribeOptions
    ) -> tuple[list[Description], list[int]]:
        """One a photo, and the places of those whose words their company may have decided.

        The model reads facts only where its text cannot be reworded with them.
        """
        final = list(written)
        told = [
            place
            for place, photo in enumerate(photos)
            if photo.facts and own_text(self._text(final[place])) is None
        ]
        undecided = {place for place, one in enumerate(final) if one.is_undecided}
        again = self.written([photos[place] for place in told], options, told=True) if told else []
        for place, one in zip(told, again, strict=True):
            final[place] = one
            undecided |= {place} if one.is_undecided else set()
        return self._judged(photos, final, options), sorted(undecided)

    def _judged(
        self, photos: Sequence[Encoded], written: Sequence[Written], options: DescribeOptions
    ) -> list[Description]:
        known = [known_facts(photo.facts) for photo in photos]
        wordings = [
            reworded(self._text(one), given, photo.style)
            for one, given, photo in zip(written, known, photos, strict=True)
        ]
        features = torch.stack([photo.features for photo in photos])
        details = self._fit.details(features, [wording.standard for wording in wordings])
        fits: Sequence[float | None] = [None] * len(photos)
        if options.fit and self._fit.has_text_tower:
            fits = self._fit.sentence_scores(features, [wording.plain for wording in wordings])
        words = [one.log_probabilities for one in written]
        rows = zip(wordings, known, words, details, fits, strict=True)
        return [self._description(*row) for row in rows]

    def _description(
        self,
        wording: Wording,
        facts: KnownFacts,
        words: list[float],
        details: list[Detail],
        fit: float | None,
    ) -> Description:
        """Of one photo; `words` are the log-probabilities of its tokens."""
        seen = [detail for detail in details if detail.kind not in facts.labels]
        found = evidence(words, seen)  # what is given needs none
        calibration = self._model.config.confidence
        return Description(
            text=wording.standard,
            confidence=calibrated(calibration, found) if calibration else math.exp(sum(words)),
            mode=self._mode,
            alt_text=wording.alt_text,
            detailed=wording.detailed,
            fit=fit,
            details=tuple(details),
            evidence=tuple(found),
            unstated=tuple(unstated(facts, wording.standard)),
        )

    def _text(self, written: Written) -> str:
        """A text that never came to its end loses its last, cut word."""
        tokenizer = self._processor.tokenizer
        text = tokenizer.decode(written.tokens, skip_special_tokens=True).strip()
        has_ended = tokenizer.eos_token_id in written.tokens
        return text if has_ended else without_cut_word(text)

    def _prefixes(self, facts: Sequence[str | None]) -> list[Tensor]:
        return [torch.tensor(ids, dtype=torch.long) for ids in self._processor.prefixes(facts)]
