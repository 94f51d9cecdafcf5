"""Storing and deleting a product's photos."""

import io

import pytest
from django.db import IntegrityError
from PIL import Image

from catalog import photo_store
from catalog.choices import JobItemState
from catalog.exceptions import PhotoRefused
from catalog.models import DescriptionJob, DescriptionJobItem, ProductImage
from catalog.services import products as services
from tests.factories import ModelVersionFactory, ProductFactory, UserFactory, photo_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

RED, GREEN, BLUE = (200, 0, 0), (0, 200, 0), (0, 0, 200)


def add(product, colour=RED, **options):
    upload = io.BytesIO(photo_bytes(colour=colour))
    return services.product_image_add(product=product, upload=upload, name="x.jpg", **options)


def stored_files(media_directory):
    return sorted(path for path in media_directory.rglob("*") if path.is_file())


def test_stores_the_photo_and_its_thumbnail(media_directory):
    product = ProductFactory()

    image = add(product)

    image.refresh_from_db()
    assert (image.product, image.position) == (product, 0)
    assert (image.width, image.height) == (60, 80)
    with image.file.open() as file:
        content = file.read()
    assert image.byte_size == len(content)
    with Image.open(io.BytesIO(content)) as picture:
        assert picture.format == "JPEG"
    assert image.file.name.startswith("photos/")
    assert image.thumbnail.name.startswith("thumbnails/")
    assert len(stored_files(media_directory)) == 2


def test_the_name_of_an_upload_is_nowhere_in_the_stored_name():
    image = services.product_image_add(
        product=ProductFactory(),
        upload=io.BytesIO(photo_bytes(encoding="PNG")),
        name="../../etc/passwd.html",
    )

    folder, name = image.file.name.split("/")[1:]
    assert name.endswith(".png")
    assert len(name) == 32 + len(".png")
    assert folder == name[:2]


def test_photos_stand_in_the_order_they_came():
    product = ProductFactory()

    assert [add(product, colour).position for colour in (RED, GREEN, BLUE)] == [0, 1, 2]


def test_a_photo_comes_behind_the_last_even_where_one_was_deleted():
    product = ProductFactory()
    first, _second = add(product, RED), add(product, GREEN)
    photo_store.photos_delete(images=[first])

    assert add(product, BLUE).position == 2


def test_the_same_photo_again_is_the_row_it_has(media_directory):
    product = ProductFactory()
    first = add(product)

    assert add(product) == first
    assert ProductImage.objects.count() == 1
    assert len(stored_files(media_directory)) == 2


def test_two_products_may_show_the_same_photo():
    assert add(ProductFactory()).sha256 == add(ProductFactory()).sha256
    assert ProductImage.objects.count() == 2


def test_a_refused_photo_leaves_nothing(media_directory):
    with pytest.raises(PhotoRefused, match=r"x\.png is not a JPEG"):
        services.product_image_add(
            product=ProductFactory(), upload=io.BytesIO(b"%!PS-Adobe"), name="x.png"
        )

    assert ProductImage.objects.count() == 0
    assert stored_files(media_directory) == []


def test_a_rival_who_stores_the_same_photo_first_wins(monkeypatch, media_directory):
    """The rival comes while our files are being written, after our look at what is there."""
    product = ProductFactory()
    write = photo_store._save_files
    rivals = []

    def write_after_the_rival(image, photo):
        monkeypatch.setattr(photo_store, "_save_files", write)
        rivals.append(add(product))
        write(image, photo)

    monkeypatch.setattr(photo_store, "_save_files", write_after_the_rival)

    assert [add(product)] == rivals
    assert ProductImage.objects.count() == 1
    assert len(stored_files(media_directory)) == 2


def test_files_of_a_row_that_could_not_be_inserted_are_deleted(media_directory):
    product = ProductFactory()
    product.delete()
    product.pk = 123_456

    with pytest.raises((IntegrityError, product.DoesNotExist)):
        add(product)

    assert stored_files(media_directory) == []


def test_deleting_a_photo_deletes_its_files_once_that_is_committed(
    media_directory, django_capture_on_commit_callbacks
):
    image = add(ProductFactory())

    with django_capture_on_commit_callbacks(execute=False) as callbacks:
        photo_store.photos_delete(images=[image])
    assert ProductImage.objects.count() == 0
    assert len(stored_files(media_directory)) == 2

    callbacks[0]()
    assert stored_files(media_directory) == []


def test_uploading_asks_for_no_description_by_default():
    add(ProductFactory())

    assert DescriptionJob.objects.count() == 0


def test_with_describe_on_upload_the_first_photo_asks_for_a_description(settings):
    settings.DESCRIBE_ON_UPLOAD = True
    product, actor = ProductFactory(), UserFactory()

    image = add(product, RED, actor=actor)
    add(product, GREEN, actor=actor)

    item = DescriptionJobItem.objects.get()
    assert (item.image, item.state) == (image, JobItemState.QUEUED)
    assert item.job.priority == DescriptionJob.SINGLE_PRIORITY
    assert item.job.created_by == actor


def test_an_upload_is_described_in_the_language_that_the_version_writes(settings):
    settings.DESCRIBE_ON_UPLOAD = True
    ModelVersionFactory(languages=["de"])
    add(ProductFactory())
    assert DescriptionJob.objects.get().language == "de"


def test_a_photo_is_stored_where_its_description_is_refused(settings, caplog):
    settings.DESCRIBE_ON_UPLOAD = True
    ModelVersionFactory(scope="brand:Acme", languages=["de"])
    image = add(ProductFactory(sku="A", brand="Wren"))
    assert ProductImage.objects.get() == image
    assert not DescriptionJob.objects.exists()
    assert caplog.messages == [
        "The first photo of A is not described: No model version in use writes “de” here. "
        "Those in use write: de."
    ]
