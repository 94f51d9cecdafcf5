"""Categories can be edited; model versions and job items can only be looked at."""

import pytest
from django.urls import reverse

from catalog.models import Category
from tests.factories import (
    CategoryFactory,
    DescriptionJobItemFactory,
    ModelVersionFactory,
    ProductFactory,
)

pytestmark = pytest.mark.django_db


def test_categories_are_added_and_counted(admin_client):
    url = reverse("admin:catalog_category_add")
    admin_client.post(url, {"name": "Shirts", "slug": "shirts"})
    ProductFactory(category=Category.objects.get(slug="shirts"))
    text = admin_client.get(reverse("admin:catalog_category_changelist")).content.decode()
    assert '<td class="field-product_count">1</td>' in text


def test_a_used_category_is_not_deleted(admin_client):
    category = ProductFactory(category=CategoryFactory()).category
    url = reverse("admin:catalog_category_delete", args=[category.pk])
    admin_client.post(url, {"post": "yes"})
    assert Category.objects.filter(pk=category.pk).exists()


def test_a_category_is_not_its_own_parent(admin_client):
    category = CategoryFactory()
    url = reverse("admin:catalog_category_change", args=[category.pk])
    answer = admin_client.post(
        url, {"name": category.name, "slug": category.slug, "parent": category.pk}
    )
    assert "A category cannot be below itself." in answer.content.decode()
    below = CategoryFactory(parent=category)
    data = {"name": category.name, "slug": category.slug, "parent": below.pk}
    assert "cannot be below itself" in admin_client.post(url, data).content.decode()
    category.refresh_from_db()
    assert category.parent is None


@pytest.mark.parametrize("model", ["modelversion", "descriptionjobitem"])
def test_read_only_models(admin_client, model):
    row = ModelVersionFactory() if model == "modelversion" else DescriptionJobItemFactory()
    list_url = reverse(f"admin:catalog_{model}_changelist")
    assert admin_client.get(list_url).status_code == 200
    page = admin_client.get(reverse(f"admin:catalog_{model}_change", args=[row.pk]))
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert admin_client.get(reverse(f"admin:catalog_{model}_add")).status_code == 403
    delete = reverse(f"admin:catalog_{model}_delete", args=[row.pk])
    assert admin_client.post(delete, {"post": "yes"}).status_code == 403
    row.refresh_from_db()


@pytest.mark.parametrize(
    "model", ["description", "descriptionjob", "productimport", "productexport", "trainingrun"]
)
def test_an_id_that_is_no_number_is_not_found(admin_client, model):
    url = reverse(f"admin:catalog_{model}_change", args=["abc"])
    assert admin_client.get(url).status_code == 404
