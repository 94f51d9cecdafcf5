"""Gets the bytes of a photo: from an address, or from the folder or ZIP file of its import."""

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
#: Attempts until an address without an answer fails; about ten minutes in all.
MAX_FETCHES = 5
FIRST_DELAY = 15  # seconds before the second attempt; each further delay is four times longer
_LONGEST_DELAY = 600
#: Attempts until a host that no name server knows is given up, with all its photos: some 15
#: seconds. The next import of the file asks for them again.
MAX_LOOK_UPS = 2
#: Answers of a busy host: all its photos wait.
_BUSY = (429, 503)
_PASSING = (408, 425, 500, 502, 504, *_BUSY)


class FetchLater(Exception):
    """The address may answer later; the message says why it did not answer now."""

    def __init__(self, message: str, *, whole_host: bool) -> None:
        self.whole_host = whole_host
        super().__init__(message)

    def due_at(self, *, attempts: int) -> datetime:
        """The time of the next try, with jitter: half to one and a half times the delay."""
        delay = min(_LONGEST_DELAY, FIRST_DELAY * 4 ** (attempts - 1))
        return timezone.now() + timedelta(seconds=delay * random.uniform(0.5, 1.5))


class HostUnknown(PhotoRefused):
    """The host of an address cannot be found, so none of its photos can be fetched."""


def photo_fetch(address: str, *, attempts: int) -> bytes:
    """The bytes at an address, unchecked.

    Raises `FetchLater` for an error that may pass, `PhotoRefused` for a final one and after
    `MAX_FETCHES` attempts, and `HostUnknown` after `MAX_LOOK_UPS` for a host without an address.
    """
    address = f"https:{address}" if address.startswith("//") else address
    try:
        return fetch(address, largest=LARGEST_FILE, seconds=FETCH_SECONDS).content
    except FetchRefused as error:
        if error.no_host and attempts < MAX_LOOK_UPS:
            raise FetchLater(str(error), whole_host=True) from error
        if error.no_host:
            raise HostUnknown(str(error)) from error
        passing = error.unreachable or error.status in _PASSING
        if passing and attempts < MAX_FETCHES:
            raise FetchLater(str(error), whole_host=error.status in _BUSY) from error
        raise PhotoRefused(str(error)) from error


class PhotoReader(AbstractContextManager["PhotoReader"]):
    """Reads photos from the sources of imports; keeps the last source open. A context manager."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self._open_for: int | None = None
        self._source: Source | None = None

    def __exit__(self, *error: object) -> None:
        self._closing.close()

    def read(self, photo: ImportPhoto) -> bytes:
        """The bytes of a file, unchecked. Raises `PhotoRefused`, `OSError`."""
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
