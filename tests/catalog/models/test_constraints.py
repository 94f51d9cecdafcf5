"""What the database itself refuses, whoever writes: forms and services may be passed by."""

import uuid

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import (
    Category,
    Description,
    DescriptionJob,
    DescriptionJobItem,
    ModelVersion,
    Product,
    ProductImage,
)
from tests.factories import (
    CategoryFactory,
    DescriptionFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

UNKNOWN = {"state": "unknown"}


def refused(model, **values) -> None:
    """A plain UPDATE of the newest row, which no code of ours looks at, is refused."""
    newest = model.objects.order_by("-pk").values_list("pk", flat=True)[0]
    before = list(model.objects.order_by("pk").values())
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.filter(pk=newest).update(**values)
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("values", [UNKNOWN, {"sku": ""}, {"gender": "dogs"}])
def test_product(values):
    ProductFactory()

    refused(Product, **values)


def test_a_sku_is_unique():
    ProductFactory(sku="A")
    ProductFactory()

    refused(Product, sku="A")


def test_a_category_is_not_its_own_parent():
    category = CategoryFactory()

    refused(Category, parent=category.pk)


def test_photo():
    first = ProductImageFactory()
    ProductImageFactory(product=first.product)

    refused(ProductImage, position=first.position)
    refused(ProductImage, sha256=first.sha256)
    refused(ProductImage, width=0)


@pytest.mark.parametrize(
    "values", [UNKNOWN, {"standard": ""}, {"confidence": 1.01}, {"confidence": -0.01}]
)
def test_description(values):
    DescriptionFactory()

    refused(Description, **values)


def test_a_description_belongs_to_one_item_at_most():
    item = DescriptionJobItemFactory()
    DescriptionFactory(product=item.product, job_item=item)
    DescriptionFactory(product=item.product)

    refused(Description, job_item=item)


def test_one_model_version_is_active_in_a_scope():
    ModelVersionFactory()
    ModelVersionFactory(state="candidate")

    refused(ModelVersion, state="active")
    refused(ModelVersion, **UNKNOWN)


def test_job():
    DescriptionJobItemFactory()

    refused(DescriptionJob, **UNKNOWN)


@pytest.mark.parametrize(
    "values",
    [
        UNKNOWN,
        {"state": "failed"},
        {"state": "leased"},
        {"state": "leased", "lease_token": uuid.UUID(int=1)},
        {"state": "leased", "lease_until": timezone.now()},
        {"lease_token": uuid.UUID(int=1), "lease_until": timezone.now()},
    ],
)
def test_job_item(values):
    DescriptionJobItemFactory()

    refused(DescriptionJobItem, **values)


@pytest.mark.parametrize("state", ["queued", "retry"])
def test_one_item_a_request_is_open(state):
    first = DescriptionJobItemFactory(state=state)
    second = DescriptionJobItemFactory()

    refused(DescriptionJobItem, idempotency_key=first.idempotency_key)

    DescriptionJobItem.objects.filter(pk=second.pk).update(
        state="done", idempotency_key=first.idempotency_key
    )
    refused(DescriptionJobItem, state="queued")


def test_a_job_holds_a_product_once():
    first = DescriptionJobItemFactory()
    DescriptionJobItemFactory(job=first.job)

    refused(DescriptionJobItem, product=first.product)
