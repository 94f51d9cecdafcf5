"""How far one colour is from another, as people see it: navy for black is a smaller slip than red.

Distances are ΔE of CIE 1976, the Euclidean distance in CIELAB; about 2.3 can just be seen.
"""

import math
from functools import cache

from PIL import Image, ImageCms

#: Label → sRGB. Medians of the items' middles in training photos, cut out of their grounds, for
#: labels of which at least five photos showed them. "Multi" is no one colour.
REFERENCES = {
    "Beige": "#c9b495",
    "Black": "#2a2b30",
    "Blue": "#6292b9",
    "Bronze": "#87715a",
    "Brown": "#6a5345",
    "Charcoal": "#535457",
    "Coffee Brown": "#534e45",
    "Copper": "#7d7775",
    "Cream": "#e7ddd1",
    "Gold": "#b7a57a",
    "Green": "#80bb8a",
    "Grey": "#948c88",
    "Grey Melange": "#a2b4a9",
    "Khaki": "#958a7c",
    "Lavender": "#d2b7cc",
    "Magenta": "#b53977",
    "Maroon": "#913d4a",
    "Mustard": "#e3b96f",
    "Navy Blue": "#414654",
    "Off White": "#ddd3bf",
    "Olive": "#686a58",
    "Orange": "#ea8c56",
    "Peach": "#f59194",
    "Pink": "#e79baf",
    "Purple": "#886a8e",
    "Red": "#bf4249",
    "Silver": "#c1beb8",
    "Skin": "#d5b49f",
    "Steel": "#9fa1a3",
    "Tan": "#9b7058",
    "Teal": "#48947d",
    "Turquoise Blue": "#75afb1",
    "White": "#dfdddd",
    "Yellow": "#e5d06d",
}


def colour_difference(one: str, other: str) -> float | None:
    """ΔE between two colour labels; `None` where one of them has no reference."""
    if one not in REFERENCES or other not in REFERENCES:
        return None
    return math.dist(cielab(REFERENCES[one]), cielab(REFERENCES[other]))


@cache
def cielab(colour: str) -> tuple[float, float, float]:
    """L (0 to 100), a and b (−128 to 127) of an sRGB colour such as "#2a2b30"."""
    pixel = Image.new("RGB", (1, 1), colour)
    found = ImageCms.applyTransform(pixel, _to_cielab())
    if found is None:  # only where it converts in place
        raise ValueError(f"{colour} was not converted.")
    lightness, a, b = found.tobytes()
    return lightness * 100 / 255, _signed(a), _signed(b)


@cache
def _to_cielab() -> ImageCms.ImageCmsTransform:
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.buildTransform(srgb, lab, "RGB", "LAB")


def _signed(byte: int) -> float:
    """Pillow stores a and b as bytes of two's complement."""
    return float(byte - 256 if byte > 127 else byte)
