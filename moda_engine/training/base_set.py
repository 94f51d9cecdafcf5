"""What keeps a model good at what it was good at: photos beside what it wrote of them before.

New captions alone would drown the old ways of describing. So each run may mix in photos of other
products, with their text where they have one, else with the sentence that the model writes of
them before it learns anything. Of such a sentence it learns no more than it knew: each word stays
as likely as it was (Li and Hoiem 2016, learning without forgetting), since a sentence learned as
the truth would sharpen some near choices and turn others.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from accelerate.utils import send_to_device

from moda_engine.describer import DescribeOptions, Describer
from moda_engine.exceptions import PhotoError
from moda_engine.imagefolder import ImagefolderRecord, read_imagefolder_records
from moda_engine.training.captions import CaptionSequences, EncodedCaptions, Likelihoods
from moda_engine.training.dataset import CaptionSet, encode_examples
from moda_engine.training.embedding_cache import EmbeddingCache
from moda_engine.training.encoding import photo_hash
from moda_engine.training.examples import CaptionedPhoto
from moda_engine.training.loss import CaptionLoss

BATCH_SIZE = 32
#: Tokens whose likelihood is kept: together nearly all there is, in a vocabulary of any size.
LIKELIEST = 16


def load_base_set(
    folder: Path,
    describer: Describer,
    cache: EmbeddingCache,
    *,
    count: int,
    seed: int,
    apart_from: Collection[str] = (),
    adapter: str | None = None,
) -> CaptionSet:
    """`count` of the photos of `folder`, drawn by `seed`, each with what shall be said of it.

    Args:
        apart_from: hashes of photos that have a caption of their own and are left out.
        adapter: what the describer writes with, where it is no checkpoint alone that is taught.

    Raises `DatasetError` when the folder has no `metadata.jsonl`.
    """
    records, refused = read_imagefolder_records(folder)
    random.Random(seed).shuffle(records)
    chosen, unreadable = _chosen(records, count, set(apart_from))
    found = encode_examples(describer.model, describer.processor, chosen, cache)
    captions = _spoken(found.captions, describer, DescribeOptions(adapter=adapter))
    kept = [row for row, text in enumerate(captions.texts) if text]
    facts = captions.facts or [None] * len(captions)
    likelihoods = captions.likelihoods or [None] * len(captions)
    return CaptionSet(
        EncodedCaptions(
            captions.features[kept],
            [captions.texts[row] for row in kept],
            [facts[row] for row in kept],
            [likelihoods[row] for row in kept],
        ),
        [found.photo_hashes[row] for row in kept],
        [*map(str, refused), *unreadable, *found.refused],
    )


def _chosen(
    records: Sequence[ImagefolderRecord], count: int, apart_from: set[str]
) -> tuple[list[CaptionedPhoto], list[str]]:
    """The first `count` whose photo is none of `apart_from`, and a sentence for each unreadable."""
    chosen: list[CaptionedPhoto] = []
    refused: list[str] = []
    for record in records:
        if len(chosen) == count:
            break
        try:
            if photo_hash(record.path) not in apart_from:
                chosen.append(_example(record))
        except PhotoError as error:
            refused.append(str(error))
    return chosen, refused


def _spoken(
    captions: EncodedCaptions, describer: Describer, options: DescribeOptions
) -> EncodedCaptions:
    """`captions` with the describer's own sentence where there was no text."""
    facts = captions.facts or [None] * len(captions)
    silent = [row for row, text in enumerate(captions.texts) if not text]
    written = describer.describe_features(
        captions.features[silent], [facts[row] for row in silent], options
    )
    texts = list(captions.texts)
    for row, description in zip(silent, written, strict=True):
        texts[row] = description.text
    spoken = EncodedCaptions(captions.features, texts, facts)
    likelihoods: list[Likelihoods | None] = [None] * len(texts)
    for row, known in zip(silent, _likelihoods(spoken, silent, describer), strict=True):
        likelihoods[row] = known
    return replace(spoken, likelihoods=likelihoods)


@torch.inference_mode()
def _likelihoods(
    captions: EncodedCaptions, rows: Sequence[int], describer: Describer
) -> list[Likelihoods]:
    """What the model finds likely along the captions of `rows`, with the adapter it has in use."""
    loss = CaptionLoss(describer.model, torch.float32).eval()
    sequences = CaptionSequences(describer.processor, captions)
    found: list[Likelihoods] = []
    for start in range(0, len(rows), BATCH_SIZE):
        part = list(rows[start : start + BATCH_SIZE])
        batch = send_to_device(sequences.batch(part), describer.model.device)
        logits, counted = loss.counted_logits(**batch)
        likeliest = logits.float().softmax(-1).topk(min(LIKELIEST, logits.shape[-1]), dim=-1)
        shares = likeliest.values / likeliest.values.sum(-1, keepdim=True)
        lengths = counted.sum(1).tolist()
        pairs = zip(likeliest.indices.split(lengths), shares.split(lengths), strict=True)
        found += [Likelihoods(ids.cpu().clone(), part.cpu().clone()) for ids, part in pairs]
    return found


def joined(sets: list[CaptionSet]) -> CaptionSet:
    """All captions of `sets` as one set, in their order."""
    captions = [one.captions for one in sets]
    return CaptionSet(
        EncodedCaptions(
            torch.cat([one.features for one in captions]),
            [text for one in captions for text in one.texts],
            [fact for one in captions for fact in one.facts or [None] * len(one)],
            [known for one in captions for known in one.likelihoods or [None] * len(one)],
        ),
        [key for one in sets for key in one.photo_hashes],
        [line for one in sets for line in one.refused],
    )


def _example(record: ImagefolderRecord) -> CaptionedPhoto:
    facts = record.fields.get("facts")
    return CaptionedPhoto(
        record.path, record.text or "", facts if isinstance(facts, str) else None, str(record.path)
    )
