"""Stores checked photos: their files and their rows, both or neither. Used by both sides."""

from collections.abc import Callable

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalog.models import Product, ProductImage
from catalog.photos import NormalisedPhoto


def photo_store(
    *,
    product_id: int,
    photo: NormalisedPhoto,
    and_then: Callable[[ProductImage, bool], None] | None = None,
) -> tuple[ProductImage, bool]:
    """The photo's row behind the product's others, and whether it is new.

    One that the product has already is that row. `and_then`, called with the row and whether it is
    new, writes in the same transaction; what it raises undoes all.
    """
    known = ProductImage.objects.filter(product=product_id, sha256=photo.sha256).first()
    if known is not None:
        if and_then is not None:
            and_then(known, False)
        return known, False
    # Storage may be slow, so the files are written before the transaction that names them.
    image = ProductImage(product_id=product_id, sha256=photo.sha256, look=photo.look)
    try:
        _save_files(image, photo)
        with transaction.atomic():
            stored = _insert(image)
            if and_then is not None:
                and_then(stored, stored is image)
    except BaseException:
        _delete_files(image)
        raise
    if stored is not image:
        _delete_files(image)
    return stored, stored is image


def photo_delete(*, image: ProductImage) -> None:
    """Delete a photo, and once that is committed its files."""
    with transaction.atomic():
        _product_changed(image)
        ProductImage.objects.filter(pk=image.pk).delete()
        transaction.on_commit(lambda: _delete_files(image))


def _save_files(image: ProductImage, photo: NormalisedPhoto) -> None:
    image.width, image.height, image.byte_size = photo.width, photo.height, len(photo.content)
    image.file.save(f"photo.{photo.extension}", ContentFile(photo.content), save=False)
    image.thumbnail.save("thumbnail.jpg", ContentFile(photo.thumbnail), save=False)


def _insert(image: ProductImage) -> ProductImage:
    """Insert the row at the next position, or return the row that a rival made of this photo."""
    # Two uploads to one product come one after the other: each sees the other's position.
    Product.objects.select_for_update(no_key=True).get(pk=image.product_id)
    others = ProductImage.objects.filter(product=image.product_id)
    known = others.filter(sha256=image.sha256).first()
    if known is not None:
        return known
    last = others.aggregate(last=Max("position"))["last"]
    image.position = 0 if last is None else last + 1
    image.save(force_insert=True)
    _product_changed(image)
    return image


def _product_changed(image: ProductImage) -> None:
    """Photos are part of what storefronts read: they ask for products updated since a time."""
    Product.objects.filter(pk=image.product_id).update(updated_at=timezone.now())


def _delete_files(image: ProductImage) -> None:
    for file in (image.file, image.thumbnail):
        if file.name:
            file.storage.delete(file.name)
