"""Captioned photos: read from an imagefolder, encoded once by the frozen encoder."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from moda_engine.exceptions import DatasetError, PhotoError
from moda_engine.model import ModaForCaptioning
from moda_engine.photos import open_photo
from moda_engine.processor import ModaProcessor


@dataclass(frozen=True)
class CaptionedPhoto:
    """A photo file and what it should be described as."""

    path: Path
    text: str


@dataclass(frozen=True)
class EncodedCaptions:
    """Image features, (count, feature_size), beside one text a row."""

    features: Tensor
    texts: list[str]

    def __post_init__(self) -> None:
        if len(self.features) != len(self.texts):
            raise ValueError(f"{len(self.features)} features but {len(self.texts)} texts.")

    def __len__(self) -> int:
        return len(self.texts)


def metadata_lines(folder: Path) -> list[tuple[int, str]]:
    """The lines of `folder/metadata.jsonl` that hold anything, with their numbers from 1.

    Raises `DatasetError` when there is no such file.
    """
    metadata = folder / "metadata.jsonl"
    if not metadata.is_file():
        raise DatasetError(f"{metadata} is missing: give a folder of photos beside metadata.jsonl.")
    lines = metadata.read_text(encoding="utf-8").splitlines()
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip()]


def read_imagefolder(folder: Path) -> tuple[list[CaptionedPhoto], list[str]]:
    """The examples of `folder/metadata.jsonl`, and a sentence for every line left out.

    Raises `DatasetError` when there is no such file.
    """
    examples: list[CaptionedPhoto] = []
    refused: list[str] = []
    for number, line in metadata_lines(folder):
        try:
            examples.append(_example(folder, line))
        except DatasetError as error:
            refused.append(f"{folder / 'metadata.jsonl'}, line {number}: {error}")
    return examples, refused


def _example(folder: Path, line: str) -> CaptionedPhoto:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"no JSON ({error}).") from error
    if not isinstance(record, dict) or not isinstance(record.get("file_name"), str):
        raise DatasetError("no file_name.")
    text = record.get("text")
    if not isinstance(text, str) or not text.strip():
        raise DatasetError("no text.")
    path = (folder / record["file_name"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise DatasetError(f"{record['file_name']} lies outside the folder.")
    if not path.is_file():
        raise DatasetError(f"{record['file_name']} does not exist.")
    return CaptionedPhoto(path, text.strip())


@torch.inference_mode()
def encode_examples(
    model: ModaForCaptioning,
    processor: ModaProcessor,
    examples: Sequence[CaptionedPhoto],
    batch_size: int = 64,
) -> tuple[EncodedCaptions, list[str]]:
    """The examples' features, and a sentence for every photo that cannot be read."""
    features: list[Tensor] = []
    texts: list[str] = []
    refused: list[str] = []
    for start in range(0, len(examples), batch_size):
        photos = []
        for example in examples[start : start + batch_size]:
            try:
                photos.append(open_photo(example.path))
                texts.append(example.text)
            except PhotoError as error:
                refused.append(str(error))
        if photos:
            pixels = processor(images=photos)["pixel_values"]
            features.append(model.encode_images(pixels.to(model.device, model.dtype)).cpu())
    width = model.config.feature_size
    return EncodedCaptions(torch.cat(features) if features else torch.empty(0, width), texts), (
        refused
    )
