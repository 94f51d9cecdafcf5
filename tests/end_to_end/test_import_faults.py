"""Workers that are killed in the middle of a large import: nothing is doubled, nothing lost."""

import csv

import pytest
from django.db.models import Count

from catalog.choices import DescriptionState, ImportPhotoState, ImportState, RowState
from catalog.importing.services import product_import_create
from catalog.models import Description, DescriptionEvent, Product, ProductImage
from tests.factories import photo_bytes

pytestmark = [
    pytest.mark.faults,
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]

ROWS = 20_000
PHOTOS = 60


@pytest.fixture
def source(tmp_path):
    """A table of many rows, the first of which name photos that lie beside it."""
    folder = tmp_path / "shop"
    folder.mkdir()
    with (folder / "products.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sku", "title", "category", "description", "photos"])
        for number in range(ROWS):
            photo = f"{number}.png" if number < PHOTOS else ""
            writer.writerow([f"P-{number}", f"T {number}", f"C {number % 7}", "A text.", photo])
    for number in range(PHOTOS):
        colour = (number, 100, 50)
        (folder / f"{number}.png").write_bytes(
            photo_bytes(colour=colour, size=(1200, 1600), encoding="PNG")
        )
    return folder


def test_kills_in_every_step_double_and_lose_nothing(
    start_broker, workers, wait_until, environment, source
):
    start_broker()
    workers("maintenance")
    worker = workers("importer")
    product_import = product_import_create(path=source, name="shop", apply_at_once=True)

    def at(state, reached):
        product_import.refresh_from_db()
        ahead = list(ImportState).index(ImportState(product_import.state))
        return ahead > list(ImportState).index(state) or (
            product_import.state == state and reached()
        )

    def kill_at(state, reached, what):
        nonlocal worker
        wait_until(lambda: at(state, reached), what)
        before = product_import.state
        worker.kill_group()
        worker = workers("importer")
        return before == state

    stored = ImportPhotoState.STORED
    killed = [
        kill_at(ImportState.CHECKING, lambda: product_import.row_count > 2_000, "a dry run"),
        kill_at(ImportState.APPLYING, lambda: product_import.position > 2_000, "products"),
        kill_at(
            ImportState.PHOTOS,
            lambda: product_import.photos.filter(state=stored).count() > 5,
            "photos",
        ),
    ]
    wait_until(lambda: at(ImportState.COMPLETED, lambda: True), "the import to end", seconds=180)

    assert product_import.state == ImportState.COMPLETED
    assert any(killed)
    counts = (product_import.new_count, product_import.faulty_count, product_import.row_count)
    assert counts == (ROWS, 0, ROWS)
    assert product_import.rows.filter(state=RowState.APPLIED).count() == ROWS
    assert Product.objects.count() == ROWS
    approved = Description.objects.filter(state=DescriptionState.APPROVED)
    assert approved.values("product").distinct().count() == approved.count() == ROWS
    assert Description.objects.count() == DescriptionEvent.objects.count() == ROWS
    assert ProductImage.objects.count() == PHOTOS
    a_product = ProductImage.objects.values("product").annotate(count=Count("pk"))
    assert set(a_product.values_list("count", flat=True)) == {1}
    assert product_import.photos.filter(state=stored).count() == PHOTOS
