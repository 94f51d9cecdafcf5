"""Where a design lies in the picture: from design units to pixels and back."""

import math
from dataclasses import dataclass

import numpy as np

from lab.drawings.curves import Points


@dataclass(frozen=True)
class Pose:
    """How the design lies in the picture; lengths in design units, the angle in radians."""

    scale: float = 1.0
    angle: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    flipped: bool = False
    wobble: float = 0.0
    wobble_phase: float = 0.0


class Placement:
    """Maps between design units and the pixels of one picture."""

    def __init__(self, width: int, height: int, unit: float, pose: Pose) -> None:
        """Place a design in `width` by `height` pixels, `unit` pixels to a design unit."""
        self.unit = unit * pose.scale
        self._size = (width, height)
        self._pose = pose
        self._cosine, self._sine = math.cos(pose.angle), math.sin(pose.angle)
        self._middle = np.array([width / 2 + pose.shift_x * unit, height / 2 + pose.shift_y * unit])

    def to_pixels(self, points: Points) -> Points:
        """Map design places to pixels: wobble, flip, turn, scale, move."""
        x, y = points[:, 0] - 0.5, points[:, 1] - 0.5
        wobble, phase = self._pose.wobble, self._pose.wobble_phase
        x, y = (
            x + wobble * (np.sin(7 * y + phase) + 0.5 * np.sin(13 * y - 5 * x + 2 * phase)),
            y + wobble * (np.sin(6 * x + 3 * phase) + 0.5 * np.sin(11 * x + 4 * y - phase)),
        )
        x = -x if self._pose.flipped else x
        turned = [x * self._cosine - y * self._sine, x * self._sine + y * self._cosine]
        return np.asarray(np.stack(turned, axis=1) * self.unit + self._middle)

    def design_places(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the design x and y of every pixel, without the wobble."""
        width, height = self._size
        pixel_x = np.arange(width, dtype=np.float32)[None, :] + 0.5 - self._middle[0]
        pixel_y = np.arange(height, dtype=np.float32)[:, None] + 0.5 - self._middle[1]
        x = (pixel_x * self._cosine + pixel_y * self._sine) / self.unit
        y = (pixel_y * self._cosine - pixel_x * self._sine) / self.unit
        x = -x if self._pose.flipped else x
        return (x + 0.5).astype(np.float32), (y + 0.5).astype(np.float32)
