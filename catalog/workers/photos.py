"""Reads an item's photo from storage, and says apart what is final and what may pass."""

import errno
import io
import logging
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile
from PIL import Image, ImageOps

from catalog.choices import FailureReason
from catalog.machine import MachineShort, is_memory_shortage, is_shortage
from catalog.models import Description, DescriptionJobItem, ProductImage
from catalog.workers.lease import Lease

logger = logging.getLogger(__name__)

#: What `catalog.photos` stores, and so all that is ever decoded.
FORMATS = ("JPEG", "PNG", "WEBP")
WHITE = (255, 255, 255)
#: What storage may lack; the process that reads needs no room on a disk.
STORAGE_FULL = (errno.ENOSPC, errno.EDQUOT)
#: Pixels. Larger photos are shrunk when they are read, so that two batches of the largest that may
#: be uploaded need 400 MB, not 11 GB; what an encoder sees is far smaller still.
LONGEST_SIDE = 1024


class PhotoFailed(Exception):
    """The photo cannot be described, now or ever; `reason` is what the item is failed with."""

    def __init__(self, reason: FailureReason, detail: str) -> None:
        self.reason = reason
        super().__init__(detail)


class StorageUnavailable(Exception):
    """Storage gave no answer about the photo: try again later."""


def photo_load(*, item: DescriptionJobItem | Description) -> Image.Image:
    """The photo of an item, or of what was written of it, as RGB, on white, shrunk if very large.

    Raises `PhotoFailed` for what is final; for what may pass `StorageUnavailable`, `MachineShort`
    or `MemoryError`.
    """
    if item.image is None:
        raise PhotoFailed(FailureReason.PHOTO_MISSING, "The photo was deleted.")
    name = item.image.file.name
    try:
        with item.image.file.storage.open(name, "rb") as file:
            content = file.read()
    except FileNotFoundError as error:
        if not _storage_is_there(item.image.file):
            raise StorageUnavailable(f"{name}: the folder of all photos is gone.") from error
        raise PhotoFailed(FailureReason.PHOTO_MISSING, f"{name} is not in storage.") from error
    except Exception as error:  # each kind of storage raises errors of its own
        if not (isinstance(error, OSError) and error.errno in STORAGE_FULL):
            _raise_for_shortage(name, error)
        raise StorageUnavailable(f"{name}: {type(error).__name__}: {error}") from error
    try:
        return _decoded(content)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        _raise_for_shortage(name, error)
        raise PhotoFailed(FailureReason.PHOTO_UNREADABLE, f"{name}: {error}") from error


def further_photos(
    tried: Mapping[int, ProductImage],
) -> dict[int, tuple[ProductImage, Image.Image]]:
    """By product its next photo behind the one that was `tried`; without those that have none.

    A photo that cannot be read now is passed over. Uses the database.
    """
    behind = ProductImage.objects.filter(product__in=tried).order_by("position", "pk")
    found: dict[int, tuple[ProductImage, Image.Image]] = {}
    for image in behind:
        last = tried[image.product_id]
        if image.product_id in found or (image.position, image.pk) <= (last.position, last.pk):
            continue
        try:
            photo = photo_load(item=Description(product_id=image.product_id, image=image))
        except (PhotoFailed, StorageUnavailable, MachineShort, MemoryError) as error:
            logger.warning("%s is passed over: %s", image, error)
        else:
            found[image.product_id] = image, photo
    return found


def _raise_for_shortage(name: str, error: Exception) -> None:
    """Raises `MemoryError` or `MachineShort` where the machine is at fault."""
    if is_memory_shortage(error):
        raise MemoryError(f"{name}: {error}") from error
    if is_shortage(error):
        raise MachineShort(f"{name}: {type(error).__name__}: {error}") from error


def _storage_is_there(file: FieldFile) -> bool:
    """Whether a missing file says something of itself: not while its disk is not mounted."""
    if not isinstance(file.storage, FileSystemStorage):
        return True  # an object store that answers is there
    return Path(file.storage.path(PurePosixPath(str(file.name)).parts[0])).is_dir()


def _decoded(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=FORMATS) as photo:
        photo.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        # In place, and below only where the mode differs: a copy costs as much as to decode.
        ImageOps.exif_transpose(photo, in_place=True)
        photo.load()
    if photo.has_transparency_data:
        layer = photo.convert("RGBA")
        ground = Image.new("RGBA", layer.size, WHITE)
        return Image.alpha_composite(ground, layer).convert("RGB")
    return photo if photo.mode == "RGB" else photo.convert("RGB")


#: Photos read at a time: object storage takes tens of milliseconds an answer, mostly waiting.
READERS = 8


@dataclass(frozen=True)
class Batch:
    """A lease whose photos are on their way; each future gives a photo or raises as `photo_load`.

    Read them in order; they use no database.
    """

    lease: Lease
    photos: tuple[Future[Image.Image], ...]


class PhotoReader(ThreadPoolExecutor):
    """Threads that read photos; what they have not begun is dropped at the end of its block."""

    def __init__(self) -> None:
        super().__init__(READERS, thread_name_prefix="photo")

    def __exit__(self, *_: object) -> None:
        self.shutdown(wait=True, cancel_futures=True)

    def begin(self, lease: Lease) -> Batch:
        """The lease with its photos on their way."""
        return Batch(lease=lease, photos=tuple(self._read(item) for item in lease.items))

    def _read(self, item: DescriptionJobItem) -> Future[Image.Image]:
        try:
            return self.submit(photo_load, item=item)
        except RuntimeError as error:
            if not is_shortage(error):
                raise
            # No thread can be started: the photo is read here and now.
            logger.warning("%s: photos are read one by one.", error)
        read: Future[Image.Image] = Future()
        try:
            read.set_result(photo_load(item=item))
        except Exception as error:  # noqa: BLE001 (a future gives whatever it was)
            read.set_exception(error)
        return read
