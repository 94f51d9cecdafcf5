"""Photos read ahead of the model, in threads: decoding overlaps the arithmetic.

A photo that cannot be read is given as the `PhotoError` that says why, in its place.
"""

import threading
import time
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from torch import Tensor

from moda_engine.brief.product import KnownProduct
from moda_engine.devices import is_out_of_memory
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


class ReadAhead:
    """Photos of any source, in order; the source runs in a thread of its own, as far as is needed.

    Args:
        ahead: photos that are read, or being read, beyond those that were taken.
    """

    def __init__(
        self, pairs: Iterable[tuple[Photo, Known]], processor: ModaProcessor, ahead: int
    ) -> None:
        self._pairs = iter(pairs)
        self._processor = processor
        self._ahead = ahead
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="photos")
        #: Guards all that is below, and tells of its changes.
        self._changed = threading.Condition()
        self._pulled: deque[Future[ReadPhoto | PhotoError]] = deque()
        self._has_ended = self._is_closed = False
        self._failure: BaseException | None = None

    def __enter__(self) -> "ReadAhead":
        # A daemon, since nothing ends a source that gives nothing more and does not end.
        threading.Thread(target=self._pull, name="photo-source", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def is_dry(self) -> bool:
        """Whether the source has given no photo that is not taken yet, and has not ended."""
        with self._changed:
            return not self._pulled and not self._has_ended

    @property
    def has_photo(self) -> bool:
        """Whether the source has given a photo that is not taken yet."""
        with self._changed:
            return bool(self._pulled)

    def wait(self) -> bool:
        """Whether there is another photo, once that is known.

        Raises what the source raised, behind its last photo.
        """
        with self._changed:
            self._changed.wait_for(self._is_known)
            if not self._pulled and self._failure is not None:
                raise self._failure
            return bool(self._pulled)

    def take(self, most: int, patience: float) -> list[ReadPhoto | PhotoError]:
        """The next photos, `most` at most.

        Args:
            patience: seconds in which the source may give them; fewer are taken after that.
        """
        until = time.monotonic() + patience
        found: list[ReadPhoto | PhotoError] = []
        while len(found) < most:
            with self._changed:
                self._changed.wait_for(self._is_known, max(0, until - time.monotonic()))
                if not self._pulled:
                    break
                future = self._pulled.popleft()
                self._changed.notify_all()
            found.append(future.result())
        with self._changed:  # the next ones are read while these are looked at
            self._changed.wait_for(self._is_full, max(0, until - time.monotonic()))
        return found

    def _is_known(self) -> bool:
        return bool(self._pulled) or self._has_ended

    def _is_full(self) -> bool:
        return len(self._pulled) >= self._ahead or self._has_ended

    def _has_room(self) -> bool:
        return len(self._pulled) < self._ahead or self._is_closed

    def _pull(self) -> None:
        """Take from the source, in its thread."""
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(self._has_room)
                    if self._is_closed:
                        return
                pair = next(self._pairs)
                with self._changed:
                    if self._is_closed:
                        return
                    self._pulled.append(self._begun(pair))
                    self._changed.notify_all()
        except StopIteration:
            pass
        except BaseException as error:  # noqa: BLE001 (whatever a stranger's source raises)
            self._failure = error
        finally:
            with self._changed:
                self._has_ended = True
                self._changed.notify_all()

    def _begun(self, pair: tuple[Photo, Known]) -> Future[ReadPhoto | PhotoError]:
        try:
            return self._pool.submit(_result, pair, self._processor)
        except RuntimeError:  # no thread can be started: the photo is read here and now
            read: Future[ReadPhoto | PhotoError] = Future()
            try:
                read.set_result(_result(pair, self._processor))
            except Exception as error:  # noqa: BLE001 (a future gives whatever it was)
                read.set_exception(error)
            return read


def _result(pair: tuple[Photo, Known], processor: ModaProcessor) -> ReadPhoto | PhotoError:
    """The photo, or what speaks against it. Want of memory is raised: that is no photo's fault."""
    try:
        return _read(pair, processor)
    except PhotoError as error:
        return error
    except MemoryError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        refusal = PhotoError(f"The photo cannot be described ({type(error).__name__}: {error}).")
        refusal.__cause__ = error
        return refusal


def _read(pair: tuple[Photo, Known], processor: ModaProcessor) -> ReadPhoto:
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise PhotoError(f"A pair of a photo and what is known is needed, not {pair!r:.80}.")
    photo, known = pair
    is_file = isinstance(photo, Path | str | bytes)
    image = _opened(photo, processor) if is_file else photo
    pixels = processor(images=[image])["pixel_values"][0]
    return ReadPhoto(pixels, product_of(known))


def product_of(known: Known) -> KnownProduct:
    """What is known, as a product. Raises `TypeError` for what is neither that nor text."""
    if not isinstance(known, KnownProduct | str | None):
        raise TypeError(f"what is known is a product or text, not {type(known).__name__}")
    return known if isinstance(known, KnownProduct) else KnownProduct(facts=known or "")


def _opened(source: Path | str | bytes, processor: ModaProcessor) -> Image.Image:
    size = processor.image_processor.size
    if edge := size.get("shortest_edge"):  # the rest is cut off
        return open_photo(source, shortest_side=_OVERSAMPLING * edge)
    return open_photo(source, longest_side=_OVERSAMPLING * max(size["height"], size["width"]))
