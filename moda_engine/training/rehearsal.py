"""Rehearsal: captions of other photos, mixed in so that a model keeps what it was good at.

Without them the new captions would cause catastrophic forgetting. A run mixes in photos of other
products, with their text where they have one, else with the sentence that the base model writes of
them. Such a sentence is learned with the base model's own token probabilities as soft labels (Li
and Hoiem 2016, learning without forgetting): as hard labels it would sharpen close choices and turn
others. Sentences with phrases that the new captions rejected are left out.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import torch
from accelerate.utils import send_to_device

from moda_engine.describing.describer import DescribeOptions, Describer
from moda_engine.exceptions import PhotoError
from moda_engine.imagefolder import ImagefolderRecord, read_imagefolder_records
from moda_engine.language.rewording import own_text
from moda_engine.language.writing import sentence
from moda_engine.training.captions import CaptionSequences, EncodedCaptions, SoftLabels
from moda_engine.training.dataset import (
    CaptionedPhoto,
    CaptionSet,
    category_of,
    encode_examples,
    joined,
)
from moda_engine.training.features import EmbeddingCache, photo_hash
from moda_engine.training.loss import CaptionLoss

BATCH_SIZE = 32
#: Tokens whose probability is kept: together nearly 1, in a vocabulary of any size.
LIKELIEST = 16
#: Called with a category and a text that the model wrote of a photo in it.
IsRejected = Callable[[str, str], bool]


def load_rehearsal_set(
    folder: Path,
    describer: Describer,
    cache: EmbeddingCache,
    *,
    count: int,
    seed: int,
    apart_from: Collection[str] = (),
    is_rejected: IsRejected = lambda category, text: False,
    adapter: str | None = None,
) -> CaptionSet:
    """`count` of the photos of `folder`, drawn by `seed`, each with the caption to rehearse.

    Args:
        apart_from: hashes of photos that have a new caption and are left out.
        is_rejected: whether the model's text of a photo is left out.
        adapter: the adapter that the describer writes with, if any.

    Raises `DatasetError` when the folder has no `metadata.jsonl`.
    """
    records, refused = read_imagefolder_records(folder)
    random.Random(seed).shuffle(records)
    remaining = iter(records)
    sets = [CaptionSet.empty(describer.model, [str(line) for line in refused])]
    while (missing := count - sum(map(len, sets))) and (drawn := list(islice(remaining, missing))):
        examples, unreadable = _apart(drawn, set(apart_from))
        found = encode_examples(describer.model, describer.processor, examples, cache)
        sets.append(CaptionSet.empty(describer.model, [*unreadable, *found.refused]))
        sets.append(_self_captioned(found, describer, is_rejected, adapter))
    return joined(sets)


def written_by(
    describer: Describer, captions: EncodedCaptions, adapter: str | None = None
) -> list[str]:
    """What the describer writes of the photos of `captions`, conditioned on their facts."""
    options = DescribeOptions(batch_size=BATCH_SIZE, adapter=adapter, fit=False)
    described = describer.describe_features(captions.features, captions.facts, options)
    return [description.text for description in described]


def _apart(
    records: Sequence[ImagefolderRecord], apart_from: set[str]
) -> tuple[list[CaptionedPhoto], list[str]]:
    """The records whose photo is not in `apart_from`, and a sentence for each unreadable photo."""
    chosen: list[CaptionedPhoto] = []
    refused: list[str] = []
    for record in records:
        try:
            if photo_hash(record.path) not in apart_from:
                chosen.append(_example(record))
        except PhotoError as error:
            refused.append(str(error))
    return chosen, refused


def _self_captioned(
    found: CaptionSet, describer: Describer, is_rejected: IsRejected, adapter: str | None
) -> CaptionSet:
    """The photos with a text, then the others with the describer's own, if it is not rejected."""
    rows = range(len(found))
    given = found.of([row for row in rows if found.captions.texts[row]])
    silent = found.of([row for row in rows if not found.captions.texts[row]])
    texts = written_by(describer, silent.captions, adapter)
    own = replace(silent, captions=replace(silent.captions, texts=texts)).of(
        [
            row
            for row, (category, text) in enumerate(zip(silent.categories, texts, strict=True))
            if text and not is_rejected(category, text)
        ]
    )
    soft_labels = _soft_labels(own.captions, describer)
    return joined([given, replace(own, captions=replace(own.captions, soft_labels=soft_labels))])


@torch.inference_mode()
def _soft_labels(captions: EncodedCaptions, describer: Describer) -> list[SoftLabels | None]:
    """The model's own token probabilities along the captions, by the adapter that is in use."""
    loss = CaptionLoss(describer.model, torch.float32).eval()
    sequences = CaptionSequences(describer.processor, captions)
    found: list[SoftLabels | None] = []
    for start in range(0, len(captions), BATCH_SIZE):
        part = range(start, min(start + BATCH_SIZE, len(captions)))
        batch = send_to_device(sequences.batch(part), describer.model.device)
        logits, counted = loss.counted_logits(**batch)
        likeliest = logits.float().softmax(-1).topk(min(LIKELIEST, logits.shape[-1]), dim=-1)
        kept = likeliest.values / likeliest.values.sum(-1, keepdim=True)
        lengths = counted.sum(1).tolist()
        pairs = zip(likeliest.indices.split(lengths), kept.split(lengths), strict=True)
        found += [SoftLabels(ids.cpu().clone(), part.cpu().clone()) for ids, part in pairs]
    return found


def _example(record: ImagefolderRecord) -> CaptionedPhoto:
    facts = record.fields.get("facts")
    return CaptionedPhoto(
        record.path,
        record.text or "",
        facts if isinstance(facts, str) else None,
        str(record.path),
        category_of(record.fields),
    )


Pair = tuple[str, str]


class RejectedPhrases:
    """Word bigrams of a category that people edited away more often than they kept them.

    Bigrams, because a new order of the same words is an edit too. Counted, because a word that was
    wrong on three photos and right on thirty is still right. The catalog shows drafts in one of the
    writer's ten orders; a draft that was approved in that order is no edit.

    A photo that repeats such a phrase contradicts the edits of its own category: one teaches "ink"
    and the other "navy blue".
    """

    def __init__(self, edits: Iterable[tuple[str, str, str]]) -> None:
        """Args: edits: (category, what the model wrote, what was approved)."""
        removed: Counter[tuple[str, Pair]] = Counter()
        for category, written, approved in edits:
            left = _pairs(_in_plain_order(approved))
            for pair in _pairs(written):
                removed[category, pair] += -1 if pair in left else 1
        self._pairs = {key for key, count in removed.items() if count > 0}

    def occur_in(self, category: str, text: str) -> bool:
        """Whether `text`, of a photo of `category`, holds a phrase that was rejected there."""
        return any((category, pair) in self._pairs for pair in _pairs(text))


def _pairs(text: str) -> set[Pair]:
    """Neighbouring words with their punctuation; the beginning counts as a word."""
    return set(pairwise(["", *text.split()]))


def _in_plain_order(text: str) -> str:
    own = own_text(text)
    return text if own is None else sentence(own.labels)
