"""What keeps a model good at what it was good at: photos beside what it wrote of them before.

New captions alone would drown the old ways of describing. So each run may mix in photos of other
products, with their text where they have one, else with the sentence that the model writes of
them before it learns anything. Of such a sentence it learns no more than it knew: each word stays
as likely as it was (Li and Hoiem 2016, learning without forgetting), since a sentence learned as
the truth would sharpen some near choices and turn others. A sentence that says what the new
captions took back is left out (`moda_engine.training.taken_back`).
"""

import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import torch
from accelerate.utils import send_to_device

from moda_engine.describing.describer import DescribeOptions, Describer
from moda_engine.exceptions import PhotoError
from moda_engine.imagefolder import ImagefolderRecord, read_imagefolder_records
from moda_engine.training.captions import CaptionSequences, EncodedCaptions, Likelihoods
from moda_engine.training.dataset import CaptionSet, encode_examples, joined
from moda_engine.training.embedding_cache import EmbeddingCache
from moda_engine.training.encoding import photo_hash
from moda_engine.training.examples import CaptionedPhoto, category_of
from moda_engine.training.loss import CaptionLoss

BATCH_SIZE = 32
#: Tokens whose likelihood is kept: together nearly all there is, in a vocabulary of any size.
LIKELIEST = 16
#: Asked of a category and a text that the model wrote of a photo of it.
IsTakenBack = Callable[[str, str], bool]


def load_base_set(
    folder: Path,
    describer: Describer,
    cache: EmbeddingCache,
    *,
    count: int,
    seed: int,
    apart_from: Collection[str] = (),
    is_taken_back: IsTakenBack = lambda category, text: False,
    adapter: str | None = None,
) -> CaptionSet:
    """`count` of the photos of `folder`, drawn by `seed`, each with what shall be said of it.

    Args:
        apart_from: hashes of photos that have a caption of their own and are left out.
        is_taken_back: whether what the model writes of a photo of a category is left out.
        adapter: what the describer writes with, where it is no checkpoint alone that is taught.

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
        sets.append(_spoken(found, describer, is_taken_back, adapter))
    return joined(sets)


def written_by(
    describer: Describer, captions: EncodedCaptions, adapter: str | None = None
) -> list[str]:
    """What the describer writes of the photos of `captions`, told their facts."""
    options = DescribeOptions(batch_size=BATCH_SIZE, adapter=adapter, fit=False)
    described = describer.describe_features(captions.features, captions.facts, options)
    return [description.text for description in described]


def _apart(
    records: Sequence[ImagefolderRecord], apart_from: set[str]
) -> tuple[list[CaptionedPhoto], list[str]]:
    """Those whose photo is none of `apart_from`, and a sentence for each unreadable one."""
    chosen: list[CaptionedPhoto] = []
    refused: list[str] = []
    for record in records:
        try:
            if photo_hash(record.path) not in apart_from:
                chosen.append(_example(record))
        except PhotoError as error:
            refused.append(str(error))
    return chosen, refused


def _spoken(
    found: CaptionSet, describer: Describer, is_taken_back: IsTakenBack, adapter: str | None
) -> CaptionSet:
    """The photos with a text, then the others with the describer's own that is not taken back."""
    rows = range(len(found))
    given = found.of([row for row in rows if found.captions.texts[row]])
    silent = found.of([row for row in rows if not found.captions.texts[row]])
    texts = written_by(describer, silent.captions, adapter)
    spoken = replace(silent, captions=replace(silent.captions, texts=texts)).of(
        [
            row
            for row, (category, text) in enumerate(zip(silent.categories, texts, strict=True))
            if text and not is_taken_back(category, text)
        ]
    )
    likelihoods = _likelihoods(spoken.captions, describer)
    return joined(
        [given, replace(spoken, captions=replace(spoken.captions, likelihoods=likelihoods))]
    )


@torch.inference_mode()
def _likelihoods(captions: EncodedCaptions, describer: Describer) -> list[Likelihoods | None]:
    """What the model finds likely along the captions, with the adapter it has in use."""
    loss = CaptionLoss(describer.model, torch.float32).eval()
    sequences = CaptionSequences(describer.processor, captions)
    found: list[Likelihoods | None] = []
    for start in range(0, len(captions), BATCH_SIZE):
        part = range(start, min(start + BATCH_SIZE, len(captions)))
        batch = send_to_device(sequences.batch(part), describer.model.device)
        logits, counted = loss.counted_logits(**batch)
        likeliest = logits.float().softmax(-1).topk(min(LIKELIEST, logits.shape[-1]), dim=-1)
        shares = likeliest.values / likeliest.values.sum(-1, keepdim=True)
        lengths = counted.sum(1).tolist()
        pairs = zip(likeliest.indices.split(lengths), shares.split(lengths), strict=True)
        found += [Likelihoods(ids.cpu().clone(), part.cpu().clone()) for ids, part in pairs]
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
