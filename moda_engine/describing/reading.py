"""Photos read ahead of the model, in threads: decoding overlaps the arithmetic.

A photo that cannot be read is given as the `PhotoError` that says why, in its place.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from PIL import Image
from torch import Tensor

from moda_engine.brief.product import KnownProduct
from moda_engine.exceptions import PhotoError
from moda_engine.photos import Photo, open_photo
from moda_engine.processor import ModaProcessor

#: What is known of a photo's item: a product, or facts as text ("colour: navy; brand: Puma").
Known = KnownProduct | str | None
#: Decoding lets go of Python's lock; more threads would only take the cores from the model.
_THREADS = 2
#: A side of the photo is decoded with at least so many times the pixels that the model looks at.
_OVERSAMPLING = 2


@dataclass(frozen=True)
class ReadPhoto:
    """Pixels, (3, height, width), as the encoder wants them, and what is known of the photo."""

    pixels: Tensor
    product: KnownProduct


def read_ahead(
    pairs: Iterable[tuple[Photo, Known]], processor: ModaProcessor, ahead: int
) -> Iterator[ReadPhoto | PhotoError]:
    """Each photo, in order; `ahead` of them are read while the one before is being used."""

    def read(pair: tuple[Photo, Known]) -> ReadPhoto | PhotoError:
        try:
            return _read(pair, processor)
        except PhotoError as error:
            return error

    remaining = iter(pairs)
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="photos") as pool:
        waiting = deque(_submitted(pool, read, islice(remaining, ahead)))
        try:
            while waiting:
                found = waiting.popleft().result()
                waiting.extend(_submitted(pool, read, islice(remaining, 1)))
                yield found
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _submitted(
    pool: ThreadPoolExecutor,
    read: Callable[[tuple[Photo, Known]], ReadPhoto | PhotoError],
    pairs: Iterable[tuple[Photo, Known]],
) -> list[Future[ReadPhoto | PhotoError]]:
    return [pool.submit(read, pair) for pair in pairs]


def _read(pair: tuple[Photo, Known], processor: ModaProcessor) -> ReadPhoto:
    photo, known = pair
    is_file = isinstance(photo, Path | str | bytes)
    image = _opened(photo, processor) if is_file else photo
    pixels = processor(images=[image])["pixel_values"][0]
    return ReadPhoto(pixels, product_of(known))


def product_of(known: Known) -> KnownProduct:
    """What is known, as a product."""
    return known if isinstance(known, KnownProduct) else KnownProduct(facts=known or "")


def _opened(source: Path | str | bytes, processor: ModaProcessor) -> Image.Image:
    size = processor.image_processor.size
    if edge := size.get("shortest_edge"):  # the rest is cut off
        return open_photo(source, shortest_side=_OVERSAMPLING * edge)
    return open_photo(source, longest_side=_OVERSAMPLING * max(size["height"], size["width"]))
