"""Photos cut out of their even ground and put on another, as other shops' photos stand on theirs.

No label says where an item is: what is joined to the border in the border's own colour is ground.
"""

import torch
from torch import Tensor, nn

#: Colours that run into a white ground: such an item cannot be cut out by colour.
PALE = frozenset({"White", "Off White", "Cream", "Beige", "Silver", "Transparent"})
#: Of 0 to 1: a pixel of the ground differs from the border by less, in each channel.
_LIKE_GROUND = 14 / 255
#: Pixels a side at which it is told what is joined to the border; each step reaches one further.
_SMALL, _STEPS = 56, 80
#: Share of the border that has the border's own colour: less is no even ground.
_EVEN = 0.8
#: Share of the picture that an item takes.
_LEAST_AREA, _MOST_AREA = 0.08, 0.85


def item_masks(pictures: Tensor) -> tuple[Tensor, Tensor]:
    """Where the item of each picture is, and whether that could be told.

    Args:
        pictures: (batch, 3, side, side), 0 to 1.

    Returns masks (batch, 1, side, side), 1 for the item and 0 for its ground, and (batch,) of
    booleans.
    """
    small = nn.functional.interpolate(
        pictures, size=(_SMALL, _SMALL), mode="bilinear", antialias=True, align_corners=False
    )
    border = _border(small)  # (batch, 3, pixels)
    colour = border.median(2).values[:, :, None, None]
    even = (border - colour[:, :, 0]).abs().amax(1).lt(_LIKE_GROUND).float().mean(1) > _EVEN
    joined = _joined_to_border((small - colour).abs().amax(1, keepdim=True) < _LIKE_GROUND)
    # Edges are those of the large picture: ground has its colour, beside what is joined.
    near = nn.functional.max_pool2d(joined, 3, stride=1, padding=1)
    near = nn.functional.interpolate(near, size=pictures.shape[-2:], mode="nearest")
    ground = near * ((pictures - colour).abs().amax(1, keepdim=True) < _LIKE_GROUND)
    # One pixel inwards: an edge holds some of the old ground.
    masks = 1 - nn.functional.max_pool2d(ground, 3, stride=1, padding=1)
    area = masks.mean((1, 2, 3))
    return masks, even & (area > _LEAST_AREA) & (area < _MOST_AREA)


def _border(pictures: Tensor) -> Tensor:
    """The two outermost rows and columns, (batch, 3, pixels)."""
    sides = (pictures[..., :2, :], pictures[..., -2:, :], pictures[..., :2], pictures[..., -2:])
    return torch.cat([side.flatten(2) for side in sides], 2)


def _joined_to_border(like_ground: Tensor) -> Tensor:
    """Which pixels reach the border over pixels like the ground, as 0 and 1."""
    like = like_ground.float()
    joined = like.clone()
    joined[..., 1:-1, 1:-1] = 0
    for _ in range(_STEPS):
        wider = nn.functional.max_pool2d(joined, 3, stride=1, padding=1) * like
        if torch.equal(wider, joined):
            break
        joined = wider
    return joined


def made_grounds(count: int, side: int, generator: torch.Generator) -> Tensor:
    """Grounds of one colour, of a slope between two, or like cloth, (count, 3, side, side)."""

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator)

    grey = 0.25 + 0.75 * uniform(count, 1, 1, 1).expand(-1, 3, -1, -1)
    coloured = 0.3 + 0.7 * uniform(count, 3, 1, 1)
    colour = torch.where(uniform(count, 1, 1, 1) < 0.5, grey, coloured)
    other = (colour + (uniform(count, 3, 1, 1) - 0.5) * 0.5).clamp(0, 1)
    line = torch.linspace(0, 1, side)
    slope = torch.where(
        uniform(count, 1, 1, 1) < 0.5, line.view(1, 1, side, 1), line.view(1, 1, 1, side)
    )
    grounds = colour + (other - colour) * slope * (uniform(count, 1, 1, 1) < 0.6)
    grains = nn.functional.interpolate(
        uniform(count, 3, 14, 14) - 0.5, size=(side, side), mode="bilinear", align_corners=False
    )
    return (grounds + grains * 0.5 * (uniform(count, 1, 1, 1) < 0.4)).clamp(0, 1)
