"""The teacher: how likely the base model finds each label of photos that people have captioned.

The model is asked in its own words. Its sentence of the photo is given the labels of the approved
text, then each other label of one kind in turn; the softmax over the sentences' log-likelihoods is
the probability of the labels.

Where people give another label whenever the photo shows why, the model alone would outvote each of
them. So a logistic regression on the image features is fitted to what was approved, with the
model's log-probability as its offset: logits = log p + features · weights. It is cross-fitted, so
that the correction of a photo comes from the captions of other photos (Wolpert 1992 stacks models
so); the penalty is the one with the least held-out loss. Labels that were given at random leave
nothing to explain, and the probabilities stay nearly as they were.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from accelerate.utils import send_to_device
from torch import Tensor, nn

from moda_engine.brief.exchange import Frame, Names
from moda_engine.describing.describer import Describer
from moda_engine.language.labels import known_facts
from moda_engine.processor import ModaProcessor
from moda_engine.training.captions import (
    CaptionSequences,
    EncodedCaptions,
    caption_tokens,
    first_difference,
    micro_batches,
)
from moda_engine.training.loss import CaptionLoss, summed_losses

#: A label whose first differing token is less likely than this is not scored further: of about
#: 140 labels a handful is left a photo.
LEAST_FIRST_WORD = 0.004
#: Photos scored together; each begins with more than a hundred sentences.
PHOTOS_AT_ONCE = 512
#: Kinds that fewer captions state are left out: a rule could not be told from chance.
LEAST_CAPTIONS = 40
FOLDS = 5
#: Principal components of the features; more explain no more.
DIRECTIONS = 64
#: L2 penalties; the greatest leaves the model's probabilities nearly as they are.
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)
#: Probability of a label that was not scored.
LEAST_PROBABILITY = 1e-4
#: Kind → label → its probability; the labels of a kind add up to 1.
LabelProbabilities = Mapping[str, Mapping[str, float]]


class _Photo(NamedTuple):
    """A photo with its approved caption, and the model's own."""

    row: int
    approved: Frame
    own: Frame
    #: Kinds that its facts hold.
    known: Collection[str]


class _Sentence(NamedTuple):
    """The model's sentence of the photo of `row`, with `label`."""

    row: int
    kind: str
    label: str
    text: str


def label_probabilities(
    describer: Describer,
    captions: EncodedCaptions,
    approved: Sequence[Frame],
    written: Sequence[Frame],
) -> list[LabelProbabilities]:
    """The model's probabilities of the labels of each caption, by the adapter that is in use.

    A kind is missing where the caption or the model's sentence states no label or several, and
    where the facts hold it. So are labels that are next to impossible.

    Args:
        approved: the captions' texts.
        written: what the describer writes of the photos, conditioned on their facts.
    """
    loss = CaptionLoss(describer.model, torch.float32).eval()
    names = Names.of(written)
    facts = captions.facts or [None] * len(captions)
    photos = [
        _Photo(row, frame, own, known_facts(fact).labels.keys())
        for row, (frame, own, fact) in enumerate(zip(approved, written, facts, strict=True))
    ]
    found: list[LabelProbabilities] = []
    for start in range(0, len(photos), PHOTOS_AT_ONCE):
        part = photos[start : start + PHOTOS_AT_ONCE]
        found += _scored(loss, describer.processor, captions, part, names)
    return found


def _scored(
    loss: CaptionLoss,
    processor: ModaProcessor,
    captions: EncodedCaptions,
    photos: Sequence[_Photo],
    names: Names,
) -> list[LabelProbabilities]:
    """The probabilities of `photos`, which are some of the captions'."""
    own, others = _sentences(photos, names)
    asked = [*own, *_likely_enough(loss, processor, captions, own, others)]
    # A photo's own sentence occurs once for each kind.
    distinct = {(one.row, one.text): one for one in asked}
    sequences = CaptionSequences(processor, _sentence_captions(captions, list(distinct.values())))
    losses = summed_losses(loss, sequences, range(len(distinct))).tolist()
    nats = dict(zip(distinct, losses, strict=True))
    by_kind: dict[tuple[int, str], dict[str, float]] = {}
    for one in asked:
        by_kind.setdefault((one.row, one.kind), {})[one.label] = nats[one.row, one.text]
    found: dict[int, dict[str, Mapping[str, float]]] = {photo.row: {} for photo in photos}
    for (row, kind), costs in by_kind.items():
        found[row][kind] = _probabilities(costs)
    return list(found.values())


def _sentences(photos: Sequence[_Photo], names: Names) -> tuple[list[_Sentence], list[_Sentence]]:
    """For each photo and kind the sentence with the caption's labels, then those with others."""
    own: list[_Sentence] = []
    others: list[_Sentence] = []
    for photo in photos:
        labels = photo.approved.labels
        as_approved = photo.own.with_labels(labels, names)
        if as_approved is None:
            continue
        for kind in labels:
            if kind in photo.own.mentions and kind not in photo.known:
                own.append(_Sentence(photo.row, kind, labels[kind], as_approved))
                for label in photo.approved.others(kind):
                    other = photo.own.with_labels(labels | {kind: label}, names)
                    if other is not None:
                        others.append(_Sentence(photo.row, kind, label, other))
    return own, others


