"""Photos are stored many at a time, and end each by itself where that goes wrong."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog import photos
from catalog.choices import ImportPhotoState, ImportState
from catalog.importing import photo_step
from catalog.importing.photo_finish import photos_finish
from catalog.importing.photo_reading import FIRST_DELAY
from catalog.importing.photo_step import CheckedPhoto, photos_end_new, photos_run
from catalog.models import ImportPhoto, ImportRow, Product, ProductImage, ProductImport
from catalog.transitions.import_photo import import_photos_lease
from tests.factories import ProductFactory, ProductImageFactory, numbered_photo, photo_bytes

#: Colours that no factory gives.
APART = 10_000_000
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def product_import(tmp_path):
    (tmp_path / "table.csv").write_text("sku,title\nA,B\n")
    return ProductImport.objects.create(path=str(tmp_path), name="x", state=ImportState.PHOTOS)


@pytest.fixture
def named(product_import):
    """Adds a photo that the import's row of a product names."""

    def add(product, name="x.jpg"):
        rows = product_import.rows.filter(product=product)
        row = rows.first() or ImportRow.objects.create(
            product_import=product_import, number=product_import.rows.count(), line=2,
            outcome="new", state="applied", product=product, product_stamp=product.updated_at,
        )  # fmt: skip
        number = row.photos.count()
        return ImportPhoto.objects.create(
            product_import=product_import, row=row, number=number, name=name,
            due_at=timezone.now(),
        )  # fmt: skip

    return add


def files(media_directory):
    return sorted(path for path in media_directory.rglob("*") if path.is_file())


def leased(limit=32):
    token, photos = import_photos_lease(limit=limit, seconds=60)
    return token, photos


def checked(photos, numbers):
    return [
        CheckedPhoto(photo, f"digest {number}", numbered_photo(APART + number))
        for photo, number in zip(photos, numbers, strict=True)
    ]


def states():
    return list(ImportPhoto.objects.order_by("pk").values_list("state", flat=True))


def test_a_batch_is_one_transaction_with_positions_and_stamps(
    named, media_directory, django_assert_max_num_queries
):
    first, second = ProductFactory(), ProductFactory()
    own = ProductImageFactory(product=first)
    first.refresh_from_db()
    for product in (first, first, second, second):
        named(product)
    token, photos = leased()
    before = len(files(media_directory))
    with django_assert_max_num_queries(16):
        photos_end_new(checked(photos, [1, 2, 3, 3]), token)
    assert states() == ["stored", "stored", "stored", "known"]
    assert list(first.images.values_list("position", flat=True)) == [0, 1, 2]
    assert first.images.first() == own
    assert list(second.images.values_list("position", flat=True)) == [0]
    assert len(files(media_directory)) == before + 2 * 3
    for row in ImportRow.objects.select_related("product"):
        assert row.product_stamp == row.product.updated_at
    assert set(ImportPhoto.objects.values_list("lease_token", "lease_until")) == {(None, None)}


def test_a_row_of_an_edited_product_is_not_stamped(named):
    product = ProductFactory()
    named(product), named(product)
    stamp = product.updated_at
    Product.objects.filter(pk=product.pk).update(updated_at=timezone.now())
    token, photos = leased()
    photos_end_new(checked(photos, [1, 2]), token)
    assert ImportRow.objects.get().product_stamp == stamp


def test_of_a_batch_that_lost_a_photo_the_others_are_stored(named, media_directory):
    product = ProductFactory()
    for _ in range(3):
        named(product)
    token, photos = leased()
    ImportPhoto.objects.filter(pk=photos[1].pk).update(state=ImportPhotoState.CANCELLED)
    photos_end_new(checked(photos, [1, 2, 3]), token)
    assert states() == ["stored", "cancelled", "stored"]
    assert ProductImage.objects.count() == 2
    assert len(files(media_directory)) == 4


def test_of_a_batch_with_a_deleted_product_the_others_are_stored(named, media_directory):
    product, gone = ProductFactory(), ProductFactory()
    named(product), named(gone)
    token, photos = leased()
    Product.objects.filter(pk=gone.pk).delete()
    photos_end_new(checked(photos, [1, 2]), token)
    assert states() == ["stored", "faulty"]
    assert len(files(media_directory)) == 2


@pytest.mark.parametrize(
    ("attempts", "state"), [(1, "waiting"), (photo_step.MAX_SHORTAGES, "faulty")]
)
def test_a_full_disk_keeps_the_photo_waiting_and_refuses_it_in_the_end(
    named, monkeypatch, media_directory, attempts, state
):
    product = ProductFactory()
    named(product), named(product)
    ImportPhoto.objects.update(attempts=attempts - 1)
    token, photos = leased()
    save, two = photo_step.photos_store, numbered_photo(APART + 2).sha256

    def full(*, photos, and_then):
        if any(new.photo.sha256 == two for new in photos):
            raise OSError(28, "No space left on device")
        return save(photos=photos, and_then=and_then)

    monkeypatch.setattr(photo_step, "photos_store", full)
    photos_end_new(checked(photos, [1, 2]), token)
    assert states() == ["stored", state]
    assert "No space left" in ImportPhoto.objects.latest("pk").reason


