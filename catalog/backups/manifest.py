"""What one back-up holds: a JSON file that names every file by its SHA-256.

A back-up is its manifest. The contents lie beside it, each once, whatever number of back-ups names
them; so the second back-up of a catalog stores only what is new.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

#: Raised by one when an older program could not read what a newer one writes.
FORMAT = 1


class BackupRefused(Exception):
    """A back-up cannot be taken, read or restored; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class StoredContent:
    """The SHA-256 of a file, and that of what is stored for it, which differs if encrypted."""

    sha256: str
    stored_sha256: str
    byte_size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """One back-up. `files` has, for each storage, the stored content of each of its files."""

    identifier: str
    created_at: str
    version: str
    vendor: str
    migrations: list[str]
    rows: dict[str, int]
    database: StoredContent
    files: dict[str, dict[str, StoredContent]]
    #: Names of photos that the database has and the storage had not, when the back-up was taken.
    missing: list[str] = field(default_factory=list)
    encrypted: bool = False
    format: int = FORMAT

    def contents(self) -> set[StoredContent]:
        """Everything that this back-up needs, each once."""
        named = {content for files in self.files.values() for content in files.values()}
        return named | {self.database}


def manifest_write(manifest: Manifest) -> bytes:
    """JSON that ends with the SHA-256 of what it says."""
    said = asdict(manifest)
    return json.dumps({**said, "sha256": _digest(said)}, indent=1, sort_keys=True).encode()


def manifest_read(content: bytes, *, name: str) -> Manifest:
    """Raises `BackupRefused` for one that was altered or cut, or that a newer program wrote."""
    try:
        said = json.loads(content)
        digest = said.pop("sha256")
        number = int(said["format"])
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise BackupRefused(
            f"{name} is no manifest of a back-up, or only a part of one."
        ) from error
    if number > FORMAT:
        raise BackupRefused(
            f"{name} has format {number}; this version reads up to {FORMAT}. Restore it with "
            f"version {said.get('version')} or a newer one."
        )
    if _digest(said) != digest:
        raise BackupRefused(f"{name} was altered since it was written. Take another back-up.")
    said["database"] = StoredContent(**said["database"])
    said["files"] = {
        storage: {file: StoredContent(**content) for file, content in files.items()}
        for storage, files in said["files"].items()
    }
    return Manifest(**said)


def _digest(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
