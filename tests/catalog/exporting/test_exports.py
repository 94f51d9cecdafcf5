"""Exports are written by a worker, once, and their link expires."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.choices import ExportFormat, ExportState
from catalog.exporting.exports import (
    export_path,
    export_run_one,
    exports_expire,
    product_export_create,
)
from catalog.models import Product, ProductExport
from catalog.transitions.import_export import export_lease
from tests.factories import ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def export():
    ProductFactory(sku="A", title="Shirt")
    ProductFactory(sku="B", title="Bag")
    return product_export_create(
        products=Product.objects.filter(sku="A"), export_format=ExportFormat.MODA_CSV
    )


@pytest.fixture
def manager(client):
    user = UserFactory(is_superuser=True)
    client.force_login(user)
    return client


def link(export):
    return reverse("admin:catalog_productexport_file", args=[export.secret])


def test_only_the_chosen_products_are_written(export, manager):
    assert export_run_one()
    assert not export_run_one()
    export.refresh_from_db()
    assert (export.state, export.written, export.total) == (ExportState.DONE, 1, 1)
    answer = manager.get(link(export))
    content = b"".join(answer.streaming_content).decode()
    assert content.splitlines()[1:] == ["A,Shirt,,,,,published,,,,,,,,,"]
    assert "attachment" in answer["Content-Disposition"]


def test_the_link_needs_a_log_in_with_the_right(export, client):
    export_run_one()
    assert client.get(link(export)).status_code == 302
    client.force_login(UserFactory())
    assert client.get(link(export)).status_code == 403


def test_the_link_expires_and_the_file_goes(export, manager):
    export_run_one()
    ProductExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert manager.get(link(export)).status_code == 410
    export.refresh_from_db()
    assert export_path(export).exists()
    assert exports_expire() == 1
    assert not export_path(export).exists()
    export.refresh_from_db()
    assert export.state == ExportState.EXPIRED


def test_an_export_whose_worker_died_is_written_anew_and_given_up_in_the_end(export):
    for _ in range(3):
        assert export_lease(seconds=-1) is not None
    assert export_lease(seconds=60) is None
    export.refresh_from_db()
    assert (export.state, export.message) == (
        ExportState.FAILED,
        "The worker ended 3 times while writing it.",
    )
