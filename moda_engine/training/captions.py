"""Captions as the trainer reads them: image features beside tokens, cut into steps and batches.

The order of captions follows from seed and epoch alone. Nothing of it is stored: a run that is
resumed, or split over more processes, plans the same steps.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from moda_engine.exceptions import DatasetError
from moda_engine.model import IGNORED_LABEL
from moda_engine.processor import ModaProcessor


@dataclass(frozen=True)
class SoftLabels:
    """A distribution over tokens in place of each token of a caption, its end included."""

    #: The likeliest tokens, (tokens, few).
    ids: Tensor
    #: Their probabilities, which add up to 1, (tokens, few).
    probabilities: Tensor


@dataclass(frozen=True)
class EncodedCaptions:
    """Image features, (count, feature_size), beside one text a row, and facts where given."""

    features: Tensor
    texts: list[str]
    facts: list[str | None] | None = None
    #: Of captions that are learned as distributions; `None` for one that is learned word by word.
    soft_labels: list[SoftLabels | None] | None = None

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
            None if self.soft_labels is None else [self.soft_labels[row] for row in rows],
        )


def require_captions(training: EncodedCaptions, validation: EncodedCaptions | None = None) -> None:
    """Raise `DatasetError` when there is nothing to learn, or nothing to judge by."""
    if len(training) == 0:
        raise DatasetError("The training set is empty: there is nothing to learn.")
    if validation is not None and len(validation) == 0:
        raise DatasetError("The validation set is empty: add photos to it, or leave it out.")


class CaptionSequences:
    """The captions of a set as tokens, made once and used in every epoch."""

    def __init__(self, processor: ModaProcessor, captions: EncodedCaptions) -> None:
        self.processor = processor
        self.features = captions.features
        self.soft_labels = captions.soft_labels
        self.sequences = processor.sequences(captions.texts, captions.facts)
        #: Tokens of each caption with its facts, (captions,).
        self.lengths = torch.tensor([len(ids) for ids, _ in self.sequences])
        #: Tokens of each caption that count in the loss, (captions,).
        self.token_counts = self.lengths - torch.tensor([count for _, count in self.sequences])

    def __len__(self) -> int:
        return len(self.sequences)

    def batch(self, rows: Sequence[int]) -> dict[str, Tensor]:
        """The captions of `rows` as arguments of `CaptionLoss.forward`."""
        padded = self.processor.padded([self.sequences[row] for row in rows])
        batch = {"image_features": self.features[list(rows)], **padded}
        if self.soft_labels is None:
            return batch
        known = [self.soft_labels[row] for row in rows]
        return batch | _soft_targets(padded["labels"], known) if any(known) else batch


def _soft_targets(labels: Tensor, known: Sequence[SoftLabels | None]) -> dict[str, Tensor]:
    """Tokens and probabilities, each (rows, tokens, few), to learn in place of `labels`.

    A caption without soft labels gives its own token the probability 1.
    """
    few = max(one.ids.shape[1] for one in known if one)
    ids = labels.clamp(min=0).unsqueeze(-1).repeat(1, 1, few)
    probabilities = torch.zeros(ids.shape)
    probabilities[..., 0] = 1.0
    for row, one in enumerate(known):
        if one:
            places = (labels[row] != IGNORED_LABEL).nonzero()[:, 0]
            width = one.ids.shape[1]
            ids[row, places, :width] = one.ids
            probabilities[row, places, :width] = one.probabilities
    return {"soft_ids": ids, "soft_probabilities": probabilities}


#: Tokens of one forward pass at most, padding included. Their logits take the most memory, some
#: 200 kB a token with OPT's vocabulary.
MICRO_BATCH_TOKENS = 896


@dataclass(frozen=True)
class Step:
    """The captions of one optimiser step."""

    #: Positions in the epoch's order.
    positions: range
    #: Rows of the training set, at those positions.
    rows: list[int]


def epoch_order(count: int, *, seed: int, epoch: int) -> list[int]:
    """The rows 0 … count - 1 in the order of epoch `epoch`."""
    generator = torch.Generator().manual_seed(seed * 1_000_003 + epoch)
    return torch.randperm(count, generator=generator).tolist()


def epoch_steps(order: Sequence[int], step_size: int) -> list[Step]:
    """The steps of an epoch; the last one may be smaller."""
    starts = range(0, len(order), step_size)
    positions = [range(start, min(start + step_size, len(order))) for start in starts]
    return [Step(part, list(order[part.start : part.stop])) for part in positions]


def micro_batches(
    rows: Sequence[int], lengths: Tensor, tokens_at_once: int = MICRO_BATCH_TOKENS
) -> list[list[int]]:
    """`rows` cut into micro-batches of similar lengths, so that little is padding.

    The gradient of a step is a sum over its captions, so the cut changes no result. Each pass
    converts and adds up all weights once, so there are as few passes as memory allows.
    """
    ordered = sorted(rows, key=lambda row: (-int(lengths[row]), row))
    batches: list[list[int]] = []
    for row in ordered:
        if batches and _fits(batches[-1], lengths, tokens_at_once):
            batches[-1].append(row)
        else:
            batches.append([row])
    return batches


def _fits(rows: list[int], lengths: Tensor, tokens_at_once: int) -> bool:
    """Whether one more caption fits. The first is the longest; the visual token adds one."""
    width = int(lengths[rows[0]]) + 1
    return (len(rows) + 1) * width <= tokens_at_once


def caption_tokens(processor: ModaProcessor, texts: Iterable[str]) -> dict[str, list[int]]:
    """The tokens of each different text."""
    every = list(dict.fromkeys(texts))
    return {text: ids for text, (ids, _) in zip(every, processor.sequences(every), strict=True)}


def first_difference(ids: Sequence[int], other: Sequence[int]) -> int | None:
    """The first place at which the tokens differ; `None` where one begins with the other."""
    places = range(min(len(ids), len(other)))
    return next((place for place in places if ids[place] != other[place]), None)
