"""Tells SKU and number from a photo's file name: `shirt.jpg`, `shirt_1.jpg`, `shirt_2.jpg`."""

import re
from pathlib import PurePath

#: `shirt_2.jpg` is another photo of `shirt`. Up to two digits: `IMG_2024` is a name of its own.
_PHOTO_NUMBER = re.compile(r"(?P<sku>.+)_(?P<number>\d{1,2})")
_NOT_IN_A_SKU = re.compile(r"[^A-Za-z0-9._-]+")


def photo_name_parts(name: str) -> tuple[str, int]:
    """The stem without its number, and the number; -1 for the photo without one, which is first."""
    stem = PurePath(name).stem
    match = _PHOTO_NUMBER.fullmatch(stem)
    return (match["sku"], int(match["number"])) if match else (stem, -1)


def sku_of(text: str) -> str:
    """`text` with whatever a SKU cannot hold turned into dashes; empty if nothing is left."""
    return _NOT_IN_A_SKU.sub("-", text).strip("-._")


def words_of(stem: str) -> str:
    """A title for a product of which only a file name is known."""
    return " ".join(re.split(r"[\s_-]+", stem)).strip() or stem


def readable(name: str) -> str:
    """A file name that is not UTF-8 on the disk can neither be stored nor shown as it is."""
    return name.encode(errors="replace").decode()
