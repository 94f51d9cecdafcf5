"""Gives photos that were stored before looks were kept their look, from their thumbnails."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from catalog.models import ProductImage
from catalog.photos import photo_look

CHUNK = 200


@dataclass(frozen=True, slots=True)
class LooksFilled:
    """What a chunk came to: photos that have a look now, and those that cannot be read."""

    filled: int
    unreadable: list[ProductImage]


def looks_missing() -> int:
    """How many photos have none."""
    return ProductImage.objects.filter(look="").count()


def looks_fill() -> Iterator[LooksFilled]:
    """Fill them in, a chunk at a time, each in a statement of its own; begun anew, it goes on."""
    after = 0
    while True:
        missing = ProductImage.objects.filter(look="", pk__gt=after).order_by("pk")
        images = list(missing.select_related("product")[:CHUNK])
        if not images:
            return
        after = images[-1].pk
        unreadable = [image for image in images if not _fill(image)]
        filled = [image for image in images if image.look]
        ProductImage.objects.bulk_update(filled, ["look"])
        yield LooksFilled(len(filled), unreadable)


def _fill(image: ProductImage) -> bool:
    """Our own files, decoded once before, so that nothing in them is to be feared."""
    try:
        with image.thumbnail.open("rb") as file, Image.open(file, formats=("JPEG",)) as picture:
            image.look = photo_look(picture.convert("RGB"))
    except (OSError, ValueError):  # lost, cut off, or no thumbnail was ever named
        return False
    return True
