"""What `photo_normalise` refuses, and what is left of what it takes."""

import io
import struct
import zipfile
import zlib
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest
from django.utils import translation
from PIL import Image, ImageCms, PngImagePlugin

from catalog.exceptions import PhotoRefused
from catalog.photos import LARGEST_FILE, NormalisedPhoto, photo_normalise, photo_normalise_bytes
from tests.factories import photo_bytes

SCRIPT = b"<script>alert(document.domain)</script>"
PLACE = b"GPSMARKER"
COMMENT = b"a comment by the camera"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">secret-author</x:xmpmeta>'


def normalise(data: bytes, name: str = "photo.jpg") -> NormalisedPhoto:
    return photo_normalise(io.BytesIO(data), name=name)


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Image.Image:
    with Image.open(io.BytesIO(data)) as file:
        file.load()
        return file


def noise(mode: str = "RGB", size: tuple[int, int] = (64, 48)) -> Image.Image:
    """Pixels that differ from place to place, and the same in every run."""
    values = bytes((x * 7 + y * 13) % 256 for y in range(size[1]) for x in range(size[0]))
    return Image.frombytes("L", size, values).convert(mode)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def blank_png(width: int, height: int) -> bytes:
    """A one-bit PNG of zeros: tiny as a file, huge when it is decoded."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((1 + (width + 7) // 8) * height), 9)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", rows)
        + png_chunk(b"IEND", b"")
    )


def refusal(data: bytes, name: str) -> str:
    with pytest.raises(PhotoRefused) as caught:
        normalise(data, name)
    return str(caught.value)


# Refused


NOT_A_PHOTO = "is not a JPEG, PNG or WebP picture, whatever its name says."


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n", id="eps"),
        pytest.param(b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', id="svg"),
        pytest.param(encoded(noise(), "TIFF"), id="tiff"),
        pytest.param(encoded(noise(), "GIF"), id="gif"),
        pytest.param(encoded(noise(), "BMP"), id="bmp"),
        pytest.param(encoded(noise(), "ICO"), id="ico"),
        pytest.param(encoded(noise(), "JPEG2000"), id="jpeg2000"),
        pytest.param(b"GIF89a" + bytes(20), id="broken gif"),
        pytest.param(b"<html>" + SCRIPT, id="html"),
        pytest.param(b"\x00", id="one byte"),
        pytest.param(bytes(1000), id="zeros"),
    ],
)
@pytest.mark.parametrize("name", ["photo.png", "photo.jpg"])
def test_refuses_what_is_no_jpeg_png_or_webp_whatever_its_name(data, name):
    assert refusal(data, name) == f"{name} {NOT_A_PHOTO}"


def test_refuses_a_small_file_that_would_decode_to_100_megapixels():
    data = blank_png(10_000, 10_000)

    assert len(data) < 94_000
    assert refusal(data, "bomb.png") == (
        "bomb.png has more than 30 megapixels: save it smaller and upload it again."
    )


@pytest.mark.parametrize("width", [9_500, 20_000])
def test_refuses_what_pillow_itself_warns_of_or_refuses(width):
    """Above 89 megapixels Pillow warns, above 178 it raises: the sentence is the same."""
    assert "more than 30 megapixels" in refusal(blank_png(width, 10_000), "bomb.png")


def test_judges_the_size_by_the_header_without_decoding():
    """The picture data are rubbish: to be told of the size, nobody may have looked at them."""
    header = struct.pack(">IIBBBBB", 6_000, 5_001, 8, 2, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"rubbish")

    assert "more than 30 megapixels" in refusal(data, "large.png")


def test_takes_exactly_thirty_megapixels():
    photo = normalise(blank_png(6_000, 5_000), "large.png")

    assert (photo.width, photo.height) == (6_000, 5_000)
    assert decoded(photo.thumbnail).size == (400, 333)


def test_refuses_a_large_webp_by_its_header():
    data = encoded(Image.new("RGB", (6_000, 5_001)), "WEBP", lossless=True, quality=0, method=0)

    assert "more than 30 megapixels" in refusal(data, "large.webp")


def test_refuses_more_than_twenty_megabytes_and_takes_that_much():
    fitting = photo_bytes().ljust(LARGEST_FILE, b"\0")

    assert normalise(fitting).extension == "jpg"
    assert refusal(fitting + b"\0", "big.jpg") == (
        "big.jpg is larger than 20 MB: save it smaller and upload it again."
    )


def test_refuses_an_empty_file():
    assert refusal(b"", "empty.jpg") == "empty.jpg is empty: the file holds no bytes."


@pytest.mark.parametrize("form", ["WEBP", "PNG"])
def test_refuses_an_animation(form):
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    data = encoded(frames[0], form, save_all=True, append_images=frames[1:], duration=50)

    assert refusal(data, "moving.png") == "moving.png is an animation: upload a still picture."


@pytest.mark.parametrize(
    ("form", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_refuses_a_file_cut_off_anywhere(form, options):
    data = encoded(noise(), form, **options)

    assert normalise(data).width == 64
    taken = []
    for length in range(1, len(data)):
        try:
            normalise(data[:length])
        except PhotoRefused:
            continue
        taken.append(length)
    assert taken == []


def test_says_that_a_file_is_cut_off():
    data = encoded(noise(), "JPEG")

    assert refusal(data[: len(data) // 2], "half.jpg") == (
        "half.jpg cannot be read: it is damaged or cut off. Upload it again."
    )


def test_refuses_a_png_with_a_flipped_bit():
    data = bytearray(encoded(noise(), "PNG"))
    data[len(data) // 2] ^= 1

    assert refusal(bytes(data), "bit.png") == (
        "bit.png cannot be read: it is damaged or cut off. Upload it again."
    )


# Taken


@pytest.mark.parametrize(("form", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "webp")])
def test_stores_a_photo_in_the_format_it_came_in(form, extension):
    photo = normalise(photo_bytes(encoding=form, size=(60, 80)), "whatever.exe")

    assert photo.extension == extension
    assert (photo.width, photo.height) == (60, 80)
    stored = decoded(photo.content)
    assert (stored.format, stored.mode, stored.size) == (form, "RGB", (60, 80))
    red, green, blue = stored.getpixel((30, 40))
    assert abs(red - 200) < 4
    assert abs(green - 30) < 4
    assert abs(blue - 40) < 4


def test_the_same_upload_gives_the_same_hash_of_what_is_stored():
    first, second = normalise(photo_bytes()), normalise(photo_bytes(), "other name.jpg")

    assert first == second
    assert normalise(photo_bytes(colour=(1, 2, 3))).sha256 != first.sha256


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((800, 1200), (267, 400)),
        ((1200, 800), (400, 267)),
        ((60, 80), (60, 80)),
        ((900, 1), (400, 1)),
    ],
)
def test_the_thumbnail_is_a_jpeg_of_at_most_400_pixels_a_side(size, expected):
    thumbnail = decoded(normalise(photo_bytes(size=size)).thumbnail)

    assert (thumbnail.format, thumbnail.size) == ("JPEG", expected)


def test_phones_write_jpegs_with_more_pictures_behind_the_first():
    second = Image.new("RGB", (30, 30), "green")
    data = encoded(noise(), "MPO", save_all=True, append_images=[second])
    assert decoded(data).format == "MPO"

    photo = normalise(data)

    assert (photo.extension, photo.width, photo.height) == ("jpg", 64, 48)
    assert decoded(photo.content).format == "JPEG"


# Upright


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turns_every_orientation_upright(form, orientation):
    """The upright picture is red, green above blue, white; cameras store it turned."""
    upright = Image.new("RGB", (64, 96), "red")
    upright.paste("green", (32, 0, 64, 48))
    upright.paste("blue", (0, 48, 32, 96))
    upright.paste("white", (32, 48, 64, 96))
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(turns[orientation]) if orientation in turns else upright
    exif = Image.Exif()
    exif[0x0112] = orientation

    photo = normalise(encoded(stored, form, exif=exif))

    assert (photo.width, photo.height) == (64, 96)
    for data in (photo.content, photo.thumbnail):
        picture = decoded(data)
        nearest = [
            min(
                ("red", (255, 0, 0)),
                ("green", (0, 128, 0)),
                ("blue", (0, 0, 255)),
                ("white", (255, 255, 255)),
                key=lambda named, at=place: sum(
                    abs(a - b) for a, b in zip(named[1], picture.getpixel(at), strict=True)
                ),
            )[0]
            for place in ((16, 24), (48, 24), (16, 72), (48, 72))
        ]
        assert nearest == ["red", "green", "blue", "white"]
        assert not picture.getexif()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
@pytest.mark.parametrize("exif", [b"Exif\x00\x00MM\x00*\xff\xff\xff\xff", b"Exif\x00\x00II"])
def test_takes_a_photo_whose_metadata_are_broken(exif):
    photo = normalise(encoded(noise(), "JPEG", exif=exif))

    assert (photo.width, photo.height) == (64, 48)


# Nothing of the upload but its pixels


def with_metadata(form: str) -> bytes:
    """A picture with a place, an author, a colour profile, XMP and a comment."""
    exif = Image.Exif()
    exif[0x010E] = PLACE.decode()
    exif.get_ifd(0x8825)[29] = "2024:01:01"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    options = {"exif": exif, "icc_profile": profile, "dpi": (300, 300)}
    if form == "JPEG":
        options |= {"comment": COMMENT, "xmp": XMP}
    elif form == "WEBP":
        options |= {"xmp": XMP}
    else:
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", COMMENT.decode())
        text.add_itxt("XML:com.adobe.xmp", XMP.decode())
        options |= {"pnginfo": text}
    return encoded(noise(), form, **options)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_no_metadata_are_stored(form):
    upload = with_metadata(form)
    assert PLACE in upload
    assert b"secret-author" in upload

    photo = normalise(upload)

    for data in (photo.content, photo.thumbnail):
        for trace in (PLACE, COMMENT, b"secret-author", b"Exif", b"xmp", b"ICC", b"iCCP", b"sRGB"):
            assert trace not in data
        stored = decoded(data)
        assert not stored.getexif()
        assert not set(stored.info) & {"exif", "xmp", "icc_profile", "comment", "dpi", "Comment"}


def jpeg_markers(data: bytes) -> list[int]:
    """The markers before the picture data, with APP14 (the colour transform) if it is there."""
    position, found = 2, []
    while data[position + 1] != 0xDA:
        found.append(data[position + 1])
        position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    return found


def test_a_stored_jpeg_holds_no_segment_but_those_that_decoding_needs():
    photo = normalise(with_metadata("JPEG"))

    needed = {0xE0, 0xDB, 0xC0, 0xC4}  # JFIF, quantisation, frame, Huffman tables
    assert set(jpeg_markers(photo.content)) == needed
    assert set(jpeg_markers(photo.thumbnail)) == needed


def polyglot(form: str) -> bytes:
    """A photo that is also a ZIP and, to a careless browser, a page with a script."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("payload.html", SCRIPT)
    options = {"comment": SCRIPT} if form == "JPEG" else {}
    return encoded(noise(), form, **options) + archive.getvalue() + SCRIPT


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_bytes_of_a_polyglot_are_not_stored(form):
    upload = polyglot(form)
    assert zipfile.is_zipfile(io.BytesIO(upload))

    photo = normalise(upload, "photo.html")

    assert photo.extension in {"jpg", "png", "webp"}
    for data in (photo.content, photo.thumbnail):
        assert b"PK\x03\x04" not in data
        assert b"script" not in data
        assert not zipfile.is_zipfile(io.BytesIO(data))


