"""Opening photo files: three formats, recognised by content, upright, in RGB."""

import warnings
from math import ceil
from pathlib import Path

from PIL import Image, ImageOps

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
    """`image` turned as its metadata says, in RGB; transparency becomes white."""
    image = ImageOps.exif_transpose(image)
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        image = Image.alpha_composite(white, layer)
    return image.convert("RGB")
