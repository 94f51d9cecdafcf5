"""The colour labels, an sRGB anchor for each, and small moves around an anchor.

Moves happen in the Oklab space, where equal steps look equally large, so that a jittered
navy never reads as black and a jittered beige never reads as white.
"""

import random
from functools import lru_cache

import numpy as np

Colour = tuple[float, float, float]
"""Red, green and blue of sRGB, each from 0.0 to 1.0."""

ANCHORS: dict[str, tuple[int, int, int]] = {
    "Black": (30, 30, 33),
    "White": (245, 245, 243),
    "Grey": (138, 140, 143),
    "Navy Blue": (29, 42, 88),
    "Blue": (42, 104, 192),
    "Red": (203, 33, 42),
    "Green": (46, 128, 70),
    "Yellow": (245, 204, 52),
    "Orange": (237, 120, 34),
    "Pink": (241, 152, 182),
    "Purple": (114, 62, 146),
    "Brown": (112, 72, 44),
    "Beige": (217, 197, 163),
    "Maroon": (112, 22, 42),
}
"""The middle of each colour family, as sRGB from 0 to 255."""

COLOURS: tuple[str, ...] = tuple(ANCHORS)

_LARGEST_JITTER = 0.045
_JITTER_SHARE_OF_GAP = 0.28
_NEUTRALS = ("Black", "White", "Grey", "Beige")

_TO_CONE = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def anchor(colour: str) -> Colour:
    """Return the anchor of a colour label as floats from 0.0 to 1.0."""
    red, green, blue = ANCHORS[colour]
    return red / 255, green / 255, blue / 255


def to_oklab(colour: Colour) -> np.ndarray:
    """Return lightness (0 to 1) and the two opponent axes of an sRGB colour."""
    encoded = np.asarray(colour, dtype=np.float64)
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return np.asarray(_TO_OKLAB @ np.cbrt(_TO_CONE @ linear))


def from_oklab(oklab: np.ndarray) -> Colour:
    """Return the sRGB colour of an Oklab triple, clipped into the displayable range."""
    cones = (np.linalg.inv(_TO_OKLAB) @ oklab) ** 3
    linear = np.clip(np.linalg.inv(_TO_CONE) @ cones, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = (float(channel) for channel in np.clip(encoded, 0.0, 1.0))
    return red, green, blue


def distance(first: Colour, second: Colour) -> float:
    """Return how different two colours look (0 is equal, black to white is about 1)."""
    return float(np.linalg.norm(to_oklab(first) - to_oklab(second)))


def jittered(colour: str, dice: random.Random) -> Colour:
    """Return a colour near the label's anchor, well inside the border to the next family."""
    middle = anchor(colour)
    gap = min(distance(middle, anchor(other)) for other in COLOURS if other != colour)
    radius = min(_LARGEST_JITTER, gap * _JITTER_SHARE_OF_GAP)
    direction = np.array([dice.gauss(0, 1) for _ in range(3)])
    direction *= radius * dice.random() / max(float(np.linalg.norm(direction)), 1e-9)
    # Neutrals change name with the slightest tint, so they move mostly in lightness.
    direction[1:] *= 0.2 if colour in _NEUTRALS else 0.7
    return from_oklab(to_oklab(middle) + direction)


def shifted(colour: Colour, lightness: float) -> Colour:
    """Return the colour with its Oklab lightness moved by this much (-1.0 to 1.0)."""
    oklab = to_oklab(colour)
    oklab[0] = min(0.985, max(0.12, oklab[0] + lightness))
    return from_oklab(oklab)


def mixed(first: Colour, second: Colour, share: float) -> Colour:
    """Return the two colours blended, with `share` (0.0 to 1.0) of the second."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


@lru_cache(maxsize=512)
def lightness(colour: Colour) -> float:
    """Return the Oklab lightness of a colour, from 0.0 (black) to 1.0 (white)."""
    return float(to_oklab(colour)[0])
