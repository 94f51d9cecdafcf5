"""When an encoded picture counts as whole."""

import io

import pytest
from PIL import Image

from catalog.photos import jpeg_is_whole, png_is_whole
from tests.factories import photo_bytes


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_ends_with_its_end_marker(progressive):
    buffer = io.BytesIO()
    Image.effect_mandelbrot((64, 64), (-2, -1.5, 1, 1.5), 50).save(
        buffer, "JPEG", progressive=progressive
    )
    data = buffer.getvalue()

    assert jpeg_is_whole(data)
    assert jpeg_is_whole(data + b"something behind it")
    assert not any(jpeg_is_whole(data[:length]) for length in range(len(data)))


def test_the_end_marker_of_a_preview_inside_a_segment_does_not_count():
    preview = photo_bytes()
    segment = b"\xff\xe1" + (len(preview) + 2).to_bytes(2, "big") + preview
    data = photo_bytes()
    with_preview = data[:2] + segment + data[2:]

    assert jpeg_is_whole(with_preview)
    assert not jpeg_is_whole(with_preview[:-2])


def test_a_png_is_whole_with_every_check_sum_right():
    data = photo_bytes(encoding="PNG")

    assert png_is_whole(data)
    assert png_is_whole(data + b"something behind it")
    assert not any(png_is_whole(data[:length]) for length in range(len(data)))
    for place in range(8, len(data)):
        broken = bytearray(data)
        broken[place] ^= 0x10
        assert not png_is_whole(bytes(broken)), place
