"""What a drawing shows, in the labels of a retailer's catalog, and how to pick one at random."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lab.drawings.colours import COLOURS, anchor, distance

PATTERNS: tuple[str, ...] = ("Solid", "Striped", "Dotted", "Checked")

_SLEEVES = ("Short Sleeves", "Long Sleeves", "Sleeveless")
_LENGTHS = ("Mini", "Knee Length", "Maxi")

DETAIL_LABELS: dict[str, dict[str, tuple[str, ...]]] = {
    "Tshirts": {
        "sleeve_length": _SLEEVES,
        "neck": ("Round Neck", "V-Neck", "Polo Neck"),
    },
    "Shirts": {
        "sleeve_length": ("Short Sleeves", "Long Sleeves"),
        "collar": ("Spread Collar", "Mandarin Collar"),
        "closure": ("Buttoned",),
        "pocket": ("Chest Pocket", "No Pocket"),
    },
    "Dresses": {
        "sleeve_length": _SLEEVES,
        "neck": ("Round Neck", "V-Neck"),
        "length": _LENGTHS,
        "waist": ("Belted", "Seamed"),
    },
    "Skirts": {"length": _LENGTHS, "shape": ("A-Line", "Pencil", "Pleated")},
    "Trousers": {"fit": ("Slim", "Straight", "Wide"), "front": ("Flat Front", "Creased")},
    "Jeans": {"fit": ("Slim", "Straight"), "closure": ("Buttoned",)},
    "Shorts": {"fit": ("Regular", "Loose"), "closure": ("Drawstring", "Buttoned")},
    "Sweaters": {
        "sleeve_length": ("Long Sleeves",),
        "neck": ("Round Neck", "V-Neck", "Turtle Neck"),
        "knit": ("Plain", "Ribbed", "Cable"),
    },
    "Jackets": {
        "sleeve_length": ("Long Sleeves",),
        "collar": ("Stand Collar", "Shirt Collar", "Hooded"),
        "closure": ("Zip", "Buttoned"),
    },
    "Sports Shoes": {"ankle": ("Low Top", "High Top"), "closure": ("Lace-Up",)},
    "Boots": {
        "height": ("Ankle", "Mid Calf", "Knee High"),
        "closure": ("Lace-Up", "Slip-On", "Zip"),
    },
    "Sandals": {"straps": ("Thong", "Slide", "Ankle Strap")},
    "Handbags": {"shape": ("Tote", "Satchel", "Hobo"), "closure": ("Clasp", "Open", "Zip")},
    "Backpacks": {"closure": ("Zip",)},
    "Caps": {"peak": ("Curved Peak", "Flat Peak"), "panels": ("Plain", "Contrast Peak")},
}
"""For each product type, the details a drawing can show and the labels of each."""

PRODUCT_TYPES: tuple[str, ...] = tuple(DETAIL_LABELS)

_CLOSURE_OF_BAG = {"Tote": "Open", "Satchel": "Clasp", "Hobo": "Zip"}
_SMALLEST_CONTRAST = 0.28
_PATTERN_SHARES = (0.4, 0.24, 0.18, 0.18)
_PLAIN_TYPES = ("Sports Shoes", "Boots", "Sandals", "Handbags", "Backpacks", "Caps", "Jeans")
_PLAIN_PATTERN_SHARES = (0.79, 0.07, 0.07, 0.07)


@dataclass(frozen=True)
class DrawingSpecification:
    """One drawing: its labels, and the seed for everything the labels leave open.

    `second_colour` is the label of the pattern's colour, or None for a solid product.
    """

    product_type: str
    colour: str
    pattern: str = "Solid"
    second_colour: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse unknown labels with a ValueError that names the allowed ones."""
        _check("product type", self.product_type, PRODUCT_TYPES)
        _check("colour", self.colour, COLOURS)
        _check("pattern", self.pattern, PATTERNS)
        if self.second_colour is not None:
            _check("second colour", self.second_colour, COLOURS)
        for name, label in self.details.items():
            choices = DETAIL_LABELS[self.product_type]
            _check(f"detail of {self.product_type}", name, tuple(choices))
            _check(f"{name} of {self.product_type}", label, choices[name])

    @property
    def retail_type(self) -> str:
        """Return the product type that a retailer states: a sandal with a thong is a flip-flop."""
        return "Flip Flops" if self.details.get("straps") == "Thong" else self.product_type


def random_specification(
    generator: random.Random,
    product_type: str | None = None,
    colour: str | None = None,
    pattern: str | None = None,
) -> DrawingSpecification:
    """Return a random drawing; labels that are given are kept.

    Raises ValueError, naming the allowed labels, for a label that is not known.
    """
    product_type = product_type if product_type is not None else generator.choice(PRODUCT_TYPES)
    _check("product type", product_type, PRODUCT_TYPES)
    colour = colour if colour is not None else generator.choice(COLOURS)
    _check("colour", colour, COLOURS)
    if pattern is None:
        shares = _PLAIN_PATTERN_SHARES if product_type in _PLAIN_TYPES else _PATTERN_SHARES
        pattern = generator.choices(PATTERNS, shares)[0]
    _check("pattern", pattern, PATTERNS)
    return DrawingSpecification(
        product_type=product_type,
        colour=colour,
        pattern=pattern,
        second_colour=None if pattern == "Solid" else _second_colour(colour, generator),
        details=_random_details(product_type, generator),
        seed=generator.randrange(2**31),
    )


def contrasting_colours(colour: str) -> tuple[str, ...]:
    """Return the labels that can be distinguished from this colour in a pattern."""
    ground = anchor(colour)
    return tuple(label for label in COLOURS if distance(ground, anchor(label)) > _SMALLEST_CONTRAST)


def _second_colour(colour: str, generator: random.Random) -> str:
    """Return a pattern colour: mostly white, black or beige, at times any contrasting one."""
    contrasting = contrasting_colours(colour)
    quiet = [
        label for label in ("White", "White", "Black", "Navy Blue", "Beige") if label in contrasting
    ]
    return generator.choice(quiet if generator.random() < 0.75 else contrasting)


def _random_details(product_type: str, generator: random.Random) -> dict[str, str]:
    details = {
        name: generator.choice(labels) for name, labels in DETAIL_LABELS[product_type].items()
    }
    if product_type == "Handbags":
        details["closure"] = _CLOSURE_OF_BAG[details["shape"]]
    if details.get("collar") == "Hooded":
        details["closure"] = "Zip"
    return details


def _check(kind: str, label: str, allowed: Sequence[str]) -> None:
    if label not in allowed:
        raise ValueError(f"unknown {kind} {label!r}; allowed: {', '.join(allowed)}")
