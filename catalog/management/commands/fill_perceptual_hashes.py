"""Hash photos that were stored without a hash: `python manage.py fill_perceptual_hashes`."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from PIL import Image
from tqdm import tqdm

from catalog.models import ProductImage
from catalog.photos import perceptual_hash

CHUNK = 200


class Command(BaseCommand):
    help = (
        "Compute the missing perceptual hashes of photos, by which the review desk finds similar "
        "photos. Safe to stop and to repeat. Mirrors see these products as changed."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        filled, unreadable = 0, []
        missing = ProductImage.objects.filter(perceptual_hash="").count()
        with tqdm(total=missing, unit="photo", disable=None) as bar:
            for images in _chunks():
                failed = [str(image) for image in images if not _fill(image)]
                hashed = [image for image in images if image.perceptual_hash]
                ProductImage.objects.bulk_update(hashed, ["perceptual_hash"])
                filled += len(hashed)
                unreadable += failed
                bar.update(len(images))
        self.stdout.write(f"{filled} photos have their perceptual hash now.")
        if unreadable:
            raise CommandError(
                f"{len(unreadable)} thumbnails cannot be read; upload these photos again: "
                + ", ".join(unreadable[:20])
                + (" …" if len(unreadable) > 20 else "")
            )


def _chunks() -> Iterator[list[ProductImage]]:
    """Photos without a hash; a photo that cannot be read is asked for once."""
    after = 0
    while True:
        missing = ProductImage.objects.filter(perceptual_hash="", pk__gt=after).order_by("pk")
        images = list(missing.select_related("product")[:CHUNK])
        if not images:
            return
        after = images[-1].pk
        yield images


def _fill(image: ProductImage) -> bool:
    """Hash the thumbnail: our own file, decoded once before, so nothing in it is to be feared."""
    try:
        with image.thumbnail.open("rb") as file, Image.open(file, formats=("JPEG",)) as picture:
            image.perceptual_hash = perceptual_hash(picture.convert("RGB"))
    except (OSError, ValueError):  # lost, cut off, or no thumbnail was ever named
        return False
    return True
