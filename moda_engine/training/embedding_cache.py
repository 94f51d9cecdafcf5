"""Image features on disk: the encoder is frozen, so a photo is encoded once and never again.

One SQLite file an encoder, features by the SHA-256 of the photo's file. SQLite lets several
processes read and write it at once, and a killed one leaves it whole.
"""

import hashlib
import os
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import torch
from torch import Tensor

from moda_engine.exceptions import DatasetError
from moda_engine.model import ModaForCaptioning
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
    """SHA-256 of all that a feature depends on: the encoder's weights and how photos are read."""
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
        """Let go of the file."""
        self._database.close()

    def _unusable(self, error: sqlite3.DatabaseError) -> DatasetError:
        return DatasetError(
            f"The embedding cache {self.path} cannot be used ({error}): delete it, or name another "
            "folder with --cache."
        )
