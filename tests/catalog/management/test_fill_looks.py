"""`manage.py fill_looks` on photos that were stored before looks were kept."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from catalog.models import ProductImage
from tests.factories import ProductImageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def fill():
    output = StringIO()
    call_command("fill_looks", stdout=output)
    return output.getvalue()


def test_old_photos_get_the_look_that_new_ones_have():
    images = [ProductImageFactory() for _ in range(3)]
    looks = {image.pk: image.look for image in images}
    ProductImage.objects.filter(pk__in=[image.pk for image in images[:2]]).update(look="")
    assert fill() == "2 photos have their look now.\n"
    assert dict(ProductImage.objects.values_list("pk", "look")) == looks
    assert fill() == "0 photos have their look now.\n"


def test_a_thumbnail_that_cannot_be_read_is_named_and_the_others_go_on():
    lost, found = ProductImageFactory(), ProductImageFactory()
    look = found.look
    ProductImage.objects.update(look="")
    lost.thumbnail.storage.delete(lost.thumbnail.name)
    with pytest.raises(CommandError, match=f"1 thumbnails cannot be read.*: {lost}$"):
        fill()
    assert dict(ProductImage.objects.values_list("pk", "look")) == {lost.pk: "", found.pk: look}
