"""One model judged by what people approved: figures over all texts and by category.

The truth about a photo is its labels, where the record has any; else what the approved text states.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from rapidfuzz.distance import Levenshtein

from moda_engine.adapter import adapter_use
from moda_engine.brief.product import KnownProduct
from moda_engine.describing.describer import DescribeOptions, Describer
from moda_engine.describing.description import Description
from moda_engine.evaluation.evaluate import LABELS
from moda_engine.evaluation.measures import Verdict, five_measures, judge, labels_stated
from moda_engine.exceptions import DatasetError, PhotoError
from moda_engine.imagefolder import METADATA_NAME, ImagefolderRecord, read_imagefolder_records
from moda_engine.language.labels import labels_from_record
from moda_engine.language.reading import read
from moda_engine.training.briefs import conditioned, described
from moda_engine.training.callbacks import batch_mean
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.dataset import CaptionSet, category_of, seed_of
from moda_engine.training.features import (
    EmbeddingCache,
    default_cache_directory,
    encode_photos,
    encoder_key,
    photo_hash,
)
from moda_engine.training.trainer import caption_losses

BATCH_SIZE = 32


@dataclass(frozen=True)
class Figures:
    """How good a model is; measures as `measures.five_measures` has them, 0 to 1."""

    n: int
    #: Nats a token of the approved texts. Comparable between models of one vocabulary only.
    loss: float
    #: Mean of edit distance over the longer text's length, 0 to 1.
    edit_distance: float
    colour_accuracy: float | None
    usage_accuracy: float | None
    product_type_accuracy: float | None
    gender_accuracy: float | None
    factual_consistency: float | None
    overall: float | None


@dataclass(frozen=True)
class JudgedTexts:
    """What one model writes of photos whose approved text is known, and how good that is."""

    records: list[ImagefolderRecord]
    texts: list[str]
    overall: Figures
    #: By the field `category` of the records; "" where they have none.
    by_category: dict[str, Figures]
    #: A sentence for each photo that could not be read.
    refused: list[str]
    #: Of each text: nats a token of what was approved, and edit distance to it.
    losses: list[float]
    edit_distances: list[float]


@dataclass(frozen=True)
class OpenedModel:
    """A describer, and the adapter that it writes with."""

    describer: Describer
    adapter: str | None = None

    @classmethod
    def from_folders(cls, checkpoint: Path, adapter: Path | None = None) -> "OpenedModel":
        """Load a checkpoint and, if given, an adapter that runs on it."""
        describer = Describer.from_pretrained(checkpoint, dtype=torch.float32)
        if adapter is None:
            return cls(describer)
        describer.load_adapter(adapter, "judged")
        return cls(describer, "judged")

    def describe(self, captions: CaptionSet) -> list[Description]:
        """What it says of photos, told their facts and seeds, whatever their captions say."""
        return described(self.describer, captions, self.adapter)


def read_approved(folder: Path) -> tuple[list[ImagefolderRecord], list[str]]:
    """The records of `folder` that have a text, and a sentence for each that cannot be used.

    Raises `DatasetError` when there is none.
    """
    records, refused = read_imagefolder_records(folder)
    approved = [record for record in records if record.text]
    if not approved:
        raise DatasetError(f"{folder / METADATA_NAME} has no approved text: nothing to judge by.")
    return approved, [str(line) for line in refused]


def judge_by(
    model: OpenedModel, records: Sequence[ImagefolderRecord], cache: Path | None = None
) -> JudgedTexts:
    """Have `model` write of the photos of `records`, and compare with what was approved.

    Args:
        cache: folder of image features; default: the user's.

    Raises `DatasetError` when none of the photos can be read.
    """
    kept, captions, refused = _encoded(model.describer, records, cache)
    drafts = model.describe(captions)
    texts = [draft.text for draft in drafts]
    learned = captions
    if model.describer.model.heads is not None:
        learned = conditioned(captions, drafts, set())
    adapter_use(model.describer.model, model.adapter)
    losses, tokens = caption_losses(
        model.describer.model, model.describer.processor, learned.captions
    )
    pairs = [(record.text or "", text) for record, text in zip(kept, texts, strict=True)]
    distances = [Levenshtein.normalized_distance(*pair) for pair in pairs]
    verdicts = [verdict(record, text) for record, text in zip(kept, texts, strict=True)]
    groups: dict[str, list[int]] = {}
    for row, record in enumerate(kept):
        groups.setdefault(str(record.fields.get("category") or ""), []).append(row)

    def figures(rows: list[int]) -> Figures:
        loss = batch_mean(losses[rows], tokens[rows], BATCH_SIZE)
        return _figures(loss, *_pick(rows, distances, verdicts))

    return JudgedTexts(
        kept,
        texts,
        overall=figures([*range(len(kept))]),
        by_category={name: figures(rows) for name, rows in sorted(groups.items())},
        refused=refused,
        losses=(losses / tokens).tolist(),
        edit_distances=distances,
    )


def drafts_of(
    model: OpenedModel, records: Sequence[ImagefolderRecord], cache: Path | None = None
) -> tuple[list[ImagefolderRecord], list[Description]]:
    """The records whose photo can be read, and what `model` drafts of each as a job would.

    The field `known` of a record is what is known of the product, as `KnownProduct.of` takes it.
    """
    kept, captions, _ = _encoded(model.describer, records, cache)
    known = [KnownProduct.of(record.fields.get("known") or {}) for record in kept]
    options = DescribeOptions(batch_size=BATCH_SIZE, adapter=model.adapter, fit=False)
    return kept, model.describer.describe_features(captions.captions.features, known, options)


def right_of(record: ImagefolderRecord, draft: Description) -> dict[str, float]:
    """How right a draft is, 0 to 1, by measure; without those of which nothing is known.

    The truth is what the approved text states, where the record has one; else what the catalog
    knows.
    """
    known = replace(
        draft.brief,
        claims=tuple(one for one in draft.brief.claims if one.source == "catalog"),
    )
    truth = labels_stated(read(record.text)) if record.text else known.labels()
    found = judge(read(draft.text), truth)
    values = {
        "colour_accuracy": found.colour,
        "usage_accuracy": found.usage,
        "product_type_accuracy": found.product_type,
        "gender_accuracy": found.gender,
        "factual_consistency": found.true / found.stated if found.stated else None,
    }
    return {name: float(value) for name, value in values.items() if value is not None}


def texts_of(
    model: OpenedModel, records: Sequence[ImagefolderRecord], cache: Path | None = None
) -> tuple[list[ImagefolderRecord], list[str]]:
    """The records whose photo can be read, and what `model` writes of each."""
    kept, captions, _ = _encoded(model.describer, records, cache)
    return kept, [draft.text for draft in model.describe(captions)]


def _encoded(
    describer: Describer, records: Sequence[ImagefolderRecord], cache: Path | None
) -> tuple[list[ImagefolderRecord], CaptionSet, list[str]]:
    """The records whose photo can be read, their captions, and a sentence for each other."""
    known: list[tuple[ImagefolderRecord, str]] = []
    refused: list[str] = []
    for record in records:
        try:
            known.append((record, photo_hash(record.path)))
        except PhotoError as error:
            refused.append(str(error))
    model, processor = describer.model, describer.processor
    store = EmbeddingCache(encoder_key(model, processor), cache or default_cache_directory())
    paths = {key: record.path for record, key in known}
    features, unreadable = encode_photos(model, processor, paths, store)
    store.close()
    kept = [(record, features[key]) for record, key in known if key in features]
    if not kept:
        raise DatasetError("No photo of the approved texts can be read: nothing to judge by.")
    captions = CaptionSet(
        EncodedCaptions(
            torch.stack([feature for _, feature in kept]),
            [record.text or "" for record, _ in kept],
            [_facts(record) for record, _ in kept],
        ),
        [key for _, key in known if key in features],
        [category_of(record.fields) for record, _ in kept],
        [seed_of(record.fields) for record, _ in kept],
    )
    refused += [str(error) for error in unreadable.values()]
    return [record for record, _ in kept], captions, refused


def _figures(loss: float, distances: Sequence[float], verdicts: Sequence[Verdict]) -> Figures:
    measures = five_measures(verdicts)
    return Figures(
        n=len(verdicts),
        loss=loss,
        edit_distance=fmean(distances),
        colour_accuracy=measures["colour_accuracy"],
        usage_accuracy=measures["usage_accuracy"],
        product_type_accuracy=measures["product_type_accuracy"],
        gender_accuracy=measures["gender_accuracy"],
        factual_consistency=measures["factual_consistency"],
        overall=measures["overall"],
    )


def _pick(rows: Sequence[int], *lists: list[Any]) -> list[list[Any]]:
    """The `rows` of each list."""
    return [[values[row] for row in rows] for values in lists]


def _facts(record: ImagefolderRecord) -> str | None:
    facts = record.fields.get("facts")
    return facts if isinstance(facts, str) and facts else None


def verdict(record: ImagefolderRecord, text: str) -> Verdict:
    """What `text` gets right of the record; by the approved text where a label is missing."""
    labels = labels_from_record(record.fields)
    if not any(getattr(labels, name) for name in LABELS):
        labels = labels_stated(read(record.text or ""))
    return judge(read(text), labels)
