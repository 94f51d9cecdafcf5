"""Exports by the API: what is in them, how long they last, and whose they are."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.choices import DescriptionState, ProductState
from catalog.models import ProductExport
from catalog.workers.importing import imports_wake_run
from tests.factories import DescriptionFactory, ProductFactory

EXPORTS = reverse("api:export-list")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def exporter(with_scopes, monkeypatch):
    monkeypatch.setattr("catalog.wakeups.wake_imports", lambda: True)
    for sku, brand in (("A", "Wren"), ("B", "Wren"), ("C", "Fathom")):
        ProductFactory(sku=sku, brand=brand, state=ProductState.DRAFT)
    return with_scopes("exports")


@pytest.mark.parametrize(
    ("asked", "skus"),
    [
        ({"filter": {}}, ["A", "B", "C"]),
        ({"filter": {"brand": "wren"}}, ["A", "B"]),
        ({"skus": ["C", "A"]}, ["A", "C"]),
    ],
)
def test_products_go_out(exporter, asked, skus):
    answer = exporter.post(EXPORTS, {"format": "moda_csv", **asked})
    assert answer.status_code == 202
    body = answer.json()
    assert (body["state"], body["total"], body["file_url"]) == ("queued", len(skus), None)
    assert ProductExport.objects.get().everything == (asked == {"filter": {}})
    imports_wake_run()
    body = exporter.get(answer["Location"]).json()
    assert (body["state"], body["written"]) == ("done", len(skus))
    file = exporter.get(body["file_url"])
    content = b"".join(file.streaming_content)
    assert (file["Content-Type"], len(content)) == ("application/octet-stream", body["byte_size"])
    assert body["file_name"] in file["Content-Disposition"]
    rows = csv.DictReader(io.StringIO(content.decode()))
    assert [row["sku"] for row in rows] == skus


def test_texts_are_approved_ones_of_the_language(exporter):
    product = ProductFactory(sku="T")
    approved, draft = DescriptionState.APPROVED, DescriptionState.DRAFT
    for language, state in (("de", approved), ("de", draft), ("en", approved)):
        DescriptionFactory(
            product=product, language=language, state=state, standard=f"{language} {state}"
        )
    answer = exporter.post(EXPORTS, {"format": "google_xml", "language": "de", "skus": ["T"]})
    imports_wake_run()
    file = exporter.get(f"{answer['Location']}file/")
    content = b"".join(file.streaming_content)
    assert content.count(b"<description>") == 1
    assert b"de approved" in content


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"skus": ["A"]}, 400),
        ({"format": "pdf", "skus": ["A"]}, 400),
        ({"format": "moda_csv"}, 400),
        ({"format": "moda_csv", "skus": []}, 400),
        ({"format": "moda_csv", "skus": ["A"], "filter": {}}, 400),
        ({"format": "moda_csv", "skus": ["NONE"]}, 422),
    ],
)
def test_what_cannot_be_exported_is_refused(exporter, asked, status):
    assert exporter.post(EXPORTS, asked).status_code == status
    assert not ProductExport.objects.exists()


def test_a_file_that_is_not_there_yet_or_no_longer(exporter):
    url = exporter.post(EXPORTS, {"format": "moda_csv", "skus": ["A"]})["Location"]
    assert exporter.get(f"{url}file/").status_code == 409
    imports_wake_run()
    answer = exporter.get(f"{url}file/")
    assert (answer.status_code, len(list(answer.streaming_content))) == (200, 1)
    ProductExport.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert exporter.get(f"{url}file/").status_code == 409
    assert exporter.get(url).json()["file_url"] is None


def test_an_export_is_told_to_its_client_alone(exporter, with_scopes):
    answer = exporter.post(EXPORTS, {"format": "moda_csv", "skus": ["A"]})
    imports_wake_run()
    other = with_scopes("exports", "imports", "read", "drafts")
    for address in (answer["Location"], f"{answer['Location']}file/"):
        assert other.get(address).status_code == 404
    assert ProductExport.objects.get().secret not in str(exporter.get(answer["Location"]).content)
    of_the_admin = ProductExport.objects.create(format="moda_csv")
    assert exporter.get(reverse("api:export", args=[of_the_admin.pk])).status_code == 404


def test_the_same_request_twice_is_one_export(exporter):
    asked, key = {"format": "moda_csv", "skus": ["A"]}, {"Idempotency-Key": "monday"}
    first, again = (exporter.post(EXPORTS, asked, headers=key) for _ in range(2))
    assert (again.json(), ProductExport.objects.count()) == (first.json(), 1)
