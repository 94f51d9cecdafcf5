"""From imagefolders to encoded captions, with a sentence for everything that was left out."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from moda_engine.brief.product import KnownProduct
from moda_engine.exceptions import DatasetError, PhotoError
from moda_engine.imagefolder import ImagefolderRecord, read_imagefolder_records
from moda_engine.model import ModaForCaptioning
from moda_engine.processor import ModaProcessor
from moda_engine.training.captions import EncodedCaptions
from moda_engine.training.features import EmbeddingCache, OnPhotos, encode_photos, photo_hash


@dataclass(frozen=True)
class CaptionedPhoto:
    """A photo file, its caption, and the facts that the caption is conditioned on."""

    path: Path
    text: str
    facts: str | None = None
    #: File and line that it came from, for messages.
    source: str = ""
    #: The product's, as the catalog names it; empty where it has none.
    category: str = ""
    #: Chooses the order of words that a draft of the photo is asked for; empty for the plain one.
    seed: str = ""


def read_imagefolder(folder: Path) -> tuple[list[CaptionedPhoto], list[str]]:
    """The examples of an imagefolder, and a sentence for every line left out.

    Raises `DatasetError` when it is none.
    """
    records, refused_lines = read_imagefolder_records(folder)
    refused = [str(line) for line in refused_lines]
    examples: list[CaptionedPhoto] = []
    for record in records:
        source = f"{record.metadata}, line {record.line}"
        try:
            examples.append(_example(record, source))
        except DatasetError as error:
            refused.append(f"{source}: {error}")
    return examples, refused


def _example(record: ImagefolderRecord, source: str) -> CaptionedPhoto:
    if record.text is None:
        raise DatasetError("no text.")
    facts = record.fields.get("facts")
    if facts is not None and not isinstance(facts, str):
        raise DatasetError("facts is no text.")
    return CaptionedPhoto(
        record.path,
        record.text,
        facts,
        source,
        category_of(record.fields),
        seed_of(record.fields),
    )


def category_of(fields: Mapping[str, Any]) -> str:
    """The whole path of the category that a record is of."""
    return "/".join(str(fields[name]) for name in ("category", "sub_category") if fields.get(name))


def seed_of(fields: Mapping[str, Any]) -> str:
    """The product's id: a shop's drafts take the order of words that it chooses."""
    found = fields.get("id")
    return found if isinstance(found, str) else ""


#: Tokens of facts and text; a description is one or two sentences.
LONGEST_CAPTION = 512


@dataclass(frozen=True)
class CaptionSet:
    """Captions ready to learn, what is known of their photos, and what was left out."""

    captions: EncodedCaptions
    photo_hashes: list[str]
    categories: list[str]
    #: See `CaptionedPhoto`.
    seeds: list[str]
    refused: list[str] = field(default_factory=list)

    @classmethod
    def empty(cls, model: ModaForCaptioning, refused: list[str]) -> "CaptionSet":
        """No captions, for photos as `model` sees them."""
        features = torch.empty(0, model.config.feature_size)
        return cls(EncodedCaptions(features, []), [], [], [], refused)

    def __len__(self) -> int:
        return len(self.captions)

    def of(self, rows: Sequence[int]) -> "CaptionSet":
        """The captions of `rows`, in that order, without the sentences on what was left out."""
        return CaptionSet(
            self.captions.of(rows),
            [self.photo_hashes[row] for row in rows],
            [self.categories[row] for row in rows],
            [self.seeds[row] for row in rows],
        )

    def products(self) -> list[KnownProduct]:
        """What the describer is told of each photo."""
        facts = self.captions.facts or [None] * len(self)
        return [
            KnownProduct(facts=fact or "", seed=seed)
            for fact, seed in zip(facts, self.seeds, strict=True)
        ]


def load_captions(
    folders: Sequence[Path],
    model: ModaForCaptioning,
    processor: ModaProcessor,
    cache: EmbeddingCache,
    on_photos: OnPhotos = lambda count: None,
) -> CaptionSet:
    """The captioned photos of `folders` as one set.

    Raises `DatasetError` when a folder has no `metadata.jsonl`.
    """
    examples: list[CaptionedPhoto] = []
    refused: list[str] = []
    for folder in folders:
        found, left_out = read_imagefolder(folder)
        examples += found
        refused += left_out
    examples, too_long = _short_enough(examples, processor, longest_caption(model))
    encoded = encode_examples(model, processor, examples, cache, on_photos)
    return replace(encoded, refused=[*refused, *too_long, *encoded.refused])


def encode_examples(
    model: ModaForCaptioning,
    processor: ModaProcessor,
    examples: Sequence[CaptionedPhoto],
    cache: EmbeddingCache | None = None,
    on_photos: OnPhotos = lambda count: None,
) -> CaptionSet:
    """`examples` with their features, without those whose photo cannot be read."""
    known: list[tuple[CaptionedPhoto, str]] = []
    refused: list[str] = []
    for example in examples:
        try:
            known.append((example, photo_hash(example.path)))
        except PhotoError as error:
            refused.append(f"{example.source}: {error}")
    features, unreadable = encode_photos(
        model,
        processor,
        {key: example.path for example, key in known},
        cache or EmbeddingCache("of-one-call"),
        on_photos,
    )
    refused += [f"{one.source}: {unreadable[key]}" for one, key in known if key in unreadable]
    kept = [(example, key) for example, key in known if key in features]
    rows = [features[key] for _, key in kept]
    captions = EncodedCaptions(
        torch.stack(rows) if rows else torch.empty(0, model.config.feature_size),
        [example.text for example, _ in kept],
        [example.facts for example, _ in kept],
    )
    return CaptionSet(
        captions,
        [key for _, key in kept],
        [example.category for example, _ in kept],
        [example.seed for example, _ in kept],
        refused,
    )


def joined(sets: Sequence[CaptionSet]) -> CaptionSet:
    """All captions of `sets` as one set, in their order."""
    captions = [one.captions for one in sets]
    return CaptionSet(
        EncodedCaptions(
            torch.cat([one.features for one in captions]),
            [text for one in captions for text in one.texts],
            [fact for one in captions for fact in one.facts or [None] * len(one)],
            [known for one in captions for known in one.soft_labels or [None] * len(one)],
        ),
        [key for one in sets for key in one.photo_hashes],
        [category for one in sets for category in one.categories],
        [seed for one in sets for seed in one.seeds],
        [line for one in sets for line in one.refused],
    )


def longest_caption(model: ModaForCaptioning) -> int:
    """Tokens that a caption with its facts may have; the visual token takes one position."""
    positions = getattr(model.config.language_config, "max_position_embeddings", None)
    return min(LONGEST_CAPTION, int(positions) - 1) if positions else LONGEST_CAPTION


def _short_enough(
    examples: Sequence[CaptionedPhoto], processor: ModaProcessor, limit: int
) -> tuple[list[CaptionedPhoto], list[str]]:
    """The examples that fit the model, and a sentence for each that does not."""
    kept: list[CaptionedPhoto] = []
    refused: list[str] = []
    sequences = processor.sequences([one.text for one in examples], [one.facts for one in examples])
    for example, (ids, _) in zip(examples, sequences, strict=True):
        tokens = len(ids)
        if tokens <= limit:
            kept.append(example)
            continue
        refused.append(
            f"{example.source}: the text has {len(example.text.split())} words, {tokens} tokens "
            f"with its facts; at most {limit} can be learned. Shorten it."
        )
    return kept, refused


def set_warnings(training: CaptionSet, validation: CaptionSet | None = None) -> list[str]:
    """What is odd about the sets, a sentence each."""
    warnings = []
    if len(training) == 1:
        warnings.append("the training set has a single caption: the model will overfit to it.")
    if validation is None:
        return [*warnings, "without --validation no epoch can be judged: the last one is kept."]
    shared = len(set(training.photo_hashes) & set(validation.photo_hashes))
    if shared:
        warnings.append(
            f"{shared} photos are in both the training and the validation set: the validation loss "
            "will look better than it is."
        )
    return warnings


def fingerprint(sets: Sequence[CaptionSet]) -> str:
    """SHA-256 of what the sets teach: photos, texts and facts, in their order."""
    digest = hashlib.sha256()
    for one in sets:
        facts = one.captions.facts or [None] * len(one)
        rows = list(zip(one.photo_hashes, one.captions.texts, facts, strict=True))
        digest.update(json.dumps(rows).encode())
    return digest.hexdigest()
