"""Variants are read and written with their product."""

import pytest
from django.urls import reverse

from catalog.models import ProductChange, Variant
from tests.factories import ProductFactory, ProductImageFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_variants_are_created_and_replaced_and_their_product_changes(with_scopes):
    client = with_scopes("write", "read", "drafts")
    medium = {
        "sku": "A/M",
        "options": [{"name": "Size", "value": "M"}],
        "price": "19.9",
        "currency": "EUR",
        "availability": "in_stock",
    }
    created = client.post(
        reverse("api:product-list"), {"sku": "A", "title": "A", "variants": [medium]}
    )
    assert created.status_code == 201
    assert created.json()["variants"] == [
        {**medium, "price": "19.90", "compare_at_price": None, "barcode": "", "image": None}
    ]
    before = ProductChange.objects.get(product_id="A").sequence
    image = ProductImageFactory(product=Variant.objects.get().product)
    Variant.objects.update(photo=image)
    changed = client.patch(
        reverse("api:product-detail", args=["A"]),
        {"variants": [{"sku": "A/L"}, {**medium, "price": "15.00"}]},
        headers={"If-Match": "*"},
    )
    assert [(one["sku"], one["price"], one["image"]) for one in changed.json()["variants"]] == [
        ("A/L", None, None),
        ("A/M", "15.00", image.pk),
    ]
    assert ProductChange.objects.get(product_id="A").sequence > before


@pytest.mark.parametrize(
    "variants",
    [
        [{"sku": "A"}, {"sku": "A"}],
        [{"price": "-1"}],
        [{"price": "1,50"}],
        [{"price": 1.5}],
        [{"currency": "euro"}],
        [{"availability": "soon"}],
        [{"colour": "red"}],
    ],
)
def test_variants_that_cannot_be_are_refused(with_scopes, variants):
    ProductFactory(sku="P")
    response = with_scopes("write").patch(
        reverse("api:product-detail", args=["P"]),
        {"variants": variants},
        headers={"If-Match": "*"},
    )
    assert response.status_code in (400, 422)
    assert not Variant.objects.exists()
