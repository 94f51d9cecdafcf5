"""Rows for tests. `ProductImageFactory` draws and stores a small real photo."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import factory
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db.models import F
from django.utils import timezone
from factory.django import DjangoModelFactory
from PIL import Image

from catalog import models
from catalog.choices import OPEN_ITEM_STATES, FailureReason, ModelVersionState, ProductState
from catalog.photos import NormalisedPhoto, photo_normalise
from catalog.transitions.job_item import items_fail, items_finish, items_lease
from lab.drawings import draw, random_catalog


def photo_bytes(
    *, colour: Any = (200, 30, 40), size: tuple[int, int] = (60, 80), encoding: str = "JPEG"
) -> bytes:
    """A one-coloured photo, encoded."""
    buffer = BytesIO()
    Image.new("RGB", size, colour).save(buffer, encoding)
    return buffer.getvalue()


def drawn_photo(number: int = 0) -> bytes:
    """A JPEG of a drawn item, which the starter recognises."""
    buffer = BytesIO()
    draw(random_catalog(number + 1, 1)[number].specification, size=200).save(buffer, "JPEG")
    return buffer.getvalue()


def numbered_photo(number: int) -> NormalisedPhoto:
    """A photo whose colour, and so whose hash, belongs to `number` (0 to 16 million)."""
    colour = (number % 256, number // 256 % 256, number // 65_536 % 256)
    return photo_normalise(
        BytesIO(photo_bytes(colour=colour, size=(12, 16), encoding="PNG")), name=f"{number}.png"
    )


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    is_staff = True

    @factory.post_generation
    def password(user, create: bool, extracted: str | None, **kwargs: Any) -> None:  # noqa: N805, FBT001
        user.set_password(extracted or "correct horse battery staple")
        if create:
            user.save(update_fields=["password"])


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = models.Category

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = models.Product

    sku = factory.Sequence(lambda n: f"SKU-{n:05d}")
    title = factory.Sequence(lambda n: f"Product {n}")
    state = ProductState.PUBLISHED


class ProductImageFactory(DjangoModelFactory):
    class Meta:
        model = models.ProductImage

    class Params:
        photo = factory.Sequence(numbered_photo)

    product = factory.SubFactory(ProductFactory)
    file = factory.LazyAttribute(
        lambda row: ContentFile(row.photo.content, name=f"photo.{row.photo.extension}")
    )
    thumbnail = factory.LazyAttribute(
        lambda row: ContentFile(row.photo.thumbnail, name="thumbnail.jpg")
    )
    sha256 = factory.SelfAttribute("photo.sha256")
    perceptual_hash = factory.SelfAttribute("photo.perceptual_hash")
    width = factory.SelfAttribute("photo.width")
    height = factory.SelfAttribute("photo.height")
    byte_size = factory.LazyAttribute(lambda row: len(row.photo.content))
    position = factory.LazyAttribute(lambda row: row.product.images.count())


class ModelVersionFactory(DjangoModelFactory):
    class Meta:
        model = models.ModelVersion

    name = factory.Sequence(lambda n: f"model-{n}")
    state = ModelVersionState.ACTIVE
    scope = ""
    weights_sha256 = factory.Sequence(lambda n: f"{n:064x}")
    #: A market's version writes its language, any other English.
    languages = factory.LazyAttribute(
        lambda version: [
            version.scope.removeprefix("market:") if "market:" in version.scope else "en"
        ]
    )


class DescriptionFactory(DjangoModelFactory):
    class Meta:
        model = models.Description

    product = factory.SubFactory(ProductFactory)
    standard = "Red cotton shirt for men."
    generated_standard = "Red cotton shirt for men."


class DescriptionJobFactory(DjangoModelFactory):
    class Meta:
        model = models.DescriptionJob


class DescriptionJobItemFactory(DjangoModelFactory):
    """An item, counted in its job's total and tallies."""

    class Meta:
        model = models.DescriptionJobItem
        skip_postgeneration_save = True

    job = factory.SubFactory(DescriptionJobFactory)
    image = factory.SubFactory(ProductImageFactory)
    product = factory.SelfAttribute("image.product")
    due_at = factory.LazyFunction(timezone.now)
    idempotency_key = factory.Sequence(lambda n: f"{n:064x}")

    @factory.post_generation
    def tally(item, create: bool, extracted: Any, **kwargs: Any) -> None:  # noqa: N805, FBT001
        models.DescriptionJob.objects.filter(pk=item.job_id).update(total=F("total") + 1)
        item.job.refresh_from_db(fields=["total"])
        if item.state not in OPEN_ITEM_STATES:
            models.DescriptionJobTally.objects.create(
                job=item.job,
                state=item.state,
                reason=item.failure_reason or item.skip_reason or item.outcome,
                count=1,
                at=item.ended_at or timezone.now(),
            )


def end_item(
    item: models.DescriptionJobItem, *, failed: FailureReason | None = None, **done: Any
) -> None:
    """End a waiting item the way a worker does: leased, then done, or failed for a reason."""
    token = uuid4()
    until = timezone.now() + timedelta(minutes=1)
    items_lease(items=[item], token=token, until=until, version=None)
    if failed:
        items_fail(items=[item], token=token, reason=failed)
    else:
        items_finish(items=[item], token=token, **done)
