"""Photos by file and by address: what is stored, and that nothing else ever is."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from catalog.models import ProductImage
from tests.factories import ProductFactory, photo_bytes

URL = reverse("api:product-images", args=["A"])
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture
def writer(with_scopes):
    ProductFactory(sku="A")
    return with_scopes("write")


@pytest.fixture
def upload(writer):
    def send(content, name="photo.jpg", field="photo"):
        form = {field: SimpleUploadedFile(name, content, "image/jpeg")}
        return writer._client.post(URL, form, headers=writer.headers)

    return send


def bomb():
    """A PNG whose header promises 100 megapixels."""

    def chunk(kind, data):
        frame = kind + data
        return struct.pack(">I", len(data)) + frame + struct.pack(">I", zlib.crc32(frame))

    header = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


def eps():
    buffer = BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "EPS")
    return buffer.getvalue()


def problem(answer):
    return answer.status_code, answer.json()["type"].rsplit("/", 2)[1]


def test_a_file(client, upload):
    answer = upload(photo_bytes(size=(60, 80)))
    assert answer.status_code == 201
    image = ProductImage.objects.get()
    assert answer.json() == {
        "id": image.pk,
        "url": f"http://testserver{image.file.url}",
        "thumbnail_url": f"http://testserver{image.thumbnail.url}",
        "width": 60,
        "height": 80,
        "position": 0,
    }
    product = client.get(reverse("api:product-detail", args=["A"])).json()
    assert product["images"] == [answer.json()]
    assert upload(photo_bytes(size=(60, 80))).json()["id"] == image.pk
    assert ProductImage.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.jpg"),
        (b"no photo at all", "text.jpg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "drawing.png"),
        (eps(), "picture.png"),
        (bomb(), "bomb.png"),
        (photo_bytes()[:-100], "cut.jpg"),
        (photo_bytes(encoding="GIF"), "lies.jpg"),
        (photo_bytes(encoding="TIFF"), "lies.png"),
    ],
)
def test_what_is_no_photo_is_refused_and_leaves_nothing(upload, media_directory, content, name):
    answer = upload(content, name)
    if content:
        assert problem(answer) == (422, "photo-refused")
    else:
        assert answer.status_code in (400, 422)
    assert not ProductImage.objects.exists()
    assert not media_directory.exists() or not any(media_directory.rglob("*.*"))


def test_an_extension_that_lies_does_no_harm(upload):
    answer = upload(photo_bytes(encoding="PNG"), "photo.jpg")
    assert answer.json()["url"].endswith(".png")


def test_a_form_without_the_photo(upload, writer):
    assert problem(upload(photo_bytes(), field="picture")) == (400, "invalid-request")
    answer = writer._client.post(URL, {"photo": "text"}, headers=writer.headers)
    assert problem(answer) == (400, "invalid-request")


def test_more_than_the_limit_is_not_read(writer):
    headers = {**writer.headers, "Content-Length": "21000001"}
    kind = "multipart/form-data; boundary=x"
    answer = writer._client.generic(
        "POST", URL, b"--x--", content_type=kind, headers=headers, CONTENT_LENGTH="21000001"
    )
    assert problem(answer) == (413, "too-large")


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_broken_form(writer, kind):
    answer = writer._client.generic("POST", URL, b"junk", content_type=kind, headers=writer.headers)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


def test_an_address(writer, serve, loopback):
    content = photo_bytes(size=(60, 80))
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content) + content)
    answer = writer.post(URL, {"url": f"{server.url}/shirt"})
    assert answer.status_code == 201
    assert ProductImage.objects.get().width == 60


@pytest.mark.parametrize(
    "url",
    [
        "http://127.1/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://169.254.169.254/latest/",
        "http://localhost/",
        "ftp://example.com/a.jpg",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_address_of_ours(writer, url):
    answer = writer.post(URL, {"url": url})
    assert problem(answer) == ((422, "address-refused") if url else (400, "invalid-request"))
    assert not ProductImage.objects.exists()


def test_no_redirect_to_one(writer, serve, loopback):
    head = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    assert problem(writer.post(URL, {"url": serve(head).url})) == (422, "address-refused")


def test_an_address_that_gives_no_photo(writer, serve, loopback):
    server = serve(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nroot")
    answer = writer.post(URL, {"url": server.url})
    assert problem(answer) == (422, "photo-refused")
    assert b"root" not in answer.content


def test_a_product_that_is_not_there(writer):
    url = reverse("api:product-images", args=["NONE"])
    assert writer.post(url, {"url": "http://example.com/"}).status_code == 404
