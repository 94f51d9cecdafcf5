"""Reads the photos of imports from the folders and ZIP files that they lie in."""

from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from catalog.exceptions import ImportRefused, PhotoRefused
from catalog.models import ImportPhoto, ProductImport
from catalog.photos import LARGEST_FILE
from catalog.tables.source import Source


class PhotoReader:
    """Reads photos by import, keeping the last source open. A context manager."""

    def __init__(self) -> None:
        self._closing = ExitStack()
        self._open_for: int | None = None
        self._source: Source | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
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