def test_a_comment_that_hides_in_a_jpeg_is_not_carried_from_jpeg_to_jpeg():
    upload = encoded(noise(), "JPEG", comment=COMMENT)
    assert decoded(upload).info["comment"] == COMMENT

    assert "comment" not in decoded(normalise(upload).content).info


# Modes


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_grey_and_cmyk_jpegs_become_rgb(mode):
    photo = normalise(encoded(Image.new("RGB", (40, 30), (90, 90, 90)).convert(mode), "JPEG"))

    picture = decoded(photo.content)
    assert picture.mode == "RGB"
    assert all(abs(value - 90) < 4 for value in picture.getpixel((20, 15)))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_opaque_pngs_of_every_mode_become_rgb(mode):
    picture = Image.new("RGB", (40, 30), "white").convert(mode)

    stored = decoded(normalise(encoded(picture, "PNG")).content)

    assert stored.mode == "RGB"
    assert stored.getpixel((20, 15)) == (255, 255, 255)


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (32_896, 128), (65_535, 255)])
def test_sixteen_bits_are_scaled_not_clipped(value, expected):
    picture = Image.new("I;16", (40, 30), value)

    stored = decoded(normalise(encoded(picture, "PNG")).content)

    assert stored.getpixel((20, 15)) == (expected,) * 3


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_transparency_is_kept_and_the_thumbnail_lies_on_white(form):
    picture = Image.new("RGBA", (40, 30), (0, 0, 0, 0))
    picture.paste((200, 0, 0, 255), (0, 0, 20, 30))

    photo = normalise(encoded(picture, form, lossless=True))

    assert decoded(photo.content).mode == "RGBA"
    assert decoded(photo.content).getpixel((35, 15))[3] == 0
    thumbnail = decoded(photo.thumbnail)
    assert thumbnail.mode == "RGB"
    assert all(value > 250 for value in thumbnail.getpixel((35, 15)))
    assert thumbnail.getpixel((5, 15))[0] > 180


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_transparent_colour_counts_as_transparency(mode):
    picture = Image.new(mode, (40, 30), 0)
    key = {"P": 0, "L": 0, "RGB": (0, 0, 0)}[mode]

    photo = normalise(encoded(picture, "PNG", transparency=key))

    assert decoded(photo.content).mode == "RGBA"
    assert decoded(photo.thumbnail).getpixel((20, 15)) == (255, 255, 255)


