"""Photos to features: the encoder is frozen, so each photo is encoded once and cached.

The cache is one SQLite file an encoder, features by the SHA-256 of the photo's file. Several
processes may read and write it at once, and a killed one leaves it whole.
"""

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path

import torch
from torch import Tensor

from moda_engine.exceptions import DatasetError, PhotoError
from moda_engine.model import ModaForCaptioning
from moda_engine.photos import open_photo
from moda_engine.processor import ModaProcessor

_TABLE = "CREATE TABLE IF NOT EXISTS features (photo TEXT PRIMARY KEY, feature BLOB) WITHOUT ROWID"
#: Names asked for in one query; SQLite takes 32,766 at most.
_QUERY_SIZE = 10_000
#: Seconds that one process waits for another's write.
_PATIENCE = 60.0


def default_cache_directory() -> Path:
    """`moda_engine` among the user's caches: `$XDG_CACHE_HOME`, or `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moda_engine"


def encoder_key(model: ModaForCaptioning, processor: ModaProcessor) -> str:
    """SHA-256 of all that a feature depends on: the encoder's weights and the preprocessing."""
    digest = hashlib.sha256(processor.image_processor.to_json_string().encode())
    for name, value in sorted(model.encoder.state_dict().items()):
        digest.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        digest.update(value.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return digest.hexdigest()


class EmbeddingCache:
    """Features of one encoder; without a directory, in memory.

    Raises `DatasetError` when the file cannot be used.
    """

    def __init__(self, key: str, directory: Path | None = None) -> None:
        self.path = directory / f"{key[:32]}.sqlite3" if directory else None
        if directory:
            directory.mkdir(parents=True, exist_ok=True)
        try:
            self._database = sqlite3.connect(self.path or ":memory:", timeout=_PATIENCE)
            with self._database:
                self._database.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from error

    def get(self, photos: Sequence[str]) -> dict[str, Tensor]:
        """Photo hash → (feature_size,) float32, for those of `photos` that are known."""
        found: dict[str, Tensor] = {}
        try:
            for start in range(0, len(photos), _QUERY_SIZE):
                part = photos[start : start + _QUERY_SIZE]
                places = ",".join("?" * len(part))
                query = f"SELECT photo, feature FROM features WHERE photo IN ({places})"  # noqa: S608 (question marks)
                with closing(self._database.execute(query, part)) as rows:
                    for photo, blob in rows:
                        found[photo] = torch.frombuffer(bytearray(blob), dtype=torch.float32)
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from error
        return found

    def put(self, features: Mapping[str, Tensor]) -> None:
        """Keep `features`, photo hash → (feature_size,)."""
        rows = [(photo, value.float().numpy().tobytes()) for photo, value in features.items()]
        try:
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO features VALUES (?, ?)", rows)
        except sqlite3.DatabaseError as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _unusable(self, error: sqlite3.DatabaseError) -> DatasetError:
        return DatasetError(
            f"The embedding cache {self.path} cannot be used ({error}): delete it, or name another "
            "folder with --cache."
        )


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
        on_photos: called with the number of photos that were just encoded or refused.
    """
    features = cache.get(list(photos))
    missing = [(key, path) for key, path in photos.items() if key not in features]
    refused: dict[str, PhotoError] = {}
    with ThreadPoolExecutor() as threads:
        for part in _batches(missing):
            # Decoding releases the GIL, so photos are decoded in parallel.
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
        pixels: Tensor = processor(images=[open_photo(path)])["pixel_values"][0]
        return pixels
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