@torch.inference_mode()
def _likely_enough(
    loss: CaptionLoss,
    processor: ModaProcessor,
    captions: EncodedCaptions,
    own: Sequence[_Sentence],
    others: Sequence[_Sentence],
) -> list[_Sentence]:
    """Those of `others` whose first token that differs from the photo's own sentence is likely."""
    by_row: dict[int, list[_Sentence]] = {}
    for one in others:
        by_row.setdefault(one.row, []).append(one)
    asked = list({one.row: one for one in own if one.row in by_row}.values())
    sequences = CaptionSequences(processor, _sentence_captions(captions, asked))
    tokens = caption_tokens(processor, (one.text for one in others))
    kept: list[_Sentence] = []
    for part in micro_batches(range(len(asked)), sequences.lengths):
        batch = send_to_device(sequences.batch(part), loss.model.device)
        logits, counted = loss.counted_logits(**batch)
        likely = logits.float().log_softmax(-1).cpu() >= math.log(LEAST_FIRST_WORD)
        for index, is_likely in zip(part, likely.split(counted.sum(1).tolist()), strict=True):
            ids, facts = sequences.sequences[index]
            for one in by_row[asked[index].row]:
                place = first_difference(ids[facts:], tokens[one.text])
                if place is not None and is_likely[place, tokens[one.text][place]]:
                    kept.append(one)
    return kept


def _sentence_captions(
    captions: EncodedCaptions, sentences: Sequence[_Sentence]
) -> EncodedCaptions:
    """The sentences with the features and facts of their photos."""
    beside = captions.of([one.row for one in sentences])
    return EncodedCaptions(beside.features, [one.text for one in sentences], beside.facts)


def _probabilities(nats: Mapping[str, float]) -> dict[str, float]:
    """By label, from what its sentence costs."""
    shares = torch.tensor(list(nats.values()), dtype=torch.float64).neg().softmax(0).tolist()
    return dict(zip(nats, shares, strict=True))


@dataclass(frozen=True)
class _Kind:
    """Of the captions that state a label of one kind: the model's view, and the approved label."""

    #: (captions, directions and 1).
    inputs: Tensor
    #: Log-probabilities of the model, (captions, labels).
    offset: Tensor
    #: Indices of labels, (captions,).
    approved: Tensor
    #: Which captions the regression may learn from, (captions,).
    learned: Tensor


def corrected(
    probabilities: Sequence[LabelProbabilities],
    approved: Sequence[Mapping[str, str]],
    features: Tensor,
    learned: int,
) -> list[LabelProbabilities]:
    """The probabilities after the correction, in the kinds that enough captions state.

    Args:
        probabilities: one a caption.
        approved: kind → the caption's label, of at least the kinds of `probabilities`.
        features: (captions, feature_size), of the captions' photos.
        learned: number of captions to learn from, the first ones; the others are held out.
    """
    directions = _directions(features.double())
    found: list[dict[str, Mapping[str, float]]] = [{} for _ in probabilities]
    for kind in sorted({kind for one in probabilities for kind in one}):
        rows = [row for row, one in enumerate(probabilities) if kind in one]
        is_learned = torch.tensor(rows) < learned
        if is_learned.sum() < LEAST_CAPTIONS:
            continue
        of_rows = [probabilities[row][kind] for row in rows]
        labels = sorted({label for one in of_rows for label in one})
        of_kind = _Kind(
            directions[rows],
            _logarithms(of_rows, labels),
            torch.tensor([labels.index(approved[row][kind]) for row in rows]),
            is_learned,
        )
        for row, shares in zip(rows, _cross_fitted_best(of_kind).softmax(1).tolist(), strict=True):
            found[row][kind] = dict(zip(labels, shares, strict=True))
    return list(found)


def _directions(features: Tensor) -> Tensor:
    """Principal components of a mean square norm of 1, and a 1: (captions, directions + 1)."""
    centred = features - features.mean(0)
    _, vectors = torch.linalg.eigh(centred.T @ centred)
    components = centred @ vectors[:, -DIRECTIONS:]
    scale = components.square().sum(1).mean().sqrt().clamp(min=1e-12)
    return torch.cat([components / scale, torch.ones(len(features), 1).double()], dim=1)


def _logarithms(found: Sequence[Mapping[str, float]], labels: Sequence[str]) -> Tensor:
    """(captions, labels)."""
    rows = [[one.get(label, 0.0) for label in labels] for one in found]
    return torch.tensor(rows, dtype=torch.float64).clamp(min=LEAST_PROBABILITY).log()


def _cross_fitted_best(kind: _Kind) -> Tensor:
    """Each caption's logits by the captions of other folds, (captions, labels)."""

    def loss(logits: Tensor) -> float:
        return float(nn.functional.cross_entropy(logits[kind.learned], kind.approved[kind.learned]))

    return min((_cross_fitted(kind, penalty) for penalty in PENALTIES), key=loss)


def _cross_fitted(kind: _Kind, penalty: float) -> Tensor:
    logits = kind.offset.clone()
    folds = _folds(kind.learned)
    for number in folds.unique():
        members = folds == number
        weights = _fitted(kind, kind.learned & ~members, penalty)
        logits[members] += kind.inputs[members] @ weights
    return logits


def _folds(learned: Tensor) -> Tensor:
    """At random, the same each time: captions may be sorted. The held-out ones are one fold."""
    generator = torch.Generator().manual_seed(FOLDS)
    folds = torch.full(learned.shape, FOLDS)
    folds[learned] = torch.randperm(int(learned.sum()), generator=generator) % FOLDS
    return folds


def _fitted(kind: _Kind, rows: Tensor, penalty: float) -> Tensor:
    """Weights of least penalised loss on `rows`, by L-BFGS: (directions and 1, labels)."""
    inputs, offset, approved = kind.inputs[rows], kind.offset[rows], kind.approved[rows]
    shape = (inputs.shape[1], offset.shape[1])
    weights = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=50, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(offset + inputs @ weights, approved, reduction="sum")
        loss = loss + 0.5 * penalty * weights.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    return weights.detach()
