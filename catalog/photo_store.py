"""Stores checked photos: their files and their rows, both or neither. Used by both sides."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalog.models import Product, ProductImage
from catalog.photos import NormalisedPhoto

#: A photo of a product, as the database lets there be one.
_Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A checked photo, and whose it is to be."""

    product_id: int
    photo: NormalisedPhoto

    @property
    def key(self) -> _Key:
        """The product and the photo's hash."""
        return (self.product_id, self.photo.sha256)


@dataclass(frozen=True, slots=True)
class StoredPhoto:
    """Its row, and whether that is new: a photo that the product has already is that row."""

    image: ProductImage
    new: bool


def photos_store(
    *,
    photos: Sequence[NewPhoto],
    and_then: Callable[[Sequence[StoredPhoto], datetime], None] | None = None,
) -> list[StoredPhoto]:
    """The rows of photos, in their order, each behind its product's others.

    All in one transaction. `and_then`, called with them and the time that becomes the change of
    the products, writes in it too; what it raises undoes all. Raises `Product.DoesNotExist`.
    """
    known = _known(photos)
    # Storage may be slow, so the files are written before the transaction that names them.
    images: dict[_Key, ProductImage] = {}
    try:
        for new in photos:
            if new.key not in known and new.key not in images:
                images[new.key] = ProductImage(
                    product_id=new.product_id,
                    sha256=new.photo.sha256,
                    perceptual_hash=new.photo.perceptual_hash,
                )
                _save_files(images[new.key], new.photo)
        with transaction.atomic():
            stored = _insert(photos, images)
            now = timezone.now()
            if and_then is not None:
                and_then(stored, now)
            _products_changed({one.image.product_id for one in stored if one.new}, now)
    except BaseException:
        for image in images.values():
            _delete_files(image)
        raise
    kept = {one.image.file.name for one in stored if one.new}
    for image in images.values():
        if image.file.name not in kept:
            _delete_files(image)
    return stored


def photos_delete(*, images: Sequence[ProductImage]) -> None:
    """Delete photos, and once that is committed their files."""
    if not images:
        return
    with transaction.atomic():
        _products_changed({image.product_id for image in images}, timezone.now())
        ProductImage.objects.filter(pk__in=[image.pk for image in images]).delete()
        for image in images:
            transaction.on_commit(partial(_delete_files, image))


def _save_files(image: ProductImage, photo: NormalisedPhoto) -> None:
    image.width, image.height, image.byte_size = photo.width, photo.height, len(photo.content)
    image.file.save(f"photo.{photo.extension}", ContentFile(photo.content), save=False)
    image.thumbnail.save("thumbnail.jpg", ContentFile(photo.thumbnail), save=False)


def _known(photos: Iterable[NewPhoto]) -> dict[_Key, ProductImage]:
    """What the products have of these."""
    found = ProductImage.objects.filter(
        product__in={new.product_id for new in photos},
        sha256__in={new.photo.sha256 for new in photos},
    )
    return {(image.product_id, image.sha256): image for image in found}


def _insert(photos: Sequence[NewPhoto], images: dict[_Key, ProductImage]) -> list[StoredPhoto]:
    """Insert the rows at the next positions, or find those that rivals made of these photos."""
    # Uploads to one product come one after the other: each sees the other's positions.
    products = {new.product_id for new in photos}
    rows = Product.objects.filter(pk__in=products).order_by("pk").select_for_update(no_key=True)
    if len(rows.values_list("pk")) < len(products):
        raise Product.DoesNotExist("A product was deleted meanwhile.")
    known = _known(photos)
    others = ProductImage.objects.filter(product__in=products).order_by()
    last = dict(others.values_list("product").annotate(last=Max("position")))
    new_images = [image for key, image in images.items() if key not in known]
    for image in new_images:
        image.position = last[image.product_id] = last.get(image.product_id, -1) + 1
    ProductImage.objects.bulk_create(new_images)
    stored = []
    for new in photos:
        is_new = new.key not in known
        stored.append(StoredPhoto(images[new.key] if is_new else known[new.key], is_new))
        known[new.key] = stored[-1].image  # a second one in `photos` is there by then
    return stored


def _products_changed(products: Iterable[int], now: datetime) -> None:
    """Photos are part of what storefronts read: they ask for products updated since a time."""
    Product.objects.filter(pk__in=products).update(updated_at=now)


def _delete_files(image: ProductImage) -> None:
    for file in (image.file, image.thumbnail):
        if file.name:
            file.storage.delete(file.name)
