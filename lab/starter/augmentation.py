"""Random views of a batch of pictures, as tensors: cheap, and safe for colour.

Hue is never touched: a blue shirt must stay blue.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from lab.starter.cut_outs import item_masks, made_grounds
from moda_engine.parts.wheels import LITE_MEAN, LITE_STD


def as_floats(pictures: Tensor) -> Tensor:
    """(batch, side, side, 3) bytes → (batch, 3, side, side), 0 to 1."""
    return pictures.permute(0, 3, 1, 2).float() / 255


def random_views(
    pictures: Tensor, side: int, generator: torch.Generator, on_grounds: Tensor | None = None
) -> Tensor:
    """Flipped, shifted, scaled, slightly turned and relit views.

    Args:
        pictures: (batch, 3, stored, stored), 0 to 1, on white.
        side: pixels a side of the views.
        on_grounds: (batch,) of booleans: pictures to put on another ground, if they can be cut out.

    Returns (batch, 3, side, side), `normalised`; outside the picture is white, or its other ground.
    """
    grid = _random_grid(len(pictures), side, generator)
    # White outside: sample 1 - picture, whose outside is zero.
    views = 1 - nn.functional.grid_sample(1 - pictures, grid, align_corners=False)
    if on_grounds is not None and on_grounds.any():
        rows = on_grounds.nonzero().flatten()
        masks, cut = item_masks(pictures[rows])
        rows = rows[cut]
        items = nn.functional.grid_sample(masks[cut], grid[rows], align_corners=False)
        grounds = made_grounds(len(rows), side, generator)
        views = views.index_copy(0, rows, grounds.lerp(views[rows], items))
    light = torch.rand(2, len(pictures), 1, 1, 1, generator=generator)
    gain, bias = 0.88 + 0.24 * light[0], 0.1 * light[1] - 0.05
    return normalised((views * gain + bias).clamp(0, 1))


def _random_grid(count: int, side: int, generator: torch.Generator) -> Tensor:
    """Where each pixel of a view is looked up in its picture, (count, side, side, 2)."""

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=generator) * (high - low) + low

    scale = uniform(0.75, 1.1)  # under 1 enlarges
    angle = uniform(-10.0, 10.0) * (math.pi / 180)
    stretch = uniform(0.9, 1.1)
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    cosine, sine = scale * angle.cos(), scale * angle.sin()
    matrix = torch.stack(
        [
            torch.stack([flip * cosine * stretch, -sine, uniform(-0.14, 0.14)], 1),
            torch.stack([flip * sine * stretch, cosine, uniform(-0.14, 0.14)], 1),
        ],
        1,
    )  # (count, 2, 3)
    return nn.functional.affine_grid(matrix, [count, 3, side, side], align_corners=False)


@dataclass(frozen=True)
class Mixture:
    """Views of which each holds a share of another of the same batch."""

    views: Tensor
    #: Rows of the others, (batch,).
    partners: Tensor
    #: Of the picture itself, 0 to 1; the other's is what is left.
    share: float


def mixed(views: Tensor, generator: torch.Generator) -> Mixture:
    """Blends of two pictures (Zhang et al. 2018) or one pasted into the other (Yun et al. 2019)."""
    partners = torch.randperm(len(views), generator=generator)
    blend, share, down, right = torch.rand(4, generator=generator).tolist()
    if blend < 0.5:
        # Near the ends: a picture that is half of each is neither.
        share = 1 - 0.5 * share**3
        return Mixture(share * views + (1 - share) * views[partners], partners, share)
    side = views.shape[-1]
    width = round(side * math.sqrt(1 - share))
    top, left = round(down * (side - width)), round(right * (side - width))
    pasted = views.clone()
    window = (..., slice(top, top + width), slice(left, left + width))
    pasted[window] = views[partners][window]
    return Mixture(pasted, partners, 1 - (width / side) ** 2)


def plain_views(pictures: Tensor, side: int) -> Tensor:
    """The pictures themselves at `side` pixels, `normalised`."""
    views = nn.functional.interpolate(
        pictures, size=(side, side), mode="bilinear", antialias=True, align_corners=False
    )
    return normalised(views)


def normalised(pictures: Tensor) -> Tensor:
    """0 to 1 → −.99 to 1: as the pretrained backbone wants it, and the image processor gives it."""
    return (pictures - LITE_MEAN) / LITE_STD
