"""Captions as the trainer reads them: image features beside token sequences."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from moda_engine.exceptions import DatasetError
from moda_engine.model import IGNORED_LABEL
from moda_engine.processor import ModaProcessor


@dataclass(frozen=True)
class Likelihoods:
    """What a model found likely at each token of a caption, the caption's end included."""

    #: The likeliest tokens, (tokens, few).
    ids: Tensor
    #: Their probabilities, which add up to 1, (tokens, few).
    shares: Tensor


@dataclass(frozen=True)
class EncodedCaptions:
    """Image features, (count, feature_size), beside one text a row, and facts where given."""

    features: Tensor
    texts: list[str]
    facts: list[str | None] | None = None
    #: For captions that shall be found as likely as a model found them, and no likelier.
    likelihoods: list[Likelihoods | None] | None = None

    def __post_init__(self) -> None:
        if len(self.features) != len(self.texts):
            raise ValueError(f"{len(self.features)} features but {len(self.texts)} texts.")
        if self.facts is not None and len(self.facts) != len(self.texts):
            raise ValueError(f"{len(self.facts)} facts but {len(self.texts)} texts.")

    def __len__(self) -> int:
        return len(self.texts)

    def of(self, rows: Sequence[int]) -> "EncodedCaptions":
        """The captions of `rows`, in that order."""
        return EncodedCaptions(
            self.features[list(rows)],
            [self.texts[row] for row in rows],
            None if self.facts is None else [self.facts[row] for row in rows],
            None if self.likelihoods is None else [self.likelihoods[row] for row in rows],
        )


def require_captions(training: EncodedCaptions, validation: EncodedCaptions | None = None) -> None:
    """Raise `DatasetError` when there is nothing to learn, or nothing to judge by."""
    if len(training) == 0:
        raise DatasetError("The training set is empty: there is nothing to learn.")
    if validation is not None and len(validation) == 0:
        raise DatasetError("The validation set is empty: add photos to it, or leave it out.")


class CaptionSequences:
    """The captions of a set as tokens, made once: every epoch asks for the same ones."""

    def __init__(self, processor: ModaProcessor, captions: EncodedCaptions) -> None:
        self.processor = processor
        self.features = captions.features
        self.likelihoods = captions.likelihoods
        self.sequences = processor.sequences(captions.texts, captions.facts)
        #: Tokens of each caption with its facts, (captions,).
        self.lengths = torch.tensor([len(ids) for ids, _ in self.sequences])
        #: Tokens of each caption that count in the loss, (captions,).
        self.token_counts = self.lengths - torch.tensor([count for _, count in self.sequences])

    def __len__(self) -> int:
        return len(self.sequences)

    def batch(self, rows: Sequence[int]) -> dict[str, Tensor]:
        """The captions of `rows`, by the names that the loss takes them by."""
        padded = self.processor.padded([self.sequences[row] for row in rows])
        batch = {"image_features": self.features[list(rows)], **padded}
        if self.likelihoods is None:
            return batch
        known = [self.likelihoods[row] for row in rows]
        return batch | _soft_targets(padded["labels"], known) if any(known) else batch


def _soft_targets(labels: Tensor, known: Sequence[Likelihoods | None]) -> dict[str, Tensor]:
    """Tokens and shares, each (rows, tokens, few), to be learned in place of `labels`.

    A caption without likelihoods has the label alone, with all of the share.
    """
    few = max(one.ids.shape[1] for one in known if one)
    ids = labels.clamp(min=0).unsqueeze(-1).repeat(1, 1, few)
    shares = torch.zeros(ids.shape)
    shares[..., 0] = 1.0
    for row, one in enumerate(known):
        if one:
            places = (labels[row] != IGNORED_LABEL).nonzero()[:, 0]
            width = one.ids.shape[1]
            ids[row, places, :width], shares[row, places, :width] = one.ids, one.shares
    return {"soft_ids": ids, "soft_shares": shares}
