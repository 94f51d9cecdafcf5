"""Reads an item's photo from storage, and says apart what is final and what may pass."""

import io
from pathlib import Path, PurePosixPath

from django.core.files.storage import FileSystemStorage
from django.db.models.fields.files import FieldFile
from PIL import Image, ImageOps

from catalog.choices import FailureReason
from catalog.models import Description, DescriptionJobItem

#: What `catalog.photos` stores, and so all that is ever decoded.
FORMATS = ("JPEG", "PNG", "WEBP")
WHITE = (255, 255, 255)
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

    Raises `PhotoFailed` for what is final, `StorageUnavailable` for what may pass.
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
        raise StorageUnavailable(f"{name}: {type(error).__name__}: {error}") from error
    try:
        return _decoded(content)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhotoFailed(FailureReason.PHOTO_UNREADABLE, f"{name}: {error}") from error


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
