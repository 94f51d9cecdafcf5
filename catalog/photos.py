"""The only decoder of uploads: what comes in is untrusted, what goes out is made by us.

Every stored picture is encoded from decoded pixels, so nothing else of the upload survives: no
EXIF, GPS, XMP, comment or colour profile, and nothing hidden before, between or behind the picture.
This module knows neither storage nor database. Processes without Django's apps use it too, so
callers translate refusals.
"""

import re
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import Any, BinaryIO

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from catalog.exceptions import PhotoRefused
from catalog.machine import is_shortage
from moda_engine.photos import standard_rgb

LARGEST_FILE = 20_000_000  # bytes
LARGEST_PICTURE = 30_000_000  # pixels
THUMBNAIL_SIDE = 400  # pixels, the long side
#: Averages make it half as large again as asked for, then the filter does the rest. 44 dB from the
#: filter alone, while encoding costs more.
THUMBNAIL_GAP = 1.5
MODEL_SIDE = 1024  # pixels, the long side
LOOK_SIZE = (9, 8)  # pixels
LOOK_NOISE = 2  # of 255: a white ground is never quite even
WHITE = (255, 255, 255)
#: A marker of a JPEG that is neither a stuffed byte, nor a restart, nor padding.
_JPEG_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_NO_LENGTH = (0x01, 0xD8)  # markers that stand alone
_END_OF_IMAGE = 0xD9

# Pillow only warns of a picture between its limit and twice that; we ask for an error. Ours is the
# lower limit, so this matters only should that check ever be lost.
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class NormalisedPhoto:
    """A picture ready to be stored: `content` and `thumbnail` are files that we encoded.

    `extension` belongs to the decoded format, whatever the upload was called. `width` and `height`
    are pixels, upright. `sha256` is of `content`, `perceptual_hash` is as `perceptual_hash` has it.
    """

    content: bytes
    thumbnail: bytes
    extension: str
    width: int
    height: int
    sha256: str
    perceptual_hash: str


@dataclass(frozen=True, slots=True)
class StoredForm:
    """How pictures are stored."""

    format: str
    extension: str
    options: dict[str, Any]


_JPEG = StoredForm("JPEG", "jpg", {"quality": 92})
_THUMBNAIL = StoredForm("JPEG", "jpg", {"quality": 85})
#: By the decoded format. MPO is what phones write: a JPEG with more pictures behind it, of which
#: the first is the photo.
STORED_FORMS = {
    "JPEG": _JPEG,
    "MPO": _JPEG,
    "PNG": StoredForm("PNG", "png", {}),
    "WEBP": StoredForm("WEBP", "webp", {"quality": 92}),
}


def photo_normalise(upload: BinaryIO, *, name: str) -> NormalisedPhoto:
    """Check an upload, turn it upright, encode it again, and make a thumbnail.

    `name` is used in messages alone: a file is what its content says. Raises `PhotoRefused`, with
    a sentence, for anything but a whole, still JPEG, PNG or WebP of at most 20 MB and 30
    megapixels. The size is judged by the header, before a pixel is decoded.
    """
    data = _read(upload, name)
    picture, form = _decode(data, name)
    content = _encode(picture, form)
    thumbnail = _small(picture, THUMBNAIL_SIDE, gap=THUMBNAIL_GAP)
    return NormalisedPhoto(
        content=content,
        thumbnail=_encode(thumbnail, _THUMBNAIL),
        extension=form.extension,
        width=picture.width,
        height=picture.height,
        sha256=sha256(content).hexdigest(),
        perceptual_hash=perceptual_hash(thumbnail),
    )


def perceptual_hash(picture: Image.Image) -> str:
    """The picture's difference hash: 16 hexadecimal digits, the same for photos that look alike.

    The picture on white is shrunk to 9 × 8 grey pixels; each bit says whether a pixel is brighter
    than the one to its right. Other sizes, encodings and slight retouching change no bit or few;
    colours that are equally bright do not count.
    """
    grey = _shrunk(picture, LOOK_SIZE, gap=2.0).convert("L")
    pixels = grey.tobytes()
    width, height = LOOK_SIZE
    bits = 0
    for row in range(height):
        for left in range(row * width, row * width + width - 1):
            bits = bits << 1 | (pixels[left] > pixels[left + 1] + LOOK_NOISE)
    return f"{bits:016x}"


def photo_normalise_bytes(content: bytes, name: str) -> NormalisedPhoto:
    """`photo_normalise` of bytes; a process of a pool can be asked for it."""
    return photo_normalise(BytesIO(content), name=name)


def photo_shrunk(upload: BinaryIO, *, name: str) -> bytes:
    """Check an upload as `photo_normalise` does; a JPEG on white of at most 1,024 pixels a side.

    Enough for a model to look at, and small enough for a row. Raises `PhotoRefused`.
    """
    picture = _decode(_read(upload, name), name)[0]
    return _encode(_small(picture, MODEL_SIDE, gap=2.0), _THUMBNAIL)


