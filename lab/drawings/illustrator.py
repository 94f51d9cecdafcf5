"""Turns a specification into a picture: cloths, pose, the right drawing, the white ground."""

import math
import random
from collections.abc import Callable

from PIL import Image

from lab.drawings.bags import draw_backpack, draw_handbag
from lab.drawings.boots import draw_boot
from lab.drawings.canvas import Canvas
from lab.drawings.caps import draw_cap
from lab.drawings.colours import Colour, anchor, jittered, lightness, shifted
from lab.drawings.dresses_and_skirts import draw_dress, draw_skirt
from lab.drawings.fabric import Cloth
from lab.drawings.jackets import draw_jacket
from lab.drawings.placement import Pose
from lab.drawings.sandals import draw_sandal
from lab.drawings.scene import Scene
from lab.drawings.specification import DrawingSpecification
from lab.drawings.tops import draw_shirt, draw_sweater, draw_tshirt
from lab.drawings.trainers import draw_trainer
from lab.drawings.trousers import draw_jeans, draw_shorts, draw_trousers

_DRAWERS: dict[str, Callable[[Scene], None]] = {
    "Tshirts": draw_tshirt,
    "Shirts": draw_shirt,
    "Dresses": draw_dress,
    "Skirts": draw_skirt,
    "Trousers": draw_trousers,
    "Jeans": draw_jeans,
    "Shorts": draw_shorts,
    "Sweaters": draw_sweater,
    "Jackets": draw_jacket,
    "Sports Shoes": draw_trainer,
    "Boots": draw_boot,
    "Sandals": draw_sandal,
    "Handbags": draw_handbag,
    "Backpacks": draw_backpack,
    "Caps": draw_cap,
}
_STANDING = ("Sports Shoes", "Boots", "Sandals", "Handbags", "Backpacks", "Caps")
_MAY_FACE_LEFT = ("Sports Shoes", "Boots", "Sandals", "Caps")
_NARROW = ("Dresses", "Trousers", "Jeans")
_PORTRAIT_ZOOM_OF_NARROW = 1.28
_SMALLEST_SIZE = 16
_FINE_BELOW = 512
"""Smaller pictures are drawn at twice their size, so that seams and stitches survive."""


def draw(
    specification: DrawingSpecification, size: int = 512, *, portrait: bool = False
) -> Image.Image:
    """Return the product on white as an RGB picture; equal arguments give equal pixels.

    The picture is `size` pixels square or, with `portrait`, `size` high and three quarters as
    wide. Raises ValueError for a size below 16.
    """
    if size < _SMALLEST_SIZE:
        raise ValueError(f"size must be at least {_SMALLEST_SIZE} pixels, not {size}")
    dice = random.Random(f"{specification.seed}/{specification.product_type}")
    width = round(size * 0.75) if portrait else size
    fine = 2 if size < _FINE_BELOW else 1
    unit = float(width)
    if portrait and specification.product_type in _NARROW:
        unit *= _PORTRAIT_ZOOM_OF_NARROW
    pose = _random_pose(specification, dice)
    unit *= _closeness(specification)
    canvas = Canvas(width * fine, size * fine, unit * fine, pose, dice.randrange(2**31))
    cloth, trim = _cloths(specification, dice)
    _DRAWERS[specification.product_type](Scene(canvas, cloth, trim, specification.details, dice))
    standing = specification.product_type in _STANDING
    return canvas.finished((width, size), drop=0.12 if standing else 0.3)


def _closeness(specification: DrawingSpecification) -> float:
    """Return how much nearer a small product is shown, so that it fills its picture too."""
    labels = specification.details
    if specification.product_type == "Shorts":
        return 1.28
    if labels.get("height") == "Ankle":
        return 1.2
    if labels.get("length") == "Mini":
        return 1.22 if specification.product_type == "Skirts" else 1.1
    return 1.0


def _random_pose(specification: DrawingSpecification, dice: random.Random) -> Pose:
    """Return a small turn, shift and change of size; shoes and caps at times face left."""
    face_left = dice.random() < 0.2 and specification.product_type in _MAY_FACE_LEFT
    turn = 1.5 if specification.product_type in _STANDING else 3.0
    return Pose(
        scale=dice.uniform(0.9, 1.02),
        angle=math.radians(dice.uniform(-turn, turn)),
        shift_x=dice.uniform(-0.015, 0.015),
        shift_y=dice.uniform(-0.015, 0.015),
        flipped=face_left,
        wobble=dice.uniform(0.0, 0.005),
        wobble_phase=dice.uniform(0.0, 6.0),
    )


def _cloths(specification: DrawingSpecification, dice: random.Random) -> tuple[Cloth, Cloth]:
    """Return the main cloth with its pattern, and a plain trim that goes with it."""
    ground = jittered(specification.colour, dice)
    second = specification.second_colour
    accent = jittered(second, dice) if second else _quiet_accent(ground, dice)
    period, angle, duty = _pattern_measures(specification, dice)
    cloth = Cloth(
        ground=ground,
        accent=accent,
        pattern=specification.pattern,
        period=period,
        angle=angle,
        duty=duty,
    )
    trim = Cloth(ground=accent if second else _quiet_accent(ground, dice))
    return cloth, trim


def _pattern_measures(
    specification: DrawingSpecification, dice: random.Random
) -> tuple[float, float, float]:
    """Return the period (design units), the angle (radians) and the accent's share."""
    small = specification.product_type in _STANDING
    if specification.pattern == "Striped":
        upright = specification.product_type in ("Shirts", "Trousers", "Jeans", "Shorts")
        angle = math.pi / 2 if upright and dice.random() < 0.75 else 0.0
        period = dice.uniform(0.03, 0.05) if angle else dice.uniform(0.045, 0.1)
        return period, angle, dice.uniform(0.25, 0.42)
    if specification.pattern == "Dotted":
        return dice.uniform(0.035, 0.06), 0.0, dice.uniform(0.3, 0.42)
    period = dice.uniform(0.045, 0.07) if small else dice.uniform(0.05, 0.1)
    return period, 0.0, dice.uniform(0.24, 0.36)


def _quiet_accent(ground: Colour, dice: random.Random) -> Colour:
    """Return white, near black or a shade of the ground: whatever can be seen on it."""
    level = lightness(ground)
    if level > 0.85:
        return dice.choice([(0.62, 0.64, 0.67), (0.2, 0.22, 0.28), shifted(ground, -0.2)])
    if level < 0.4:
        return dice.choice([anchor("White"), (0.6, 0.61, 0.63), shifted(ground, 0.22)])
    return dice.choice([anchor("White"), anchor("White"), shifted(ground, -0.22)])
