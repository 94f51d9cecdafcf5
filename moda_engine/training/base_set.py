"""What keeps a model good at what it was good at: photos beside what it wrote of them before.

New captions alone would drown the old ways of describing. So each run may mix in photos of other
products, with their text where they have one, else with the sentence that the model writes of
them before it learns anything.
"""

import random
from collections.abc import Collection, Sequence
from pathlib import Path

import torch

from moda_engine.describer import DescribeOptions, Describer
from moda_engine.exceptions import PhotoError
from moda_engine.imagefolder import ImagefolderRecord, read_imagefolder_records
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.dataset import CaptionSet, encode_examples
from moda_engine.training.embedding_cache import EmbeddingCache
from moda_engine.training.encoding import photo_hash
from moda_engine.training.examples import CaptionedPhoto


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
    return CaptionSet(
        EncodedCaptions(
            captions.features[kept], [captions.texts[row] for row in kept], [facts[r] for r in kept]
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
    return EncodedCaptions(captions.features, texts, facts)


def joined(sets: list[CaptionSet]) -> CaptionSet:
    """All captions of `sets` as one set, in their order."""
    captions = [one.captions for one in sets]
    return CaptionSet(
        EncodedCaptions(
            torch.cat([one.features for one in captions]),
            [text for one in captions for text in one.texts],
            [fact for one in captions for fact in one.facts or [None] * len(one)],
        ),
        [key for one in sets for key in one.photo_hashes],
        [line for one in sets for line in one.refused],
    )


def _example(record: ImagefolderRecord) -> CaptionedPhoto:
    facts = record.fields.get("facts")
    return CaptionedPhoto(
        record.path, record.text or "", facts if isinstance(facts, str) else None, str(record.path)
    )
