"""What a person may ask for with photos."""

from typing import BinaryIO

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalog.models import DescriptionJob, Product, ProductImage
from catalog.photos import NormalisedPhoto, photo_normalise
from catalog.services.jobs import description_job_create


def product_image_add(
    *, product: Product, upload: BinaryIO, name: str, actor: User | None = None
) -> ProductImage:
    """Check an upload and store it as the product's last photo.

    Raises `PhotoRefused`; nothing is stored then. Otherwise as `product_image_store`.
    """
    photo = photo_normalise(upload, name=name)
    return product_image_store(product=product, photo=photo, actor=actor)


def product_image_store(
    *, product: Product, photo: NormalisedPhoto, actor: User | None = None
) -> ProductImage:
    """Store a checked photo behind the product's others; one it has already is that row.

    With `DESCRIBE_ON_UPLOAD`, a product's first photo asks for its description too.
    """
    known = product.images.filter(sha256=photo.sha256).first()
    if known is not None:
        return known
    # Storage may be slow, so the files are written before the transaction that names them.
    image = ProductImage(product=product, sha256=photo.sha256)
    try:
        _save_files(image, photo)
        stored = _insert(image)
    except BaseException:
        _delete_files(image)
        raise
    if stored is not image:
        _delete_files(image)
    elif settings.DESCRIBE_ON_UPLOAD and image.position == 0:
        description_job_create(
            products=Product.objects.filter(pk=product.pk),
            actor=actor,
            priority=DescriptionJob.SINGLE_PRIORITY,
        )
    return stored


def product_image_delete(*, image: ProductImage, actor: User | None = None) -> None:
    """Delete a photo, and once that is committed its files. Texts about it stay."""
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
    with transaction.atomic():
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
