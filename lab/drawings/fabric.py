"""What a surface is made of: its colours, its pattern and its fine texture."""

from dataclasses import dataclass, replace

import numpy as np

from lab.drawings.colours import Colour, lightness, mixed, shifted

_TEXTURE_PERIODS = {"rib": 0.013, "knit": 0.0125, "twill": 0.0065}


@dataclass(frozen=True)
class Cloth:
    """A surface; lengths are in design units (the picture is 1.0 wide), angles in radians."""

    ground: Colour
    accent: Colour = (1.0, 1.0, 1.0)
    pattern: str = "Solid"
    period: float = 0.06
    angle: float = 0.0
    duty: float = 0.35
    texture: str = "jersey"
    gloss: float = 0.0

    def turned(self, angle: float) -> "Cloth":
        """Return the cloth with its pattern turned further, as on a sleeve."""
        return replace(self, angle=self.angle + angle)

    def plain(self, lightness_step: float = 0.0) -> "Cloth":
        """Return the cloth without its pattern, lighter or darker by this step."""
        return replace(self, pattern="Solid", ground=shifted(self.ground, lightness_step))

    def thread(self) -> Colour:
        """Return a stitching colour that can be seen on this cloth without shouting."""
        if lightness(self.ground) < 0.45:
            return shifted(self.ground, 0.2)
        return mixed(self.ground, shifted(self.ground, -0.35), 0.8)


def _soft_band(phase: np.ndarray, duty: float, softness: float) -> np.ndarray:
    """Return 1 in a band of `duty` share around whole phases, with edges of this softness."""
    distance = np.abs(phase - np.round(phase))
    bars: np.ndarray = np.clip((duty / 2 - distance) / max(softness, 1e-4) + 0.5, 0.0, 1.0)
    return bars


def _pattern_weight(cloth: Cloth, x: np.ndarray, y: np.ndarray, pixel: float) -> np.ndarray:
    """Return the share of the accent colour at each place, from 0.0 to 1.0."""
    softness = pixel / cloth.period
    along, across = x / cloth.period, y / cloth.period
    if cloth.pattern == "Striped":
        return _soft_band(across, cloth.duty, softness)
    if cloth.pattern == "Dotted":
        row = np.round(across)
        shift = 0.5 * np.mod(row, 2)
        column = np.round(along - shift) + shift
        radius = np.hypot(along - column, across - row)
        return np.clip((cloth.duty * 0.62 - radius) / softness + 0.5, 0.0, 1.0)
    if cloth.pattern == "Checked":
        bars = _soft_band(along, cloth.duty, softness) + _soft_band(across, cloth.duty, softness)
        fine = _soft_band(along + 0.5, 0.07, softness) + _soft_band(across + 0.5, 0.07, softness)
        weave: np.ndarray = np.clip(bars * 0.47 + fine * 0.35, 0.0, 0.94)
        return weave
    raise ValueError(f"no drawing for the pattern {cloth.pattern!r}")


def woven(cloth: Cloth, x: np.ndarray, y: np.ndarray, pixel: float) -> np.ndarray:
    """Return the unlit colours (height, width, 3) of a cloth at design places x, y.

    `pixel` is the width of one pixel in design units; pattern edges are softened by it.
    """
    ground = np.asarray(cloth.ground, dtype=np.float32)
    if cloth.pattern == "Solid":
        return np.broadcast_to(ground, (*x.shape, 3))
    cosine, sine = np.float32(np.cos(cloth.angle)), np.float32(np.sin(cloth.angle))
    along, across = x * cosine + y * sine, y * cosine - x * sine
    weight = _pattern_weight(cloth, along, across, pixel)[..., None].astype(np.float32)
    return ground + (np.asarray(cloth.accent, dtype=np.float32) - ground) * weight


def texture(cloth: Cloth, x: np.ndarray, y: np.ndarray, pixel: float) -> np.ndarray | float:
    """Return the fine light and dark of the weave, around 0.0, for design places x, y.

    A weave finer than about three pixels would only shimmer, so it fades out with `pixel`.
    """
    period = _TEXTURE_PERIODS.get(cloth.texture)
    if period is None:
        return 0.0
    return _grain(cloth, x, y, period) * min(1.0, max(0.0, period / pixel / 2 - 0.9))


def _grain(cloth: Cloth, x: np.ndarray, y: np.ndarray, period: float) -> np.ndarray:
    """Return the weave at full strength."""
    cosine, sine = np.float32(np.cos(cloth.angle)), np.float32(np.sin(cloth.angle))
    if cloth.texture == "rib":
        return 0.075 * np.sin((x * cosine + y * sine) * np.float32(2 * np.pi / period))
    if cloth.texture == "knit":
        along, across = x * cosine + y * sine, y * cosine - x * sine
        rows = np.sin(along * np.float32(2 * np.pi / period))
        loops = np.sin((across + 0.0022 * rows) * np.float32(2 * np.pi / (0.85 * period)))
        return 0.026 * rows + 0.03 * loops * (0.6 + 0.4 * rows)
    return 0.022 * np.sin((x + 0.6 * y) * np.float32(2 * np.pi / period))
