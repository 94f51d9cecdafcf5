"""What every garment's drawing needs at hand: the canvas, the cloths, the details, the dice."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.drawings.canvas import Canvas
from lab.drawings.colours import Colour
from lab.drawings.curves import Place, Points, dashes, moved, offset, outline, smooth
from lab.drawings.fabric import Cloth
from lab.drawings.relief import Fold


@dataclass(frozen=True)
class Scene:
    """One product being drawn. `cloth` is its main surface, `trim` a second, plain one."""

    canvas: Canvas
    cloth: Cloth
    trim: Cloth
    details: Mapping[str, str]
    dice: random.Random

    def detail(self, name: str, default: str = "") -> str:
        """Return the label of a detail, or the default where the specification is silent."""
        return self.details.get(name, default)

    def between(self, low: float, high: float) -> float:
        """Return a random number in a range."""
        return self.dice.uniform(low, high)

    def seam(self, curves: Sequence[Points], strength: float = 1.0) -> None:
        """Draw sewn joins: a fine dark groove with a thin lit lip beside it."""
        self.canvas.tone(curves, 0.0075, -0.13 * strength, soft=0.003)
        self.canvas.tone(curves, 0.0026, -0.34 * strength)
        lips = [offset(curve, -0.0032) for curve in curves]
        self.canvas.tone(lips, 0.002, 0.12 * strength)

    def stitch(
        self, curves: Sequence[Points], colour: Colour | None = None, opacity: float = 0.75
    ) -> None:
        """Draw rows of stitches in the cloth's own thread, or in a given colour."""
        rows = [dash for curve in curves for dash in dashes(curve)]
        self.canvas.lines(rows, 0.0023, colour or self.cloth.thread(), opacity)

    def fold(self, places: Sequence[Place], width: float, height: float = 1.0) -> Fold:
        """Return a fold along a smooth curve, moved and sized a little at random."""
        loose = [(x + self.between(-0.01, 0.01), y + self.between(-0.01, 0.01)) for x, y in places]
        return Fold(smooth(loose), width * self.between(0.8, 1.25), height * self.between(0.7, 1.1))

    def stand_on_ground(self, left: float, right: float, y: float) -> None:
        """Draw the shadow of a product that stands at height y, between two places."""
        wide = outline(
            [(left, y), (0.5, y - 0.014), (right, y)], [(right, y), (0.5, y + 0.03), (left, y)]
        )
        self.canvas.ground_shadow(wide, 0.34, 0.016)
        self.canvas.ground_shadow(moved(wide, 0.0, 0.006), 0.16, 0.04)

    def both_sides(self, places: Sequence[Place], width: float, height: float = 1.0) -> list[Fold]:
        """Return a fold and its mirror image about the middle, each varied on its own."""
        other = [(1 - x, y) for x, y in places]
        return [self.fold(places, width, height), self.fold(other, width, height)]
