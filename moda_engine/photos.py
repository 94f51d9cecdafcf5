"""Opening photos: still pictures of a few formats, recognised by content, upright, in RGB."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from moda_engine.exceptions import PhotoError

#: What is read, whatever a file is called; `formats` adds HEIC where the machine reads it.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
PIXEL_LIMIT = 30_000_000
#: A photo as people have it: opened, its file, the bytes of its file, or an array or a tensor of
#: pixels, (height, width), (height, width, channels) or (channels, height, width).
Photo = Any
_READ = "JPEG, PNG, WebP or AVIF"
_SAVE_IT = "Save it as JPEG or PNG."
#: How files of other formats begin, from a place in bytes on, and what they are.
_SIGNATURES = (
    (0, b"GIF8", "a GIF"),
    (0, b"II*\0", "a TIFF"),
    (0, b"MM\0*", "a TIFF"),
    (0, b"BM", "a BMP"),
    (0, b"8BPS", "a Photoshop file"),
    (0, b"%!PS", "an EPS"),
    (0, b"%PDF", "a PDF"),
    (0, b"\xff\n", "a JPEG XL"),
    (4, b"JXL ", "a JPEG XL"),
    (4, b"jP  ", "a JPEG 2000"),
    (0, b"<svg", "an SVG"),
    (0, b"<!DOCTYPE html", "a web page"),
    (0, b"<html", "a web page"),
    *((8, brand, "a HEIC") for brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1")),
)


@cache
def formats() -> tuple[str, ...]:
    """Names that Pillow has for what this machine reads: HEIC only where `pillow-heif` is there."""
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return FORMATS
    register_heif_opener()
    return (*FORMATS, "HEIF")


def format_of(head: bytes) -> str:
    """What begins with `head`, at least 16 bytes, as words with an article; empty if not known.

    Nothing is decoded, since a decoder of each format would have to be trusted for that.
    """
    for place, signature, name in _SIGNATURES:
        if head[place : place + len(signature)] == signature:
            return name
    return ""


def is_animation(image: Image.Image) -> bool:
    """Whether it has several pictures in turn. A phone's MPO is a photo with others behind it."""
    return image.format != "MPO" and bool(getattr(image, "is_animated", False))


def picture_of(photo: Photo) -> Image.Image:
    """A photo of any kind, upright, in RGB. What is so already is given back as it is.

    Raises `PhotoError` as `open_photo` does, and for what is no photo at all.
    """
    if isinstance(photo, Path | str | bytes):
        return open_photo(photo)
    if hasattr(photo, "__array__") and not isinstance(photo, Image.Image):
        return _picture_of_pixels(photo)
    if not isinstance(photo, Image.Image):
        raise PhotoError(
            f"{type(photo).__name__} is no photo: give a picture, a path, bytes or an array."
        )
    name = str(getattr(photo, "filename", "")) or "The photo"
    with _refusals(name, b""):
        _check(photo, name)
        return photo if photo.mode == "RGB" and not photo.info else upright_rgb(photo)


def open_photo(
    source: Path | str | bytes, longest_side: int | None = None, shortest_side: int | None = None
) -> Image.Image:
    """The photo in a file, or of the bytes of one, upright, in RGB, transparent parts on white.

    Args:
        longest_side: pixels that are enough; a JPEG is then decoded at a reduced scale.
        shortest_side: the same, of the other side; give one of them.

    Raises `PhotoError` when the file is missing, is of a format that is not read, is an animation,
    is truncated, or has over 30 million pixels.
    """
    name = "The photo" if isinstance(source, bytes) else str(source)
    with _refusals(name, source):
        file = BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(file, formats=formats()) as image:
            _check(image, name)
            if longest_side is not None:
                _reduce(image, longest_side / max(image.size))
            if shortest_side is not None:
                _reduce(image, shortest_side / min(image.size))
            return upright_rgb(image)


