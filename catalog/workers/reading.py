"""Reads and decodes the photos of leased items in threads, while the model runs on others."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from PIL import Image

from catalog.workers.lease import Lease
from catalog.workers.photos import photo_load

#: Photos read at a time: object storage takes tens of milliseconds an answer, mostly waiting.
READERS = 8


@dataclass(frozen=True)
class Batch:
    """A lease whose photos are on their way; each future gives a photo or raises as `photo_load`.

    Read them in order; they use no database.
    """

    lease: Lease
    photos: tuple[Future[Image.Image], ...]


class PhotoReader:
    """Begins to read photos; made by `photo_reader`."""

    def __init__(self, threads: ThreadPoolExecutor) -> None:
        self._threads = threads

    def begin(self, lease: Lease) -> Batch:
        """The lease with its photos on their way."""
        photos = (self._threads.submit(photo_load, item=item) for item in lease.items)
        return Batch(lease=lease, photos=tuple(photos))


@contextmanager
def photo_reader() -> Iterator[PhotoReader]:
    """Threads to read with inside the block; what was not begun is dropped at its end."""
    threads = ThreadPoolExecutor(READERS, thread_name_prefix="photo")
    try:
        yield PhotoReader(threads)
    finally:
        threads.shutdown(wait=True, cancel_futures=True)
