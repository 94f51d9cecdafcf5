"""What a model believes of photos that somebody else has described: how likely each label is.

It is asked in its own words. Its sentence of the photo is made to state the labels of the approved
text, then each other label of one kind in turn; how likely the model finds these sentences beside
each other is its belief.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import torch
from accelerate.utils import send_to_device

from moda_engine.describing.describer import Describer
from moda_engine.language.exchange import Frame, Names
from moda_engine.language.facts import known_facts
from moda_engine.processor import ModaProcessor
from moda_engine.training.captions import CaptionSequences, EncodedCaptions
from moda_engine.training.likelihoods import caption_tokens, parting
from moda_engine.training.loss import CaptionLoss, summed_losses
from moda_engine.training.plan import split_passes

#: A label whose words would begin with one less likely than this is not asked for further: of some
#: hundred and forty labels a photo leaves a handful.
LEAST_FIRST_WORD = 0.004
#: Each has more than a hundred sentences at first.
PHOTOS_AT_ONCE = 512
#: Kind → label → its probability; the labels of a kind add up to 1.
Belief = Mapping[str, Mapping[str, float]]


class _Photo(NamedTuple):
    """A photo with what was approved, and what the model says of it."""

    row: int
    approved: Frame
    spoken: Frame
    #: Kinds that its facts tell.
    told: Collection[str]


class _Sentence(NamedTuple):
    """What the model would say of the photo of `row`, stating `label`."""

    row: int
    kind: str
    label: str
    text: str


def beliefs(
    describer: Describer,
    captions: EncodedCaptions,
    approved: Sequence[Frame],
    written: Sequence[Frame],
) -> list[Belief]:
    """The describer's belief of each caption, with the adapter it has in use.

    A kind is missing where the caption or the model's sentence states none, or several labels, and
    where the facts tell it; so are labels that are next to impossible.

    Args:
        approved: the captions' texts.
        written: what the describer writes of the photos, told their facts.
    """
    loss = CaptionLoss(describer.model, torch.float32).eval()
    names = Names.of(written)
    facts = captions.facts or [None] * len(captions)
    photos = [
        _Photo(row, frame, spoken, known_facts(told).labels.keys())
        for row, (frame, spoken, told) in enumerate(zip(approved, written, facts, strict=True))
    ]
    found: list[Belief] = []
    for start in range(0, len(photos), PHOTOS_AT_ONCE):
        part = photos[start : start + PHOTOS_AT_ONCE]
        found += _beliefs(loss, describer.processor, captions, part, names)
    return found


def _beliefs(
    loss: CaptionLoss,
    processor: ModaProcessor,
    captions: EncodedCaptions,
    photos: Sequence[_Photo],
    names: Names,
) -> list[Belief]:
    """Those of `photos`, which are some of the captions'."""
    own, others = _sentences(photos, names)
    asked = [*own, *_begun(loss, processor, captions, own, others)]
    # A photo's own sentence is there once a kind.
    distinct = {(one.row, one.text): one for one in asked}
    sequences = CaptionSequences(processor, _spoken(captions, list(distinct.values())))
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
    """Of each photo and kind the sentence with the caption's labels, then those with others."""
    own: list[_Sentence] = []
    others: list[_Sentence] = []
    for photo in photos:
        labels = photo.approved.labels
        as_approved = photo.spoken.saying(labels, names)
        if as_approved is None:
            continue
        for kind in labels:
            if kind in photo.spoken.mentions and kind not in photo.told:
                own.append(_Sentence(photo.row, kind, labels[kind], as_approved))
                for label in photo.approved.others(kind):
                    other = photo.spoken.saying(labels | {kind: label}, names)
                    if other is not None:
                        others.append(_Sentence(photo.row, kind, label, other))
    return own, others


@torch.inference_mode()
def _begun(
    loss: CaptionLoss,
    processor: ModaProcessor,
    captions: EncodedCaptions,
    own: Sequence[_Sentence],
    others: Sequence[_Sentence],
) -> list[_Sentence]:
    """Those of `others` that part from the photo's own sentence with a likely enough word."""
    by_row: dict[int, list[_Sentence]] = {}
    for one in others:
        by_row.setdefault(one.row, []).append(one)
    asked = list({one.row: one for one in own if one.row in by_row}.values())
    sequences = CaptionSequences(processor, _spoken(captions, asked))
    tokens = caption_tokens(processor, (one.text for one in others))
    begun: list[_Sentence] = []
    for part in split_passes(range(len(asked)), sequences.lengths):
        batch = send_to_device(sequences.batch(part), loss.model.device)
        logits, counted = loss.counted_logits(**batch)
        likely = logits.float().log_softmax(-1).cpu() >= math.log(LEAST_FIRST_WORD)
        for index, is_likely in zip(part, likely.split(counted.sum(1).tolist()), strict=True):
            ids, facts = sequences.sequences[index]
            for one in by_row[asked[index].row]:
                place = parting(ids[facts:], tokens[one.text])
                if place is not None and is_likely[place, tokens[one.text][place]]:
                    begun.append(one)
    return begun


def _spoken(captions: EncodedCaptions, sentences: Sequence[_Sentence]) -> EncodedCaptions:
    """The sentences beside the features and facts of their photos."""
    beside = captions.of([one.row for one in sentences])
    return EncodedCaptions(beside.features, [one.text for one in sentences], beside.facts)


def _probabilities(nats: Mapping[str, float]) -> dict[str, float]:
    """By label, from what its sentence costs."""
    shares = torch.tensor(list(nats.values()), dtype=torch.float64).neg().softmax(0).tolist()
    return dict(zip(nats, shares, strict=True))
