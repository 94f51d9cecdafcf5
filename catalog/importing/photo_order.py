"""Puts a product's imported photos in the order in which its row names them.

Workers store them as they arrive; the first one that a row names is the main photo.
"""

from itertools import groupby

from django.db import transaction

from catalog.choices import ImportPhotoState
from catalog.models import ImportPhoto, Product, ProductImage, ProductImport

#: Positions for the moment in which two photos change places; no product has so many.
_ASIDE = 1_000_000


def photos_put_in_order(product_import: ProductImport) -> None:
    """Photos that this import added keep the places they have together, in their row's order."""
    stored = ImportPhoto.objects.filter(
        product_import=product_import, state=ImportPhotoState.STORED, image__isnull=False
    ).order_by("row__product", "row__number", "number")
    places = stored.values_list("row__product", "image", "image__position")
    for product_id, photos in groupby(places.iterator(), key=lambda place: place[0]):
        named = [(image, position) for _, image, position in photos]
        wanted = sorted(position for _, position in named)
        if [position for _, position in named] != wanted:
            _put(product_id, [image for image, _ in named], wanted)


def _put(product_id: int, images: list[int], positions: list[int]) -> None:
    with transaction.atomic():
        Product.objects.select_for_update(no_key=True).get(pk=product_id)
        for offset in (_ASIDE, 0):
            for image, position in zip(images, positions, strict=True):
                ProductImage.objects.filter(pk=image).update(position=position + offset)
