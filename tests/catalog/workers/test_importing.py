"""The wake of the queue `imports`, and what the sweep does for it."""

import pytest
from django.db import OperationalError

from catalog.choices import ExportFormat, ExportState, ImportState, JobItemState
from catalog.exporting.exports import product_export_create
from catalog.importing.photo_finish import photos_put_in_order
from catalog.importing.services import product_import_create
from catalog.models import (
    DescriptionJob,
    ImportPhoto,
    ImportRow,
    Product,
    ProductImage,
    ProductImport,
)
from catalog.workers import importing
from tests.factories import (
    ModelVersionFactory,
    ProductFactory,
    ProductImageFactory,
    UserFactory,
    photo_bytes,
)

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def wakes(monkeypatch):
    """The wake-ups that were sent, by queue."""
    sent = []
    monkeypatch.setattr(
        "catalog.wakeups._send", lambda task, *, count=1: sent.append(task.queue) or True
    )
    return sent


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "table.csv").write_text("sku,title,photos\nA,Shirt,a.jpg\n")
    (folder / "a.jpg").write_bytes(photo_bytes())
    return folder


def test_one_wake_takes_an_import_from_its_file_to_its_photos(source):
    product_import_create(path=source, name="shop", apply_at_once=True)
    importing.imports_wake_run()
    assert ProductImport.objects.get().state == ImportState.COMPLETED
    assert Product.objects.get().images.count() == 1


def test_with_describe_on_upload_an_import_has_one_job(tmp_path, settings, wakes):
    settings.DESCRIBE_ON_UPLOAD = True
    ProductImageFactory(product__sku="HAD")
    (tmp_path / "table.csv").write_text(
        "sku,title,photos\nA,Shirt,a.jpg|b.jpg\nB,Dress,b.jpg\nBARE,Hat,\nHAD,Coat,a.jpg\n"
    )
    for name, colour in (("a", "red"), ("b", "blue")):
        (tmp_path / f"{name}.jpg").write_bytes(photo_bytes(colour=colour))
    actor = UserFactory()
    product_import_create(
        path=tmp_path, name="shop", apply_at_once=True, language="de", actor=actor, wake=False
    )
    importing.imports_wake_run()
    importing.imports_sweep()
    job = DescriptionJob.objects.get()
    assert (job.created_by, job.language, job.priority) == (actor, "de", job.BULK_PRIORITY)
    first = ProductImage.objects.filter(product__sku__in=["A", "B"], position=0)
    assert set(job.items.values_list("image", "state")) == {
        (image.pk, JobItemState.QUEUED) for image in first
    }


def test_an_import_says_why_its_photos_are_not_described(source, settings):
    settings.DESCRIBE_ON_UPLOAD = True
    ModelVersionFactory()
    product_import_create(path=source, name="shop", apply_at_once=True, language="de", wake=False)
    importing.imports_wake_run()
    row = ProductImport.objects.get()
    assert row.state == ImportState.COMPLETED
    assert row.message == (
        "Its photos are not described: No model version in use writes “de” here. "
        "Those in use write: en."
    )
    assert not DescriptionJob.objects.exists()


def test_without_describe_on_upload_or_new_photos_there_is_none(source, settings):
    product_import_create(path=source, name="shop", apply_at_once=True, wake=False)
    importing.imports_wake_run()
    settings.DESCRIBE_ON_UPLOAD = True
    product_import_create(path=source, name="shop", apply_at_once=True, wake=False)
    importing.imports_wake_run()
    states = ProductImport.objects.values_list("state", flat=True)
    assert list(states) == [ImportState.COMPLETED] * 2
    assert not DescriptionJob.objects.exists()


def test_an_import_whose_job_cannot_be_made_is_not_completed(source, settings, monkeypatch):
    settings.DESCRIBE_ON_UPLOAD = True
    product_import_create(path=source, name="shop", apply_at_once=True, wake=False)

    def away(**arguments):
        raise OperationalError("The database is away.")

    with monkeypatch.context() as broken:
        broken.setattr("catalog.importing.photo_finish.description_job_create", away)
        with pytest.raises(OperationalError):
            importing.imports_wake_run()
    assert ProductImport.objects.get().state == ImportState.PHOTOS
    importing.imports_sweep()
    assert ProductImport.objects.get().state == ImportState.COMPLETED
    assert DescriptionJob.objects.get().items.count() == 1


def test_a_wake_that_is_over_sends_a_successor(source, settings, wakes):
    settings.WAKE_SECONDS = 0
    product_import_create(path=source, name="shop", apply_at_once=True, wake=False)
    importing.imports_wake_run()
    assert ProductImport.objects.get().state == ImportState.READING
    assert wakes == ["imports"]


def test_the_sweep_wakes_a_worker_for_what_is_due_and_for_nothing_else(source, wakes):
    assert not importing.imports_sweep()
    product_import_create(path=source, name="shop", wake=False)
    assert importing.imports_sweep()
    importing.imports_wake_run()  # now it waits for a person
    assert not importing.imports_sweep()
    product_export_create(products=None, export_format=ExportFormat.MODA_CSV)
    assert importing.imports_sweep()
    importing.imports_wake_run()
    assert not importing.imports_sweep()


def test_an_export_is_written_by_a_wake():
    ProductFactory()
    export = product_export_create(products=None, export_format=ExportFormat.GOOGLE_XML)
    importing.imports_wake_run()
    export.refresh_from_db()
    assert (export.state, export.written) == (ExportState.DONE, 1)


def test_photos_are_put_in_the_order_of_their_row(django_assert_max_num_queries):
    product = ProductFactory()
    own = ProductImageFactory(product=product)
    images = [ProductImageFactory(product=product) for _ in range(3)]
    product_import = ProductImport.objects.create(path="x", name="x", state=ImportState.PHOTOS)
    row = ImportRow.objects.create(
        product_import=product_import, number=0, line=2, outcome="new", product=product
    )
    for number, image in zip((2, 0, 1), images, strict=True):
        ImportPhoto.objects.create(
            product_import=product_import, row=row, number=number, name=f"{number}.jpg",
            state="stored", image=image, due_at=product.created_at,
        )  # fmt: skip

    photos_put_in_order(product_import)

    first, second, third = images[1], images[2], images[0]
    assert list(product.images.all()) == [own, first, second, third]
    assert list(product.images.values_list("position", flat=True)) == [0, 1, 2, 3]
    with django_assert_max_num_queries(1):
        photos_put_in_order(product_import)