def test_a_photo_is_not_damaged_where_memory_is_short(named, tmp_path, monkeypatch):
    product = ProductFactory()
    (tmp_path / "x.jpg").write_bytes(photo_bytes())
    named(product)

    def full(*arguments):
        raise MemoryError

    with monkeypatch.context() as short:
        short.setattr("catalog.photos._upright", full)
        assert photos_run(go_on=lambda: True) == 1
    assert states() == ["waiting"]
    ImportPhoto.objects.update(due_at=timezone.now())
    assert photos_run(go_on=lambda: True) == 1
    assert states() == ["stored"]


@pytest.fixture
def one_needs_too_much(named, tmp_path, monkeypatch):
    """Two photos of an import, of which the wider one asks for more memory than there is."""
    product = ProductFactory()
    for name, size in (("small.jpg", (64, 64)), ("wide.jpg", (300, 64))):
        (tmp_path / name).write_bytes(photo_bytes(size=size))
        named(product, name)
    upright = photos._upright

    def short(file):
        return bytearray(2**62) if file.width == 300 else upright(file)

    monkeypatch.setattr(photos, "_upright", short)


def reasons():
    return list(ImportPhoto.objects.order_by("pk").values_list("state", "reason"))


def test_a_photo_that_needs_too_much_memory_holds_its_import_for_one_more_attempt(
    one_needs_too_much, product_import
):
    before = timezone.now()
    photos_run(go_on=lambda: True)
    assert states() == ["stored", "waiting"]
    due = ImportPhoto.objects.get(name="wide.jpg").due_at
    assert before < due < timezone.now() + timedelta(seconds=1.5 * FIRST_DELAY)
    ImportPhoto.objects.update(due_at=timezone.now())
    photos_run(go_on=lambda: True)
    why = "wide.jpg needs more memory than this machine has for one photo: save it smaller and "
    assert reasons() == [("stored", ""), ("faulty", f"{why}upload it again.")]
    assert photos_finish(only=product_import.pk) == 1


def test_where_there_is_memory_for_no_photo_none_is_to_blame(one_needs_too_much, monkeypatch):
    monkeypatch.setattr("catalog.machine.ORDINARY_BYTES", 2**62)
    ImportPhoto.objects.update(attempts=photo_step.MAX_SHORTAGES - 2)
    for expected in ("waiting", "faulty"):
        ImportPhoto.objects.update(due_at=timezone.now())
        photos_run(go_on=lambda: True)
        assert states() == ["stored", expected]


def test_large_photos_are_ended_before_the_next_are_read(
    named, product_import, tmp_path, monkeypatch
):
    product = ProductFactory()
    for number in range(4):
        (tmp_path / f"{number}.jpg").write_bytes(photo_bytes(colour=(number * 40, 0, 0)))
        named(product, f"{number}.jpg")
    ended = []
    end = photo_step.photos_end_new
    monkeypatch.setattr(
        photo_step, "photos_end_new", lambda photos, token: (ended.append(len(photos)),
                                                            end(photos, token))
    )  # fmt: skip
    monkeypatch.setattr(photo_step, "HEAVY", 1)
    assert photos_run(go_on=lambda: True, only=product_import.pk) == 4
    assert [count for count in ended if count] == [1, 1, 1, 1]
    assert states() == ["stored"] * 4


def test_slow_photos_are_ended_one_by_one_and_keep_their_leases(
    named, product_import, tmp_path, monkeypatch, settings
):
    settings.LEASE_SECONDS = 60
    monkeypatch.setattr(photo_step, "LONGEST_SILENCE", 0)
    product = ProductFactory()
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(photo_bytes(colour=(number * 40, 0, 0)))
        named(product, f"{number}.jpg")
    left = []
    normalise = photo_step.photo_normalise_bytes

    def note(content, name):
        rows = ImportPhoto.objects.filter(state=ImportPhotoState.LEASED)
        left.append((rows.count(), {row.lease_until for row in rows}))
        return normalise(content, name)

    monkeypatch.setattr(photo_step, "photo_normalise_bytes", note)
    photos_run(go_on=lambda: True, only=product_import.pk)
    assert [count for count, _ in left] == [3, 2, 1]
    first, second, third = (until for _, until in left)
    assert max(first) < min(second) <= max(second) < min(third)
    assert states() == ["stored"] * 3
