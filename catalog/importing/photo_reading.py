"""Fetches a photo by its address, and tells what is final from what is worth another try."""

import random
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from catalog.exceptions import FetchRefused, ImportRefused, PhotoRefused
from catalog.fetching import fetch
from catalog.models import ImportPhoto, ProductImport
from catalog.photos import LARGEST_FILE
from catalog.tables.source import Source

#: Seconds for one photo, redirects included.
FETCH_SECONDS = 30
#: Attempts after which an address that never answers is given up; some ten minutes in all.
MAX_FETCHES = 5
FIRST_DELAY = 15  # seconds before the second attempt; four times as long before each further one
_LONGEST_DELAY = 600
#: Answers of a host that is busy, or asks for patience: all its photos wait.
_BUSY = (429, 503)
_PASSING = (408, 425, 500, 502, 504, *_BUSY)


class FetchLater(Exception):
    """The address may answer another time; the message says why it did not now."""

    def __init__(self, message: str, *, whole_host: bool) -> None:
        self.whole_host = whole_host
        super().__init__(message)

    def due_at(self, *, attempts: int) -> datetime:
        """When to try again after so many attempts; half to one and a half times the delay."""
        delay = min(_LONGEST_DELAY, FIRST_DELAY * 4 ** (attempts - 1))
        return timezone.now() + timedelta(seconds=delay * random.uniform(0.5, 1.5))


def photo_fetch(address: str, *, attempts: int) -> bytes:
    """The bytes at an address, whatever they are.

    Raises `PhotoRefused` when trying again would not help, or was tried `MAX_FETCHES` times, and
    `FetchLater` otherwise.
    """
    address = f"https:{address}" if address.startswith("//") else address
    try:
        return fetch(address, largest=LARGEST_FILE, seconds=FETCH_SECONDS).content
    except FetchRefused as error:
        passing = error.unreachable or error.status in _PASSING
        if passing and attempts < MAX_FETCHES:
            raise FetchLater(str(error), whole_host=error.status in _BUSY) from error
        raise PhotoRefused(str(error)) from error


class PhotoReader(AbstractContextManager["PhotoReader"]):
    """Reads photos by import, keeping the last source open. A context manager."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self._open_for: int | None = None
        self._source: Source | None = None

    def __exit__(self, *error: object) -> None:
        self._closing.close()

    def read(self, photo: ImportPhoto) -> bytes:
        """The bytes of a file, whatever they are. Raises `PhotoRefused`, `OSError`."""
        try:
            source = self._source_of(photo.product_import)
        except ImportRefused as error:
            raise PhotoRefused(f"{photo.name} cannot be read: {error}") from error
        return source.photo_read(photo.name, limit=LARGEST_FILE)

    def _source_of(self, product_import: ProductImport) -> Source:
        if self._source is None or self._open_for != product_import.pk:
            self._closing.close()
            source = Source(Path(product_import.path), encoding=product_import.encoding)
            self._source = self._closing.enter_context(source)
            self._open_for = product_import.pk
        return self._source
