import zlib

import pytest
from PIL import Image

from moda_engine.exceptions import PhotoError
from moda_engine.photos import open_photo


def test_turned_upright_as_the_metadata_says(tmp_path):
    image = Image.new("RGB", (20, 10), "white")
    exif = image.getexif()
    exif[0x0112] = 6  # a quarter turn
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert open_photo(tmp_path / "turned.jpg").size == (10, 20)


def test_a_large_jpeg_is_decoded_at_a_reduced_scale(tmp_path):
    Image.new("RGB", (800, 1200), "red").save(tmp_path / "large.jpg")
    assert open_photo(tmp_path / "large.jpg", longest_side=150).size == (100, 150)


@pytest.mark.parametrize("form", ["GIF", "TIFF", "BMP", "EPS"])
def test_other_formats_are_refused_whatever_the_name(tmp_path, form):
    path = tmp_path / "photo.png"
    Image.new("RGB", (10, 10)).save(path, format=form)
    with pytest.raises(PhotoError, match="not a readable JPEG, PNG or WebP"):
        open_photo(path)


def test_a_truncated_photo_is_refused(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.effect_noise((200, 200), 80).convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(PhotoError, match="not a readable"):
        open_photo(path)


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path):
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return len(data).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")

    header = (6_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")
    (tmp_path / "large.png").write_bytes(data)
    with pytest.raises(PhotoError, match="over the limit of 30 million"):
        open_photo(tmp_path / "large.png")
