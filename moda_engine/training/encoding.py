"""Photos to features: each different photo goes through the encoder once."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from moda_engine.exceptions import PhotoError
from moda_engine.model import ModaForCaptioning
from moda_engine.photos import open_photo
from moda_engine.processor import ModaProcessor
from moda_engine.training.embedding_cache import EmbeddingCache

OnPhotos = Callable[[int], None]
_BATCH_SIZE = 64


def photo_hash(path: Path) -> str:
    """SHA-256 of a photo's file. Raises `PhotoError` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PhotoError(f"{path}: cannot be read ({error.strerror}).") from error


def encode_photos(
    model: ModaForCaptioning,
    processor: ModaProcessor,
    photos: dict[str, Path],
    cache: EmbeddingCache,
    on_photos: OnPhotos = lambda count: None,
) -> tuple[dict[str, Tensor], dict[str, PhotoError]]:
    """Features of `photos` (hash → path), from the cache or the encoder, and what was unreadable.

    Args:
        on_photos: is told how many photos were just encoded or refused.
    """
    features = cache.get(list(photos))
    missing = [(key, path) for key, path in photos.items() if key not in features]
    refused: dict[str, PhotoError] = {}
    with ThreadPoolExecutor() as threads:
        for part in _batches(missing):
            # Decoding holds no lock of Python's for long: it overlaps itself, not the encoder.
            read = threads.map(lambda item: _pixels(processor, item[1]), part)
            pixels: dict[str, Tensor] = {}
            for (key, _), outcome in zip(part, read, strict=True):
                if isinstance(outcome, PhotoError):
                    refused[key] = outcome
                else:
                    pixels[key] = outcome
            encoded = _encode(model, pixels)
            cache.put(encoded)
            features |= encoded
            on_photos(len(part))
    return features, refused


def _pixels(processor: ModaProcessor, path: Path) -> Tensor | PhotoError:
    """(3, height, width), or why there is none."""
    try:
        return processor(images=[open_photo(path)])["pixel_values"][0]
    except PhotoError as error:
        return error


@torch.inference_mode()
def _encode(model: ModaForCaptioning, pixels: dict[str, Tensor]) -> dict[str, Tensor]:
    """Hash → (feature_size,) on the CPU."""
    if not pixels:
        return {}
    batch = torch.stack(list(pixels.values())).to(model.device, model.dtype)
    return dict(zip(pixels, model.encode_images(batch).float().cpu(), strict=True))


def _batches(
    items: Sequence[tuple[str, Path]], size: int = _BATCH_SIZE
) -> Iterator[list[tuple[str, Path]]]:
    remaining = iter(items)
    while batch := list(islice(remaining, size)):
        yield batch
