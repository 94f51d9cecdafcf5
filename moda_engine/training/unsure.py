"""Approved captions, as unsure of the labels they state as one who has seen few of them should be.

A few hundred captions name one label of several that may be true of each photo, and a model that
learned them word by word would have these photos by heart, and forget what it knew of all others.
So at the word of a label the others have a share too: most of what the base believes of them,
corrected by what people approved of other photos.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from moda_engine.describing.describer import Describer
from moda_engine.language.exchange import Frame, Names
from moda_engine.training.beliefs import Belief, beliefs
from moda_engine.training.corrected import corrected
from moda_engine.training.dataset import CaptionSet, joined
from moda_engine.training.likelihoods import OtherCaption, likelihoods

#: Smaller shares are passed over, and so are labels behind the first few.
LEAST_SHARE = 0.02
MOST_LIKELY = 6


def unsure(
    describer: Describer,
    sets: Sequence[CaptionSet],
    written: Sequence[str],
    share: float,
) -> list[CaptionSet]:
    """The sets, with likelihoods where another label is likely.

    Args:
        sets: captions to learn and, if there are any, held-out ones, by which nothing is corrected.
        written: what the describer writes of the photos of all, told their facts.
        share: of the corrected belief in a label, what is learned beside the approved one.
    """
    learned = len(sets[0])
    every = joined(sets)
    captions = every.captions
    frames = [Frame.of(text) for text in captions.texts]
    spoken = [Frame.of(text) for text in written]
    believed = beliefs(describer, captions, frames, spoken)
    approved = [frame.labels for frame in frames]
    believed = corrected(believed, approved, captions.features, learned)
    renamed = _renamed(every.categories[:learned], frames[:learned], spoken[:learned])
    names = Names.of(frames[:learned])
    others = [
        [
            OtherCaption(kind, share * probability, text)
            for kind, label, probability in _likely(frame, belief, share)
            if (category, kind, label) not in renamed
            and (text := frame.saying({kind: label}, names)) is not None
        ]
        for frame, belief, category in zip(frames, believed, every.categories, strict=True)
    ]
    known = iter(likelihoods(describer.processor, captions.texts, others))
    return [
        replace(one, captions=replace(one.captions, likelihoods=list(islice(known, len(one)))))
        for one in sets
    ]


def _likely(frame: Frame, belief: Belief, share: float) -> Iterator[tuple[str, str, float]]:
    """Kind, label and probability of the other labels that have a share worth learning."""
    for kind, probabilities in belief.items():
        likeliest = sorted(probabilities.items(), key=lambda pair: -pair[1])[:MOST_LIKELY]
        for label, probability in likeliest:
            if label != frame.labels[kind] and share * probability >= LEAST_SHARE:
                yield kind, label, probability


def _renamed(
    categories: Sequence[str], frames: Sequence[Frame], spoken: Sequence[Frame]
) -> set[tuple[str, str, str]]:
    """(category, kind, label) where people mostly left no label in the place of the base's.

    They have a word of their own for it, "ink" for navy blue: whoever learned the old one of other
    photos of that category would unlearn theirs.
    """
    gone: Counter[tuple[str, str, str]] = Counter()
    for category, frame, said in zip(categories, frames, spoken, strict=True):
        for kind, label in said.labels.items():
            gone[category, kind, label] += -1 if kind in frame.mentions else 1
    return {key for key, count in gone.items() if count > 0}
