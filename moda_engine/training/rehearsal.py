"""Rehearsal: captions of other photos, mixed in so that a model keeps what it was good at.

Without them the new captions would cause catastrophic forgetting. A run mixes in photos of other
products, with their text where they have one, else with the sentence that the base model writes of
them. Sentences with phrases that the new captions rejected are left out.

A model with heads learns its sentence under the brief that it wrote it from. One without learns it
with its own token probabilities as soft labels (Li and Hoiem 2016, learning without forgetting): as
hard labels it would sharpen close choices and turn others.
"""

import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import torch
from accelerate.utils import send_to_device

from moda_engine.brief.conditioning import facts_of_brief, order_of, with_placeholders
from moda_engine.describing.describer import Describer
from moda_engine.describing.description import Description
from moda_engine.exceptions import PhotoError
from moda_engine.imagefolder import ImagefolderRecord, read_imagefolder_records
from moda_engine.training.briefs import BATCH_SIZE, conditioned, described
from moda_engine.training.captions import CaptionSequences, EncodedCaptions, SoftLabels
from moda_engine.training.dataset import (
    CaptionedPhoto,
    CaptionSet,
    category_of,
    encode_examples,
    joined,
    seed_of,
)
from moda_engine.training.features import EmbeddingCache, photo_hash
from moda_engine.training.loss import CaptionLoss

#: Tokens whose probability is kept: together nearly 1, in a vocabulary of any size.
LIKELIEST = 16
#: Facts of photos that have none, in turn; which names they are does not matter.
_NAMES = ("", "brand: Wren", "brand: Wren; fabric: cotton", "brand: Wren; fit: slim fit")
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
    has_heads = describer.model.heads is not None
    given = found.of([row for row in rows if found.captions.texts[row]])
    silent = found.of([row for row in rows if not found.captions.texts[row]])
    if has_heads:
        given = conditioned(given, described(describer, given, adapter), set())
        silent = _of_a_shop(silent)
    drafts = described(describer, silent, adapter)
    kept = [
        row
        for row, (category, draft) in enumerate(zip(silent.categories, drafts, strict=True))
        if draft.text and not is_rejected(category, draft.text)
    ]
    own = _as_written(silent, drafts, as_told=has_heads).of(kept)
    if not has_heads:
        soft_labels = own_soft_labels(describer, own.captions)
        own = replace(own, captions=replace(own.captions, soft_labels=soft_labels))
    return joined([given, own])


def _of_a_shop(photos: CaptionSet) -> CaptionSet:
    """The photos as of products with names and numbers, where they have none.

    A model that is never told a brand or an order of words forgets what they are.
    """
    facts = photos.captions.facts or [None] * len(photos)
    known: list[str | None] = [fact or _NAMES[row % len(_NAMES)] for row, fact in enumerate(facts)]
    seeds = [seed or key for seed, key in zip(photos.seeds, photos.photo_hashes, strict=True)]
    return replace(photos, captions=replace(photos.captions, facts=known), seeds=seeds)


def _as_written(photos: CaptionSet, drafts: Sequence[Description], *, as_told: bool) -> CaptionSet:
    """The photos with their drafts; `as_told` under the facts that the model was told."""
    texts, facts = [draft.text for draft in drafts], photos.captions.facts
    if as_told:
        briefs = [draft.brief for draft in drafts]
        pairs = zip(texts, briefs, strict=True)
        texts = [with_placeholders(text, brief.free_facts()) for text, brief in pairs]
        facts = [
            facts_of_brief(*pair) for pair in zip(briefs, map(order_of, photos.seeds), strict=True)
        ]
    return replace(photos, captions=replace(photos.captions, texts=texts, facts=facts))


@torch.inference_mode()
def own_soft_labels(describer: Describer, captions: EncodedCaptions) -> list[SoftLabels | None]:
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
        seed_of(record.fields),
    )


Pair = tuple[str, str]


class RejectedPhrases:
    """Word bigrams of a category that people edited away more often than they kept them.

    Bigrams, because a new order of the same words is an edit too. Counted, because a word that was
    wrong on three photos and right on thirty is still right.

    A photo that repeats such a phrase contradicts the edits of its own category: one teaches "ink"
    and the other "navy blue".
    """

    def __init__(self, edits: Iterable[tuple[str, str, str]]) -> None:
        """Args: edits: (category, what the model wrote, what was approved)."""
        removed: Counter[tuple[str, Pair]] = Counter()
        for category, written, approved in edits:
            left = _pairs(approved)
            for pair in _pairs(written):
                removed[category, pair] += -1 if pair in left else 1
        self._pairs = {key for key, count in removed.items() if count > 0}

    def occur_in(self, category: str, text: str) -> bool:
        """Whether `text`, of a photo of `category`, holds a phrase that was rejected there."""
        return any((category, pair) in self._pairs for pair in _pairs(text))


def _pairs(text: str) -> set[Pair]:
    """Neighbouring words with their punctuation; the beginning counts as a word."""
    return set(pairwise(["", *text.split()]))
