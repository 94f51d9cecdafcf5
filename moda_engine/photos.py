"""Opening photo files: three formats, recognised by content, upright, in RGB."""

import warnings
from io import BytesIO
from math import ceil
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from moda_engine.exceptions import PhotoError

FORMATS = ("JPEG", "PNG", "WEBP")
PIXEL_LIMIT = 30_000_000


def open_photo(
    path: Path | str, longest_side: int | None = None, shortest_side: int | None = None
) -> Image.Image:
    """The photo in `path`, upright, in RGB, transparent parts on white.

    Args:
        longest_side: pixels that are enough; a JPEG is then decoded at a reduced scale.
        shortest_side: the same, of the other side; give one of them.

    Raises `PhotoError` when the file is missing, is no JPEG, PNG or WebP, is truncated, or has
    over 30 million pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as image:
                _check_pixels(image, str(path))
                if longest_side is not None:
                    _reduce(image, longest_side / max(image.size))
                if shortest_side is not None:
                    _reduce(image, shortest_side / min(image.size))
                return upright_rgb(image)
    except FileNotFoundError as error:
        raise PhotoError(f"{path}: there is no such file.") from error
    except PhotoError:
        raise
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombWarning) as error:
        raise PhotoError(f"{path}: not a readable JPEG, PNG or WebP photo ({error}).") from error


def _check_pixels(image: Image.Image, name: str) -> None:
    if image.width * image.height > PIXEL_LIMIT:
        raise PhotoError(
            f"{name}: {image.width} × {image.height} pixels are over the limit of 30 million."
        )


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
    return converted or picture


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
