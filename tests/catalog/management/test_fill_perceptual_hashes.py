"""`manage.py fill_perceptual_hashes` on photos that were stored without a hash."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import ProductImage
from tests.factories import ProductImageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def fill():
    output = StringIO()
    call_command("fill_perceptual_hashes", stdout=output)
    return output.getvalue()


def test_old_photos_get_the_hash_that_new_ones_have():
    images = [ProductImageFactory() for _ in range(3)]
    hashes = {image.pk: image.perceptual_hash for image in images}
    ProductImage.objects.filter(pk__in=[image.pk for image in images[:2]]).update(
        perceptual_hash=""
    )
    assert fill() == "2 photos have their perceptual hash now.\n"
    assert dict(ProductImage.objects.values_list("pk", "perceptual_hash")) == hashes
    assert fill() == "0 photos have their perceptual hash now.\n"


def test_a_thumbnail_that_cannot_be_read_is_named_and_the_others_go_on():
    lost, found = ProductImageFactory(), ProductImageFactory()
    kept = found.perceptual_hash
    ProductImage.objects.update(perceptual_hash="")
    lost.thumbnail.storage.delete(lost.thumbnail.name)
    with pytest.raises(CommandError, match=f"1 thumbnails cannot be read.*: {lost}$"):
        fill()
    assert dict(ProductImage.objects.values_list("pk", "perceptual_hash")) == {
        lost.pk: "",
        found.pk: kept,
    }
