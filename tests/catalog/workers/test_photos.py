"""Reading photos from storage: what is final, and what may pass."""

import errno
import threading
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.storage import FileSystemStorage
from django.utils import timezone
from PIL import Image

from catalog.choices import FailureReason
from catalog.machine import MachineShort
from catalog.models import ProductImage
from catalog.workers import photos
from catalog.workers.lease import Lease
from catalog.workers.photos import PhotoFailed, PhotoReader, StorageUnavailable, photo_load
from tests.factories import DescriptionJobItemFactory, photo_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    return DescriptionJobItemFactory()


def store(item, content):
    """Put other bytes in the place of the item's stored photo."""
    with item.image.file.storage.open(item.image.file.name, "wb") as file:
        file.write(content)


def encoded(photo, name="PNG"):
    buffer = BytesIO()
    photo.save(buffer, name)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP"])
def test_a_photo_comes_as_rgb(item, name):
    store(item, encoded(Image.new("RGB", (30, 40), "white"), name))
    photo = photo_load(item=item)
    assert (photo.mode, photo.size) == ("RGB", (30, 40))
    assert photo.getpixel((5, 5)) == (255, 255, 255)


def test_transparency_is_laid_on_white(item):
    store(item, encoded(Image.new("RGBA", (4, 4), (0, 0, 0, 0))))
    assert photo_load(item=item).getpixel((1, 1)) == (255, 255, 255)


def test_a_very_large_photo_is_shrunk(item):
    store(item, encoded(Image.new("RGB", (3000, 1500), "red"), "JPEG"))
    assert photo_load(item=item).size == (1024, 512)


def test_a_photo_that_is_gone_is_missing(item):
    item.image.file.storage.delete(item.image.file.name)
    with pytest.raises(PhotoFailed, match="is not in storage") as refused:
        photo_load(item=item)
    assert refused.value.reason == FailureReason.PHOTO_MISSING


def test_a_photo_whose_row_was_deleted_is_missing(item):
    ProductImage.objects.all().delete()
    item.refresh_from_db()
    with pytest.raises(PhotoFailed, match="deleted") as refused:
        photo_load(item=item)
    assert refused.value.reason == FailureReason.PHOTO_MISSING


@pytest.mark.parametrize(
    "content",
    [b"", b"no photo", photo_bytes()[:200], encoded(Image.new("L", (4, 4)), "GIF")],
    ids=["empty", "text", "truncated", "GIF"],
)
def test_what_is_no_photo_is_unreadable(item, content):
    store(item, content)
    with pytest.raises(PhotoFailed) as refused:
        photo_load(item=item)
    assert refused.value.reason == FailureReason.PHOTO_UNREADABLE


@pytest.mark.parametrize("error", [ConnectionError("refused"), RuntimeError("throttled")])
def test_storage_that_does_not_answer_may_answer_later(item, error, monkeypatch):
    def refuse(*args):
        raise error

    monkeypatch.setattr(FileSystemStorage, "_open", refuse)
    with pytest.raises(StorageUnavailable, match=str(error)):
        photo_load(item=item)


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (OSError(errno.EMFILE, "Too many open files"), MachineShort),
        (BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable"), MachineShort),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), MemoryError),
    ],
    ids=["files", "threads", "memory"],
)
@pytest.mark.parametrize("step", ["_open", "_decoded"])
def test_a_photo_is_not_unreadable_where_the_machine_is_short(
    item, step, error, raised, monkeypatch
):
    def refuse(*args):
        raise error

    owner = FileSystemStorage if step == "_open" else photos
    monkeypatch.setattr(owner, step, refuse)
    with pytest.raises(raised, match=error.strerror):
        photo_load(item=item)


def test_photos_are_read_one_by_one_where_no_thread_can_be_started(item, monkeypatch):
    def refuse(thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    lease = Lease(token=uuid4(), version=None, items=(item,), until=timezone.now())
    with PhotoReader() as reader:
        (photo,) = reader.begin(lease).photos
        assert photo.result(timeout=0).mode == "RGB"
