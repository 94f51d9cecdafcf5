"""Where back-ups lie: a folder or a bucket, with `manifests/` and `contents/` in it."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import urlsplit

import pyrage
from django.conf import settings
from django.core.files import File
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from django.utils import timezone

from catalog.backups.manifest import (
    BackupRefused,
    Manifest,
    StoredContent,
    manifest_read,
    manifest_write,
)

_BLOCK = 1 << 20
#: Contents that no manifest names are kept this long: a back-up under way may have written them.
UNNAMED_KEPT = timedelta(days=1)


def recipient_read(text: str) -> Any:
    """The public key (`age1…`) for which contents are encrypted; None for an empty text."""
    if not text:
        return None
    try:
        return pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError as error:
        raise BackupRefused(
            f"{text[:12]!r} is no public key of age. Make a pair with `age-keygen -o FILE` and "
            "name the line that begins with age1."
        ) from error


def identity_read(file: Path) -> Any:
    """The private key in a file as `age-keygen` writes it."""
    try:
        lines = file.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BackupRefused(f"{file} cannot be read: it should hold an age identity.") from error
    keys = [line.strip() for line in lines if line.startswith("AGE-SECRET-KEY-")]
    try:
        return pyrage.x25519.Identity.from_str(keys[0])
    except (IndexError, pyrage.IdentityError) as error:
        raise BackupRefused(f"{file} holds no line AGE-SECRET-KEY-…, the private key.") from error


def _storage(address: str) -> Storage:
    parts = urlsplit(address)
    if parts.scheme == "s3":
        from storages.backends.s3 import S3Storage

        if not parts.netloc:
            raise BackupRefused(f"{address} names no bucket: write s3://BUCKET/FOLDER.")
        return S3Storage(  # type: ignore[no-any-return]
            **settings.BUCKET_OPTIONS
            | {"bucket_name": parts.netloc, "location": parts.path.strip("/")}
        )
    if not Path(address).is_absolute():
        raise BackupRefused(f"{address!r} is no absolute path and no address s3://BUCKET/FOLDER.")
    return FileSystemStorage(location=address, file_permissions_mode=0o600)


class BackupPlace:
    """Writes and reads contents and manifests. Whatever it writes it reads back and compares."""

    def __init__(self, address: str, *, recipient: Any = None, identity: Any = None) -> None:
        self.address = address
        self._storage = _storage(address)
        self._recipient = recipient
        self._identity = identity

    @property
    def encrypts(self) -> bool:
        """Whether new contents are encrypted."""
        return self._recipient is not None

    def identifiers(self) -> list[str]:
        """The back-ups that are here, the oldest first."""
        names = self._names("manifests")
        return sorted(name.removesuffix(".json") for name in names if name.endswith(".json"))

    def manifest(self, identifier: str) -> Manifest:
        """Raises `BackupRefused` if there is none or it cannot be used."""
        try:
            with self._storage.open(f"manifests/{identifier}.json", "rb") as file:
                return manifest_read(file.read(), name=f"{identifier}.json")
        except FileNotFoundError as error:
            known = ", ".join(self.identifiers()[-5:]) or "none"
            raise BackupRefused(
                f"{self.address} has no back-up {identifier}; the last ones: {known}."
            ) from error

    def publish(self, manifest: Manifest) -> None:
        """Write the manifest, the last step: from now on this back-up exists."""
        self._check_present(manifest)
        name = f"manifests/{manifest.identifier}.json"
        if self._storage.save(name, ContentFile(manifest_write(manifest))) != name:
            raise BackupRefused(f"{self.address} has a back-up {manifest.identifier} already.")

    def store(self, source: IO[bytes]) -> StoredContent:
        """Store what is not here yet. What is encrypted for another key counts as not here."""
        sha256 = hashlib.file_digest(cast(Any, source), "sha256").hexdigest()
        byte_size = source.tell()
        source.seek(0)
        with tempfile.TemporaryFile() as sealed:
            if self._recipient is None:
                shutil.copyfileobj(source, sealed, _BLOCK)
                sealed.seek(0)
                stored = StoredContent(sha256, sha256, byte_size)
            else:
                pyrage.encrypt_io(source, sealed, [self._recipient])
                sealed.seek(0)
                digest = hashlib.file_digest(sealed, "sha256").hexdigest()
                stored = StoredContent(sha256, digest, byte_size)
                sealed.seek(0)
            self._write(stored, sealed)
        return stored

    def check(self, content: StoredContent) -> None:
        """Raises `BackupRefused` unless what is stored is unchanged. Needs no key."""
        try:
            with self._storage.open(_name(content), "rb") as file:
                digest = hashlib.sha256()
                while block := file.read(_BLOCK):
                    digest.update(block)
        except FileNotFoundError as error:
            raise BackupRefused(f"{_name(content)} is gone from {self.address}.") from error
        if digest.hexdigest() != content.stored_sha256:
            raise BackupRefused(
                f"{_name(content)} in {self.address} was altered: its SHA-256 is not the recorded "
                "one. Restore an earlier back-up, or this one from another copy."
            )

    @contextmanager
    def opened(self, content: StoredContent) -> Iterator[IO[bytes]]:
        """The content, decrypted, as a file whose SHA-256 was compared."""
        self.check(content)
        with self._storage.open(_name(content), "rb") as stored, tempfile.TemporaryFile() as plain:
            if content.stored_sha256 == content.sha256:
                shutil.copyfileobj(stored, plain, _BLOCK)
            else:
                self._decrypt(stored, plain)
            plain.seek(0)
            if hashlib.file_digest(plain, "sha256").hexdigest() != content.sha256:
                raise BackupRefused(f"{_name(content)} does not hold what was backed up.")
            plain.seek(0)
            yield plain

    def prune(self, *, keep: int) -> list[str]:
        """Delete all but the last `keep` back-ups, and what no back-up names; returns their names.

        Nothing is deleted if a manifest cannot be read: what it names would be lost.
        """
        identifiers = self.identifiers()
        former = identifiers[:-keep]
        named = {
            _name(content)
            for identifier in identifiers[-keep:]
            for content in self.manifest(identifier).contents()
        }
        for identifier in former:
            self._storage.delete(f"manifests/{identifier}.json")
        before = timezone.now() - UNNAMED_KEPT
        for name in set(self._contents()) - named:
            if self._storage.get_modified_time(name) < before:
                self._storage.delete(name)
        return former

    def _write(self, content: StoredContent, sealed: IO[bytes]) -> None:
        name = _name(content)
        if self._storage.exists(name):
            try:
                self.check(content)
            except BackupRefused:
                self._storage.delete(name)  # half a file of a back-up that was interrupted
            else:
                return
        self._storage.save(name, File(sealed))
        self.check(content)

    def _decrypt(self, stored: IO[bytes], plain: IO[bytes]) -> None:
        if self._identity is None:
            raise BackupRefused("This back-up is encrypted: name the private key by --identity.")
        try:
            with tempfile.TemporaryFile() as sealed:  # age wants a plain file, not a storage's
                shutil.copyfileobj(stored, sealed, _BLOCK)
                sealed.seek(0)
                pyrage.decrypt_io(sealed, plain, [self._identity])
        except pyrage.DecryptError as error:
            raise BackupRefused(
                "This private key does not open the back-up: name the one that belongs to the "
                "public key it was encrypted for."
            ) from error

    def _check_present(self, manifest: Manifest) -> None:
        """A rival that pruned may have taken what we relied on."""
        present = set(self._contents())
        if gone := {_name(content) for content in manifest.contents()} - present:
            raise BackupRefused(f"{min(gone)} vanished meanwhile. Take the back-up again.")

    def _contents(self) -> Iterator[str]:
        for folder in self._names("contents", folders=True):
            for name in self._names(f"contents/{folder}"):
                yield f"contents/{folder}/{name}"

    def _names(self, folder: str, *, folders: bool = False) -> list[str]:
        try:
            return self._storage.listdir(folder)[0 if folders else 1]
        except FileNotFoundError:
            return []


def _name(content: StoredContent) -> str:
    return f"contents/{content.stored_sha256[:2]}/{content.stored_sha256}"