@contextmanager
def _refusals(name: str, source: Path | str | bytes) -> Iterator[None]:
    """Decoders raise nearly anything for what is damaged; here it becomes `PhotoError`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (PhotoError, MemoryError):
        raise
    except FileNotFoundError as error:
        raise PhotoError(f"{name}: there is no such file.") from error
    except IsADirectoryError as error:
        raise PhotoError(f"{name} is a folder: give a photo.") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoError(
            f"{name}: its pixels are over the limit of 30 million. Save it smaller."
        ) from error
    except UnidentifiedImageError as error:
        raise PhotoError(f"{name}: {_unread(source)}") from error
    except Exception as error:
        raise PhotoError(
            f"{name}: not a readable {_READ} photo; it cannot be read to its end, so it is damaged "
            f"or cut short ({error})."
        ) from error


def _unread(source: Path | str | bytes) -> str:
    """Why no decoder takes the file, and what to do."""
    head = source[:16] if isinstance(source, bytes) else _head(source)
    found = format_of(head)
    if not head:
        return f"not a readable {_READ} photo; the file is empty."
    if found == "a HEIC":
        return f"it is {found}. To read it `pip install pillow-heif`, or save it as JPEG."
    said = f"it is {found}" if found else "it is no picture, or a damaged one"
    return f"not a readable {_READ} photo; {said}. {_SAVE_IT}"


def _head(path: Path | str) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(16)
    except OSError:
        return b"\0"


def _picture_of_pixels(pixels: Any) -> Image.Image:
    """An array or a tensor as a picture: whole numbers 0 to 255, or fractions 0 to 1."""
    import numpy as np

    if hasattr(pixels, "detach"):
        pixels = pixels.detach().cpu()
    array = np.asarray(pixels)
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.shape[2] not in (1, 3, 4):
        array = array.transpose(1, 2, 0)  # channels first, as tensors have them
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    fits = array.size and (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4)))
    if array.dtype.kind == "f" and fits and array.min() >= 0 and array.max() <= 1:
        array = (array * 255).round().astype(np.uint8)
    if not fits or array.dtype != np.uint8:
        raise PhotoError(
            f"An array of {array.dtype}, {' × '.join(map(str, array.shape))}, is no photo: give "
            "height × width × 3 whole numbers from 0 to 255, or fractions from 0 to 1."
        )
    picture = Image.fromarray(np.ascontiguousarray(array))
    _check(picture, "The photo")
    return upright_rgb(picture)


def _check(image: Image.Image, name: str) -> None:
    """Raises `PhotoError` for what the header already speaks against."""
    if not all(image.size):
        raise PhotoError(f"{name}: {image.width} × {image.height} pixels are no photo.")
    if image.width * image.height > PIXEL_LIMIT:
        raise PhotoError(
            f"{name}: {image.width} × {image.height} pixels are over the limit of 30 million. "
            f"Save it smaller."
        )
    if is_animation(image):
        raise PhotoError(f"{name}: an animation. Save one of its pictures as JPEG or PNG.")


def _reduce(image: Image.Image, scale: float) -> None:
    """Have a JPEG decoded at the least of its scales that is not under `scale`."""
    image.draft("RGB", (ceil(image.width * scale), ceil(image.height * scale)))


def upright_rgb(image: Image.Image) -> Image.Image:
    """`image` turned as its metadata says, in RGB (sRGB); transparency becomes white."""
    image = standard_rgb(ImageOps.exif_transpose(image))
    if image.mode == "RGBA":
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image


def standard_rgb(picture: Image.Image) -> Image.Image:
    """The picture in sRGB: in mode RGB, or RGBA where anything is transparent.

    The catalog stores photos by the same rule, so one photo has one text. Phones and cameras
    store wider colours, which look dull without their profile.
    """
    return _plain_mode(_standard_colours(picture))


def _standard_colours(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "RGBA", "CMYK"):
        return picture
    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            outputMode=target,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return picture  # a profile that cannot be used is the same as none
    if converted is None:
        return picture
    converted.info.pop("icc_profile", None)  # it is in sRGB now, and need not be converted again
    return converted


def _plain_mode(picture: Image.Image) -> Image.Image:
    """In RGB, or RGBA where anything is transparent; what is so already is not copied."""
    if picture.mode == "RGB" and "transparency" not in picture.info:
        return picture
    if picture.mode.startswith("I"):  # 16 bits a pixel: `convert` would clip, not scale
        grey = picture.convert("I").point(lambda value: value * (1 / 256) + 0)
        return grey.convert("L").convert("RGB")
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("RGB")
    picture = picture.convert("RGBA")
    if picture.getchannel("A").getextrema() == (255, 255):
        return picture.convert("RGB")
    return picture
