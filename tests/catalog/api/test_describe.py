"""A photo that belongs to no product: described at once or not at all, and then forgotten."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from catalog.engine.describe import GeneratedText
from catalog.models import PhotoRequest
from catalog.services import photo_requests
from catalog.workers.photo_requests import photo_requests_run
from tests import describing
from tests.factories import ModelVersionFactory, photo_bytes

URL = reverse("api:describe")
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]


@pytest.fixture
def asker(with_scopes):
    return with_scopes("generate")


@pytest.fixture
def worker(settings, monkeypatch):
    """A worker in a thread of its own, which each wake-up starts; what it was told."""
    settings.DESCRIBE_FUNCTION = describing.DOTTED_PATH
    threads, told = [], []
    describe = describing.describe_photos

    def tell(**asked):
        told.extend(asked["known"])
        return describe(**asked)

    monkeypatch.setattr(describing, "describe_photos", tell)

    def run():
        try:
            photo_requests_run()
        finally:
            connection.close()

    def wake():
        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return True

    monkeypatch.setattr("catalog.wakeups.wake_photo_requests", wake)
    yield told
    for thread in threads:
        thread.join()


@pytest.fixture
def nobody(monkeypatch):
    """No worker, and little patience."""
    monkeypatch.setattr("catalog.wakeups.wake_photo_requests", lambda: False)
    monkeypatch.setattr(photo_requests, "WAIT", 0.2)


@pytest.fixture
def send(asker):
    def post(content=None, **form):
        upload = SimpleUploadedFile("a.jpg", content or photo_bytes(), "image/jpeg")
        return asker._client.post(URL, {"photo": upload, **form}, headers=asker.headers)

    return post


def problem(answer):
    return answer.status_code, answer.json()["type"].rsplit("/", 2)[1]


def test_a_file_with_facts(send, worker):
    version = ModelVersionFactory()
    answer = send(photo_bytes(colour=(255, 255, 255)), facts="Brand: Wren")
    assert answer.status_code == 200, answer.content
    assert answer.json() == {
        "recognised": True,
        "reason": "",
        "standard": "Item in #ffffff.",
        "alt_text": "Item in #ffffff.",
        "detailed": "",
        "page_title": "",
        "bullets": [],
        "meta_title": "",
        "meta_description": "",
        "confidence": 0.5,
        "model_version": version.name,
    }
    assert worker == [{"facts": "Brand: Wren"}]
    assert not PhotoRequest.objects.exists()


def test_a_photo_without_an_item(send, worker, monkeypatch):
    ModelVersionFactory()
    nothing = GeneratedText("", "", "", 0.1, recognised=False, reason="No item is shown.")
    monkeypatch.setattr(describing, "script", lambda photos: [nothing])
    answer = send()
    assert answer.status_code == 200
    body = answer.json()
    assert (body["recognised"], body["reason"], body["standard"]) == (
        False,
        "No item is shown.",
        "",
    )


def test_an_address(asker, worker, serve, loopback):
    ModelVersionFactory()
    content = photo_bytes(colour=(0, 0, 0))
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content)
    answer = asker.post(URL, {"url": server.url, "facts": "Wool"})
    assert answer.json()["standard"] == "Item in #000000."
    assert worker == [{"facts": "Wool"}]


def test_a_transparent_and_large_photo_is_made_small_and_white(monkeypatch):
    from io import BytesIO

    from PIL import Image

    from catalog.photos import photo_shrunk

    buffer = BytesIO()
    Image.new("RGBA", (3000, 1500), (0, 0, 0, 0)).save(buffer, "PNG")
    buffer.seek(0)
    with Image.open(BytesIO(photo_shrunk(buffer, name="a"))) as photo:
        assert (photo.format, photo.size, photo.getpixel((5, 5))) == (
            "JPEG",
            (1024, 512),
            (255, 255, 255),
        )


def test_without_a_worker_the_asker_is_told_when_to_come_back(send, nobody):
    answer = send()
    assert (problem(answer), answer["Retry-After"]) == ((503, "busy"), "5")
    assert not PhotoRequest.objects.exists()


def test_two_may_wait_at_a_time(send, nobody):
    for _ in range(2):
        photo_requests._waiting.acquire()
    try:
        assert problem(send()) == (503, "busy")
    finally:
        for _ in range(2):
            photo_requests._waiting.release()
    assert not PhotoRequest.objects.exists()


def test_without_a_model_and_with_a_broken_one(send, worker, monkeypatch):
    assert send().json()["detail"] == "No model version is active."

    def broken(photos):
        raise RuntimeError("secret of the house")

    ModelVersionFactory()
    monkeypatch.setattr(describing, "script", broken)
    answer = send()
    assert problem(answer) == (503, "busy")
    assert answer.json()["detail"] == "The model could not describe this photo."
    assert not PhotoRequest.objects.exists()


@pytest.mark.parametrize("content", [b"no photo", photo_bytes(encoding="GIF")])
def test_what_is_no_photo_is_not_stored(send, nobody, content):
    assert problem(send(content)) == (422, "photo-refused")
    assert not PhotoRequest.objects.exists()


@pytest.mark.parametrize(
    "form", [{"facts": "x" * 501}, {"facts": "nul\0"}, {"brand": "Wren"}, {"facts": ["a", "b"]}]
)
def test_fields_that_make_no_sense(send, nobody, form):
    answer = send(**form)
    assert problem(answer) == (400, "invalid-request")


def test_it_needs_the_scope(client, with_scopes, nobody):
    assert client.post(URL).status_code == 401
    assert with_scopes("read", "write").post(URL, {}).status_code == 403