def profile_with_red_and_blue_exchanged() -> bytes:
    """An sRGB profile whose tags for red and blue are named the other way round."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for one, other in ((b"rXYZ", b"bXYZ"), (b"rTRC", b"bTRC")):
        profile = profile.replace(one, b"    ", 1).replace(other, one, 1)
        profile = profile.replace(b"    \x00\x00", other + b"\x00\x00", 1)
    return profile


def test_colours_of_a_profile_become_those_of_srgb():
    picture = Image.new("RGB", (40, 30), (200, 30, 40))
    data = encoded(picture, "PNG", icc_profile=profile_with_red_and_blue_exchanged())

    red, green, blue = decoded(normalise(data).content).getpixel((20, 15))

    assert abs(red - 40) < 6
    assert abs(green - 30) < 6
    assert abs(blue - 200) < 6


@pytest.mark.parametrize(
    "profile",
    [
        pytest.param(b"no profile at all", id="rubbish"),
        pytest.param(
            ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(), id="other space"
        ),
    ],
)
def test_a_profile_that_cannot_be_used_changes_nothing(profile):
    picture = Image.new("RGB", (40, 30), (200, 30, 40))

    photo = normalise(encoded(picture, "PNG", icc_profile=profile))

    assert decoded(photo.content).getpixel((20, 15)) == (200, 30, 40)


def test_reads_a_stream_once_from_where_it_stands():
    upload = io.BytesIO(b"skipped" + photo_bytes())
    upload.seek(7)

    assert photo_normalise(upload, name="x.jpg").width == 60


def test_a_refusal_from_another_process_speaks_the_language_of_who_reads_it():
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(PhotoRefused) as refused,
    ):
        pool.submit(photo_normalise_bytes, b"no picture", "a.jpg").result()
    assert str(refused.value) == "a.jpg is not a JPEG, PNG or WebP picture, whatever its name says."
    with translation.override("es"):
        assert str(refused.value).startswith("a.jpg no es una imagen JPEG")
