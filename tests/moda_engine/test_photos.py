import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from catalog.photos import photo_normalise
from moda_engine.exceptions import PhotoError
from moda_engine.photos import open_photo, picture_of


def test_turned_upright_as_the_metadata_says(tmp_path):
    image = Image.new("RGB", (20, 10), "white")
    exif = image.getexif()
    exif[0x0112] = 6  # a quarter turn
    image.save(tmp_path / "turned.jpg", exif=exif)
    assert open_photo(tmp_path / "turned.jpg").size == (10, 20)


def test_a_large_jpeg_is_decoded_at_a_reduced_scale(tmp_path):
    Image.new("RGB", (800, 1200), "red").save(tmp_path / "large.jpg")
    assert open_photo(tmp_path / "large.jpg", longest_side=150).size == (100, 150)


@pytest.mark.parametrize(
    ("form", "called"),
    [("GIF", "a GIF"), ("TIFF", "a TIFF"), ("BMP", "a BMP"), ("EPS", "an EPS")],
)
def test_other_formats_are_refused_whatever_the_name(tmp_path, form, called):
    path = tmp_path / "photo.png"
    Image.new("RGB", (10, 10)).save(path, format=form)
    with pytest.raises(PhotoError) as refusal:
        open_photo(path)
    assert str(refusal.value) == (
        f"{path}: not a readable JPEG, PNG, WebP or AVIF photo; it is {called}. "
        f"Save it as JPEG or PNG."
    )


def test_avif_is_read_upright_and_whole(tmp_path):
    image = Image.new("RGBA", (20, 10), (255, 0, 0, 255))
    image.paste((0, 0, 0, 0), (0, 0, 10, 10))
    exif = image.getexif()
    exif[0x0112] = 6  # a quarter turn
    image.save(tmp_path / "photo.avif", exif=exif, quality=100, subsampling="4:4:4")
    found = open_photo(tmp_path / "photo.avif")
    assert (found.size, found.getpixel((5, 2))) == ((10, 20), (255, 255, 255))
    red, green, blue = found.getpixel((5, 17))
    assert red > 250
    assert max(green, blue) < 5


def test_heic_is_refused_with_what_would_read_it(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100))
    with pytest.raises(PhotoError, match=r"it is a HEIC\. To read it `pip install pillow-heif`"):
        open_photo(path)


@pytest.mark.parametrize("form", ["WEBP", "PNG", "AVIF"])
def test_animations_are_refused(tmp_path, form):
    path = tmp_path / "photo"
    pictures = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue", "green")]
    pictures[0].save(path, format=form, save_all=True, append_images=pictures[1:])
    with pytest.raises(PhotoError, match=r"an animation\. Save one of its pictures as JPEG or PNG"):
        open_photo(path)


def test_an_opened_picture_is_held_to_the_same_limits():
    with pytest.raises(PhotoError, match="6000 × 6000 pixels are over the limit of 30 million"):
        picture_of(Image.new("1", (6_000, 6_000)))
    with pytest.raises(PhotoError, match="18000 × 10000 pixels are over the limit"):
        picture_of(Image.new("L", (18_000, 10_000)))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"<!DOCTYPE html><html></html>", "it is a web page"),
        (b"nothing that anybody knows", "it is no picture, or a damaged one"),
    ],
)
def test_what_is_no_picture_is_named(content, reason):
    with pytest.raises(PhotoError, match=f"^The photo: not a readable .*; {reason}"):
        open_photo(content)


def test_a_folder_is_named(tmp_path):
    with pytest.raises(PhotoError, match="is a folder: give a photo"):
        open_photo(tmp_path)


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


def swapped_profile() -> bytes:
    """sRGB with two tags swapped: the first channel is green, the second red."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    places = {}
    for number in range(struct.unpack_from(">I", profile, 128)[0]):
        entry = 132 + 12 * number
        places[bytes(profile[entry : entry + 4])] = struct.unpack_from(">I", profile, entry + 4)[0]
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red : red + 20], profile[green : green + 20] = (
        profile[green : green + 20],
        profile[red : red + 20],
    )
    return bytes(profile)


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_colours_are_those_of_the_photos_profile(tmp_path, mode):
    path = tmp_path / "profile.png"
    Image.new(mode, (8, 8), (255, 0, 0)).save(path, icc_profile=swapped_profile())
    red, green, blue = open_photo(path).getpixel((4, 4))
    assert green > 250
    assert max(red, blue) < 5


def test_a_profile_that_cannot_be_used_is_the_same_as_none(tmp_path):
    path = tmp_path / "profile.png"
    Image.new("RGB", (8, 8), (255, 0, 0)).save(path, icc_profile=b"no profile")
    assert open_photo(path).getpixel((4, 4)) == (255, 0, 0)


def test_sixteen_bits_of_grey_are_scaled_not_clipped(tmp_path):
    path = tmp_path / "grey.png"
    Image.new("I;16", (8, 8), 128 * 256).save(path)
    assert open_photo(path).getpixel((4, 4)) == (128, 128, 128)


@pytest.mark.parametrize(
    ("mode", "colour", "options"),
    [
        ("RGB", (200, 40, 90), {"icc_profile": swapped_profile()}),
        ("RGBA", (200, 40, 90, 128), {}),
        ("I;16", 40_000, {}),
        ("LA", (120, 0), {}),
    ],
)
def test_the_catalog_stores_the_colours_that_the_engine_sees(tmp_path, mode, colour, options):
    path = tmp_path / "photo.png"
    Image.new(mode, (16, 16), colour).save(path, **options)
    stored = photo_normalise(io.BytesIO(path.read_bytes()), name="photo.png")
    (tmp_path / "stored.png").write_bytes(stored.content)
    assert open_photo(tmp_path / "stored.png").tobytes() == open_photo(path).tobytes()
