"""Soft labels: at the word of a label, its likely alternatives have a share too (distillation).

A few hundred approved captions name one label of several that may be true of each photo. Learned
word by word the model would overfit to them and forget other photos. So the teacher's alternatives
share the probability at the word where their captions differ (Hinton et al. 2015): most of what the
base model finds likely, corrected by what people approved of other photos.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import torch

from moda_engine.brief.exchange import Frame, Names
from moda_engine.describing.describer import Describer
from moda_engine.processor import ModaProcessor
from moda_engine.training.captions import SoftLabels, caption_tokens, first_difference
from moda_engine.training.dataset import CaptionSet, joined
from moda_engine.training.teacher import LabelProbabilities, corrected, label_probabilities

#: Smaller shares are left out, and so are labels after the first few.
LEAST_SHARE = 0.02
MOST_LIKELY = 6
#: Tokens that share the probability at one place.
FEW = 8
#: The caption's own word stays possible, however shares are rounded.
MOST_FOR_OTHERS = 0.98
#: Token → its share, by place in the caption.
_Shares = dict[int, dict[int, float]]


@dataclass(frozen=True)
class AlternativeCaption:
    """The caption with another label of one kind, and how likely that label is."""

    kind: str
    share: float
    text: str


def with_soft_labels(
    describer: Describer,
    sets: Sequence[CaptionSet],
    written: Sequence[str],
    share: float,
) -> list[CaptionSet]:
    """The sets, with soft labels where another label is likely.

    Args:
        sets: captions to learn and, if there are any, held-out ones, which correct nothing.
        written: what the describer writes of all their photos, conditioned on their facts.
        share: of a label's corrected probability, the part that is learned, 0 to 1.
    """
    learned = len(sets[0])
    every = joined(sets)
    captions = every.captions
    frames = [Frame.of(text) for text in captions.texts]
    own = [Frame.of(text) for text in written]
    teacher = label_probabilities(describer, captions, frames, own)
    approved = [frame.labels for frame in frames]
    teacher = corrected(teacher, approved, captions.features, learned)
    renamed = _renamed(every.categories[:learned], frames[:learned], own[:learned])
    names = Names.of(frames[:learned])
    alternatives = [
        [
            AlternativeCaption(kind, share * probability, text)
            for kind, label, probability in _likely(frame, probabilities, share)
            if (category, kind, label) not in renamed
            and (text := frame.with_labels({kind: label}, names)) is not None
        ]
        for frame, probabilities, category in zip(frames, teacher, every.categories, strict=True)
    ]
    labels = iter(caption_soft_labels(describer.processor, captions.texts, alternatives))
    return [
        replace(one, captions=replace(one.captions, soft_labels=list(islice(labels, len(one)))))
        for one in sets
    ]


def _likely(
    frame: Frame, found: LabelProbabilities, share: float
) -> Iterator[tuple[str, str, float]]:
    """Kind, label and probability of the other labels that have a share worth learning."""
    for kind, probabilities in found.items():
        likeliest = sorted(probabilities.items(), key=lambda pair: -pair[1])[:MOST_LIKELY]
        for label, probability in likeliest:
            if label != frame.labels[kind] and share * probability >= LEAST_SHARE:
                yield kind, label, probability


def _renamed(
    categories: Sequence[str], frames: Sequence[Frame], own: Sequence[Frame]
) -> set[tuple[str, str, str]]:
    """(category, kind, label) where people mostly replaced the base's label by no label at all.

    They have a word of their own for it, "ink" for navy blue. The old label on other photos of that
    category would unteach theirs.
    """
    gone: Counter[tuple[str, str, str]] = Counter()
    for category, frame, said in zip(categories, frames, own, strict=True):
        for kind, label in said.labels.items():
            gone[category, kind, label] += -1 if kind in frame.mentions else 1
    return {key for key, count in gone.items() if count > 0}


def caption_soft_labels(
    processor: ModaProcessor,
    texts: Sequence[str],
    alternatives: Sequence[Sequence[AlternativeCaption]],
) -> list[SoftLabels | None]:
    """Soft labels of each text's tokens; `None` where no alternative of it differs."""
    tokens = caption_tokens(processor, [*texts, *(one.text for row in alternatives for one in row)])
    return [
        _soft_labels(tokens[text], [(one.kind, one.share, tokens[one.text]) for one in row])
        for text, row in zip(texts, alternatives, strict=True)
    ]


def _soft_labels(
    ids: list[int], others: Sequence[tuple[str, float, list[int]]]
) -> SoftLabels | None:
    """`others` holds kind, share and tokens of each alternative caption."""
    shares: _Shares = {}
    for kind in dict.fromkeys(kind for kind, _, _ in others):
        same_kind = [(share, other) for one, share, other in others if one == kind]
        for place, likely in _of_one_kind(ids, same_kind).items():
            at = shares.setdefault(place, {})
            for token, share in likely.items():
                at[token] = at.get(token, 0.0) + share
    return _as_tensors(ids, shares) if shares else None


def _of_one_kind(ids: list[int], others: Sequence[tuple[float, list[int]]]) -> _Shares:
    """Shares of the tokens at which the captions of one kind's other labels leave `ids`.

    A later token is conditioned on the earlier ones: past a place where some labels differ, none of
    those is possible, so the shares of the rest grow. "Navy" differs from "red" in its first token,
    from "navy blue" in a later one.
    """
    shares: _Shares = {}
    for share, other in others:
        place = first_difference(ids, other)
        if place is not None:
            at = shares.setdefault(place, {})
            at[other[place]] = at.get(other[place], 0.0) + share
    left = 1.0
    for place in sorted(shares):
        gone = sum(shares[place].values())
        shares[place] = {token: share / left for token, share in shares[place].items()}
        left = max(left - gone, 1 - MOST_FOR_OTHERS)
    return shares


def _as_tensors(ids: list[int], shares: _Shares) -> SoftLabels:
    tokens = torch.tensor(ids).unsqueeze(1).repeat(1, FEW)
    values = torch.zeros(tokens.shape)
    values[:, 0] = 1.0
    for place, likely in shares.items():
        best = sorted(likely.items(), key=lambda pair: -pair[1])[: FEW - 1]
        whole = sum(share for _, share in best)
        given = min(whole, MOST_FOR_OTHERS)
        values[place, 0] = 1 - given
        for column, (token, share) in enumerate(best, start=1):
            tokens[place, column] = token
            values[place, column] = share * given / whole
    return SoftLabels(tokens, values)
