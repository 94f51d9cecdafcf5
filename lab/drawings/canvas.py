"""A picture made of shaded pieces laid over each other, then set on white with a shadow.

All places and lengths given to a canvas are in design units (see `curves`).
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from lab.drawings.colours import Colour, lightness
from lab.drawings.curves import Points
from lab.drawings.fabric import Cloth, texture, woven
from lab.drawings.placement import Placement, Pose
from lab.drawings.relief import Relief, blurred, lit, resized

_FINE = 4
"""Edges are drawn this many times finer than the canvas, then averaged."""

_LIGHTEST_GROUND = 0.9
Box = tuple[slice, slice]


class Canvas:
    """Holds the colour and coverage of everything laid down so far."""

    def __init__(self, width: int, height: int, unit: float, pose: Pose, seed: int) -> None:
        """Make an empty canvas of `width` by `height` pixels, `unit` pixels to a design unit."""
        self._placement = Placement(width, height, unit, pose)
        self._unit = self._placement.unit
        self._colour = np.ones((height, width, 3), dtype=np.float32)
        self._alpha = np.zeros((height, width), dtype=np.float32)
        self._ground_shade = np.zeros((height, width), dtype=np.float32)
        self._dice = np.random.default_rng(seed)
        self._x, self._y = self._placement.design_places()

    def piece(
        self,
        shape: Points,
        cloth: Cloth,
        relief: Relief | None = None,
        *,
        drop: float = 0.0,
        within: Points | None = None,
        without: Points | None = None,
        shade: float = 0.0,
    ) -> None:
        """Lay down a filled outline.

        `drop` (0.0 to 1.0) casts a soft shadow on what lies below, `within` and `without` clip
        the piece to or from another outline, `shade` darkens (negative) the whole piece.
        """
        relief = relief or Relief()
        found = self._coverage([shape])
        if found is None:
            return
        mask, box = found
        if within is not None:
            mask = mask * self._coverage_in(within, box)
        if without is not None:
            mask = mask * (1 - self._coverage_in(without, box))
        if drop:
            self._cast(mask, box, drop)
        origin = np.array([box[1].start, box[0].start])
        light = lit(
            mask,
            relief,
            self._unit,
            lambda line: self._placement.to_pixels(line) - origin,
            self._dice,
        )
        x, y = self._x[box], self._y[box]
        # A crisp dark rim keeps white things visible on white.
        rim = 1 - np.clip(blurred(mask, max(0.6, 0.0028 * self._unit)) * 2 - 1, 0, 1)
        strength = 0.3 if lightness(cloth.ground) > _LIGHTEST_GROUND else 0.2
        light = light + texture(cloth, x, y, 1 / self._unit) - strength * rim + shade
        colour = _shaded(woven(cloth, x, y, 1 / self._unit), light, cloth)
        self._lay(colour, mask, box)

    def lines(
        self,
        curves: Sequence[Points],
        width: float,
        colour: Colour,
        opacity: float = 1.0,
        *,
        within: Points | None = None,
    ) -> None:
        """Draw thin curves over what is there, without widening the silhouette."""
        found = self._coverage(curves, width)
        if found is None:
            return
        mask, box = found
        if within is not None:
            mask = mask * self._coverage_in(within, box)
        mask = (mask * self._alpha[box] * opacity)[..., None]
        self._colour[box] += (np.asarray(colour, dtype=np.float32) - self._colour[box]) * mask

    def tone(
        self, curves: Sequence[Points], width: float, amount: float, *, soft: float = 0.0
    ) -> None:
        """Darken (negative amount, to -1.0) or lighten what is there along curves."""
        self._tone(self._coverage(curves, width, pad=3 * soft), amount, soft)

    def tone_area(self, shape: Points, amount: float, *, soft: float = 0.0) -> None:
        """Darken or lighten what is there inside an outline."""
        self._tone(self._coverage([shape], pad=3 * soft), amount, soft)

    def ground_shadow(self, shape: Points, amount: float, soft: float) -> None:
        """Darken the white ground under the product, under an outline blurred by `soft`."""
        found = self._coverage([shape], pad=3 * soft)
        if found is None:
            return
        mask, box = found
        self._ground_shade[box] = np.maximum(
            self._ground_shade[box], blurred(mask, soft * self._unit) * amount
        )

    def finished(self, size: tuple[int, int], drop: float) -> Image.Image:
        """Return the picture on white as RGB of `size`, with a contact shadow of this strength."""
        ground = 1 - np.maximum(self._ground_shade, self._contact_shadow() * drop)
        alpha = self._alpha[..., None]
        picture = self._colour * alpha + ground[..., None] * (1 - alpha)
        image = Image.fromarray(np.uint8(np.clip(picture, 0, 1) * 255 + 0.5))
        return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)

    def _coverage(
        self, curves: Sequence[Points], width: float | None = None, pad: float = 0.0
    ) -> tuple[np.ndarray, Box] | None:
        """Return how much of each pixel the outlines (or lines) cover, and where that is."""
        curves = [curve for curve in curves if len(curve) > 1]
        if not curves:
            return None
        everything = self._placement.to_pixels(np.vstack(curves))
        placed = np.split(everything, np.cumsum([len(curve) for curve in curves])[:-1])
        margin = 2 + pad * self._unit + (width or 0.0) * self._unit
        height_limit, width_limit = self._alpha.shape
        left, top = np.floor(everything.min(axis=0) - margin).astype(int).clip(0)
        right, bottom = np.ceil(everything.max(axis=0) + margin).astype(int)
        right, bottom = min(int(right), width_limit), min(int(bottom), height_limit)
        if right - left < 2 or bottom - top < 2:
            return None
        box = (slice(int(top), bottom), slice(int(left), right))
        return self._rasterised(placed, width, box), box

    def _coverage_in(self, shape: Points, box: Box) -> np.ndarray:
        """Return the coverage of an outline inside a given box."""
        return self._rasterised([self._placement.to_pixels(shape)], None, box)

    def _rasterised(self, placed: list[Points], width: float | None, box: Box) -> np.ndarray:
        rows, columns = box
        size = ((columns.stop - columns.start) * _FINE, (rows.stop - rows.start) * _FINE)
        sheet = Image.new("L", size, 0)
        pen = ImageDraw.Draw(sheet)
        origin = np.array([columns.start, rows.start])
        for curve in placed:
            corners = [(x, y) for x, y in ((curve - origin) * _FINE).tolist()]
            if width is None:
                pen.polygon(corners, fill=255)
            else:
                thickness = max(2, round(width * self._unit * _FINE))
                pen.line(corners, fill=255, width=thickness, joint="curve")
        return np.asarray(sheet.reduce(_FINE), dtype=np.float32) / 255

    def _cast(self, mask: np.ndarray, box: Box, amount: float) -> None:
        """Darken what lies around a piece, a little to the lower right of it."""
        reach = 0.012 * self._unit
        pad = int(3 * reach) + 2
        rows, columns = box
        height_limit, width_limit = self._alpha.shape
        wide = (
            slice(max(0, rows.start - pad), min(height_limit, rows.stop + pad)),
            slice(max(0, columns.start - pad), min(width_limit, columns.stop + pad)),
        )
        sheet = np.zeros((wide[0].stop - wide[0].start, wide[1].stop - wide[1].start), np.float32)
        top, left = rows.start - wide[0].start, columns.start - wide[1].start
        sheet[top : top + mask.shape[0], left : left + mask.shape[1]] = mask
        slide = max(1, round(0.006 * self._unit))
        shadow = _slid(blurred(sheet, reach), slide, slide // 2)
        self._tint(-amount * shadow * self._alpha[wide], wide)

    def _tone(self, found: tuple[np.ndarray, Box] | None, amount: float, soft: float) -> None:
        """Darken or lighten what is there by a coverage, blurred by `soft`."""
        if found is None:
            return
        mask, box = found
        if soft:
            mask = blurred(mask, soft * self._unit)
        self._tint(mask * self._alpha[box] * amount, box)

    def _tint(self, amount: np.ndarray, box: Box) -> None:
        """Multiply towards black where negative, blend towards white where positive."""
        amount = amount[..., None]
        below, area = np.minimum(amount, 0), self._colour[box]
        area *= 1 + below
        area += (1 - area) * np.maximum(amount, 0)

    def _lay(self, colour: np.ndarray, mask: np.ndarray, box: Box) -> None:
        """Blend colours over the canvas; straight (not premultiplied) alpha throughout."""
        old_alpha = self._alpha[box]
        new_alpha = mask + old_alpha * (1 - mask)
        share = (mask / np.maximum(new_alpha, 1e-4))[..., None]
        self._colour[box] += (colour - self._colour[box]) * share
        self._alpha[box] = new_alpha

    def _contact_shadow(self) -> np.ndarray:
        """Return a soft shadow of everything, a little below it, from 0.0 to 1.0."""
        height, width = self._alpha.shape
        small = resized(self._alpha, max(8, width // 4), max(8, height // 4))
        unit = self._unit / 4
        near = _slid(blurred(small, 0.008 * unit), round(0.006 * unit), 0)
        far = _slid(blurred(small, 0.022 * unit), round(0.014 * unit), 0)
        shadow = np.clip(0.55 * near + 0.45 * far, 0, 1)
        shadows: np.ndarray = np.clip(resized(shadow, width, height), 0, 1)
        return shadows


def _slid(values: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return the field moved down and right by whole pixels, with nothing moving in."""
    rows, columns = values.shape
    padded = np.pad(values, ((down, 0), (right, 0)))
    return padded[:rows, :columns]


def _shaded(colour: np.ndarray, light: np.ndarray, cloth: Cloth) -> np.ndarray:
    """Return colours under a light: multiplied down in shade, blended to white in shine."""
    light = light[..., None].astype(np.float32)
    # Shade eats the weak channels first, so that yellow deepens to gold and not to olive.
    ground = np.asarray(cloth.ground, dtype=np.float32)
    ratio = ground / max(float(ground.max()), 1e-3)
    depth = 0.95 + 0.5 * (ratio.mean() - ratio)
    shade = 1 + np.clip(light, -0.8, 0) * depth
    shine = np.clip(light, 0, 0.8) * (0.38 + 0.5 * cloth.gloss)
    if lightness(cloth.ground) < 0.35:
        # Shade cannot be seen on near black; a touch more shine shows the folds there.
        shine = shine * 0.8
    lit_colour = colour * shade
    return np.asarray(lit_colour + (1 - lit_colour) * shine)
