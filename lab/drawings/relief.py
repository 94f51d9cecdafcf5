"""How light falls on a soft thing: a low height field of folds, lit from the upper left.

Folds are smooth, so the field is worked out on a coarse grid and enlarged at the end.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from lab.drawings.curves import Points, band, mirrored, resampled

_COARSE_SIDE = 144
_FINE = 3
"""Folds are drawn this many times finer than the coarse grid, so that none has steps."""
_LIGHT_X, _LIGHT_Y = 0.62, 0.78
_SHARP_WIDTH = 0.022


@dataclass(frozen=True)
class Fold:
    """A tapering ridge along a curve, in design units; a negative height makes a crease."""

    line: Points
    width: float
    height: float = 1.0

    def mirrored(self) -> "Fold":
        """Return the fold reflected left to right."""
        return replace(self, line=mirrored(self.line))


@dataclass(frozen=True)
class Relief:
    """Everything that makes a surface not flat; lengths are in design units.

    `roundness` swells the piece over a rim `reach` wide, `edge` darkens that rim, `noise` adds
    random soft folds on a lattice of (columns, rows), `tilt` darkens towards the bottom.
    """

    roundness: float = 0.45
    reach: float = 0.05
    edge: float = 0.16
    noise: float = 0.5
    lattice: tuple[int, int] = (4, 4)
    folds: tuple[Fold, ...] = field(default=())
    tilt: float = 0.06


def blurred(values: np.ndarray, radius: float) -> np.ndarray:
    """Return a field of 0.0 to 1.0 after a Gaussian blur of `radius` pixels."""
    image = Image.fromarray(np.uint8(np.clip(values, 0, 1) * 255))
    return np.asarray(image.filter(ImageFilter.GaussianBlur(radius)), dtype=np.float32) / 255


def resized(values: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a field enlarged or shrunk with smooth interpolation."""
    image = Image.fromarray(np.ascontiguousarray(values, dtype=np.float32))
    filter_ = Image.Resampling.BICUBIC if width >= image.width else Image.Resampling.BOX
    return np.asarray(image.resize((width, height), filter_), dtype=np.float32)


def lit(
    mask: np.ndarray,
    relief: Relief,
    unit: float,
    to_pixels: Callable[[Points], Points],
    dice: np.random.Generator,
) -> np.ndarray:
    """Return the light on a piece, about -0.5 (shadow) to 0.4 (shine), in the mask's shape.

    `unit` is the number of mask pixels in a design unit; `to_pixels` maps a design curve into
    the mask. The mask holds the coverage of the piece, from 0.0 to 1.0.
    """
    height, width = mask.shape
    shrink = min(1.0, _COARSE_SIDE / max(height, width))
    columns, rows = max(4, round(width * shrink)), max(4, round(height * shrink))
    coarse_unit = unit * shrink
    # Padding lets the rim of a piece that fills its box fall away to nothing.
    margin = int(relief.reach * coarse_unit) + 2
    coarse = np.pad(resized(mask, columns, rows), margin)
    near = blurred(coarse, relief.reach * coarse_unit * 0.5)[margin:-margin, margin:-margin]
    pillow = np.clip(near * 2 - 1, 0, 1)
    pillow = np.sin(pillow * np.pi / 2)
    field_ = pillow * relief.reach * relief.roundness
    field_ += relief.noise * _random_folds(relief.lattice, (rows, columns), dice) / coarse_unit
    ridges = _fold_field(relief.folds, (rows, columns), to_pixels, unit, shrink)
    field_ += ridges
    slope_y, slope_x = np.gradient(field_ * coarse_unit)
    facing = np.tanh(_LIGHT_X * slope_x + _LIGHT_Y * slope_y)
    down = np.linspace(0.5, -0.5, rows, dtype=np.float32)[:, None]
    light = 0.36 * facing - relief.edge * (1 - pillow) + relief.tilt * down + 1.5 * ridges
    return resized(light, width, height)


def _random_folds(
    lattice: tuple[int, int], shape: tuple[int, int], dice: np.random.Generator
) -> np.ndarray:
    """Return two octaves of smooth noise, in coarse pixels of height."""
    rows, columns = shape
    across, down = lattice
    large = resized(dice.standard_normal((down + 2, across + 2)), columns, rows)
    small = resized(dice.standard_normal((2 * down + 3, 2 * across + 3)), columns, rows)
    cell = min(columns / (across + 1), rows / (down + 1))
    return (0.22 * large + 0.06 * small) * cell


def _fold_field(
    folds: tuple[Fold, ...],
    shape: tuple[int, int],
    to_pixels: Callable[[Points], Points],
    unit: float,
    shrink: float,
) -> np.ndarray:
    """Return the height of all folds, in design units."""
    total = np.zeros(shape, dtype=np.float32)
    for sharp in (False, True):
        chosen = [fold for fold in folds if (fold.width < _SHARP_WIDTH) is sharp]
        if not chosen:
            continue
        # One mid-grey sheet holds ridges (lighter) and creases (darker) of similar width.
        sheet = Image.new("L", (shape[1] * _FINE, shape[0] * _FINE), 128)
        pen = ImageDraw.Draw(sheet)
        for fold in chosen:
            line = resampled(to_pixels(fold.line) * shrink, 16)
            taper = np.sin(np.linspace(0.03, np.pi - 0.03, 16)) ** 0.85
            level = int(128 + 110 * max(-1.0, min(1.0, fold.height)))
            shape_ = band(line, np.maximum(fold.width * unit * shrink * taper, 1.2))
            pen.polygon([(x, y) for x, y in (shape_ * _FINE).tolist()], fill=level)
        mean_width = float(np.mean([fold.width for fold in chosen]))
        radius = max(0.7, mean_width * unit * shrink * 0.4)
        soft = sheet.reduce(_FINE).filter(ImageFilter.GaussianBlur(radius))
        total += (np.asarray(soft, dtype=np.float32) - 128) / 110 * mean_width
    return total
