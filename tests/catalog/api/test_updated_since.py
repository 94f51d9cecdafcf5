"""A storefront that asks for what changed since its last visit misses nothing that it shows."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.urls import reverse

from catalog.models import Description, Product
from catalog.services.descriptions import (
    description_approve,
    description_edit,
    description_reject,
    description_reopen,
    description_withdraw,
)
from catalog.services.images import product_image_add, product_image_delete
from catalog.services.products import product_publish, product_unpublish
from tests.factories import DescriptionFactory, photo_bytes

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def is_updated(client):
    """Whether the API tells of a change since the last question."""

    def ask():
        query = {"updated_since": "2021-01-01T00:00:00Z"}
        found = client.get(reverse("api:product-list"), query).json()["results"]
        Product.objects.update(updated_at=LONG_AGO)
        return bool(found)

    return ask


def test_reviews_that_change_what_is_shown(is_updated):
    text = DescriptionFactory()
    is_updated()
    description_approve(description=text, actor=None)
    assert is_updated()
    description_withdraw(description=text, actor=None)
    assert is_updated()
    description_reopen(description=text, actor=None)
    description_approve(description=text, actor=None)
    is_updated()
    description_reopen(description=text, actor=None)
    assert is_updated()


def test_work_on_drafts_is_nobody_elses_business(is_updated):
    text = DescriptionFactory()
    is_updated()
    description_edit(description=text, actor=None, standard="Other words.")
    description_reject(description=text, actor=None)
    description_reopen(description=Description.objects.get(), actor=None)
    assert not is_updated()


def test_photos_and_publishing(is_updated):
    product = DescriptionFactory().product
    is_updated()
    upload = BytesIO(photo_bytes())
    image = product_image_add(product=product, upload=upload, name="a.jpg")
    assert is_updated()
    upload.seek(0)
    product_image_add(product=product, upload=upload, name="again.jpg")
    assert not is_updated()
    product_image_delete(image=image)
    assert is_updated()
    product_unpublish(product=product)
    product_publish(product=product)
    assert is_updated()
