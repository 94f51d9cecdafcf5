"""What a person may ask for with photos."""

from typing import BinaryIO

from django.conf import settings
from django.contrib.auth.models import User

from catalog.models import DescriptionJob, Product, ProductImage
from catalog.photo_store import photo_delete, photo_store
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
    stored, new = photo_store(product_id=product.pk, photo=photo)
    if new and settings.DESCRIBE_ON_UPLOAD and stored.position == 0:
        description_job_create(
            products=Product.objects.filter(pk=product.pk),
            actor=actor,
            priority=DescriptionJob.SINGLE_PRIORITY,
        )
    return stored


def product_image_delete(*, image: ProductImage, actor: User | None = None) -> None:
    """Delete a photo, and once that is committed its files. Texts about it stay."""
    photo_delete(image=image)