def _read(upload: BinaryIO, name: str) -> bytes:
    data = upload.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise _refusal(_("{name} is larger than 20 MB: save it smaller and upload it again."), name)
    if not data:
        raise _refusal(_("{name} is empty: the file holds no bytes."), name)
    return data


def _decode(data: bytes, name: str) -> tuple[Image.Image, StoredForm]:
    """The upright pixels in mode RGB or RGBA, without metadata, and the form to store them in."""
    try:
        with Image.open(BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as file:
            _check_header(file, name)
            form = str(file.format)
            if form in _IS_WHOLE and not _IS_WHOLE[form](data):
                raise _damaged(name)
            file.load()
            return _upright(file), STORED_FORMS[form]
    except PhotoRefused:
        raise
    except UnidentifiedImageError as error:
        raise _refusal(
            _("{name} is not a JPEG, PNG or WebP picture, whatever its name says."), name
        ) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(name) from error
    # Decoders of damaged files raise nearly anything (OSError, SyntaxError, struct.error, zlib's,
    # EOFError, ValueError). Whatever it is, the photo cannot be used, and a person must know.
    except Exception as error:
        if is_shortage(error):  # of memory, threads or files: the photo may be sound
            raise
        raise _damaged(name) from error


def _check_header(file: Image.Image, name: str) -> None:
    if file.width * file.height > LARGEST_PICTURE:
        raise _too_large(name)
    if file.format != "MPO" and getattr(file, "is_animated", False):
        raise _refusal(_("{name} is an animation: upload a still picture."), name)


def _refusal(sentence: Promise, name: str) -> PhotoRefused:
    return PhotoRefused(format_lazy(sentence, name=name))


def _too_large(name: str) -> PhotoRefused:
    return _refusal(
        _("{name} has more than 30 megapixels: save it smaller and upload it again."), name
    )


def _damaged(name: str) -> PhotoRefused:
    return _refusal(_("{name} cannot be read: it is damaged or cut off. Upload it again."), name)


def _upright(file: Image.Image) -> Image.Image:
    try:
        ImageOps.exif_transpose(file, in_place=True)
    except Exception as error:  # broken metadata raises anything, and we throw it away anyhow
        if is_shortage(error):
            raise
    picture = standard_rgb(file)
    # Encoders take a profile, a comment and more from `info` unless it is empty.
    picture.info = {}
    return picture


def _encode(picture: Image.Image, form: StoredForm) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, form.format, **form.options)
    return buffer.getvalue()


def _small(picture: Image.Image, longest: int, *, gap: float) -> Image.Image:
    """RGB of at most `longest` pixels a side, on white where the picture is transparent."""
    scale = min(1.0, longest / max(picture.size))
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return _shrunk(picture, (width, height), gap)


def _shrunk(picture: Image.Image, size: tuple[int, int], gap: float) -> Image.Image:
    """RGB of a size in pixels, on white where the picture is transparent."""
    # The gap has large photos shrunk by averages first, which is several times as fast.
    small = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=gap)
    if small.mode == "RGBA":
        ground = Image.new("RGB", small.size, WHITE)
        ground.paste(small, mask=small.getchannel("A"))
        return ground
    return small


# Whether an encoded picture is there to its end: read off the file's frame, nothing is decoded. The
# decoders forgive the loss of a file's last bytes (a PNG's check sums, a JPEG's end marker), and a
# photo that lost its end on the way should be sent again rather than stored.


def jpeg_is_whole(data: bytes) -> bool:
    """Whether the picture's own end marker is there, not one of a preview inside a segment."""
    position = 2  # behind the start marker
    while marker := _JPEG_MARKER.search(data, position):
        kind = marker[1][0]
        if kind == _END_OF_IMAGE:
            return True
        position = marker.end()
        if kind not in _NO_LENGTH:
            # A length counts its own two bytes. Picture data follow some segments: the search for
            # the next marker passes over them.
            position += int.from_bytes(data[position : position + 2], "big")
    return False


def png_is_whole(data: bytes) -> bool:
    """Whether all chunks up to the last are there, with the right check sums."""
    position, kind = 8, b""  # behind the signature
    while kind != b"IEND":
        try:
            length, kind = struct.unpack_from(">I4s", data, position)
            end = position + 8 + length
            (checksum,) = struct.unpack_from(">I", data, end)
        except struct.error:
            return False
        if zlib.crc32(data[position + 4 : end]) != checksum:
            return False
        position = end + 4
    return True


#: WebP names its length at its beginning, and its decoder holds it to that.
_IS_WHOLE: dict[str, Callable[[bytes], bool]] = {
    "JPEG": jpeg_is_whole,
    "MPO": jpeg_is_whole,
    "PNG": png_is_whole,
}
