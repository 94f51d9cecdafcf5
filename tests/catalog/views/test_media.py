"""Stored photos: how they are served, and what is not served."""

import pytest
from django.urls import NoReverseMatch, reverse

from tests.factories import ProductImageFactory

pytestmark = pytest.mark.django_db


def test_a_photo_is_a_picture_and_nothing_else(client):
    image = ProductImageFactory()
    answer = client.get(image.file.url)
    assert answer.status_code == 200
    with image.file.open() as stored:
        assert answer.getvalue() == stored.read()
    answer.close()
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["Content-Length"] == str(image.byte_size)


def test_a_thumbnail_is_jpeg(client):
    answer = client.get(ProductImageFactory().thumbnail.url)
    assert answer["Content-Type"] == "image/jpeg"
    assert answer.getvalue()[:2] == b"\xff\xd8"
    answer.close()


@pytest.mark.parametrize(
    "path",
    [
        "secret.txt",
        "../moda.sqlite3",
        "photos/ab/../../secret.txt",
        "photos/ab/%2e%2e/%2e%2e/secret.txt",
        "photos/ab/..%2f..%2fsecret.txt",
        "photos/ab/" + "a" * 32 + ".svg",
        "photos/ab/" + "a" * 32 + ".jpg%00",
        "photos/ab/" + "a" * 32 + ".jpg%0a",
        "photos/ab/" + "a" * 32 + ".jpg",
        "photos/ab/",
        "photos//etc/passwd",
        "",
    ],
)
def test_anything_else_is_not_found(client, media_directory, path):
    media_directory.mkdir(parents=True, exist_ok=True)
    (media_directory / "secret.txt").write_text("secret")
    (media_directory.parent / "secret.txt").write_text("secret")
    answer = client.get(f"/media/{path}")
    assert answer.status_code == 404


def test_nothing_is_written(client):
    url = ProductImageFactory().file.url
    assert client.post(url).status_code == 405
    assert client.delete(url).status_code == 405


def test_other_names_have_no_address():
    with pytest.raises(NoReverseMatch):
        reverse("media", args=["../settings.py"])
