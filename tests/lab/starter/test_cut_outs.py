"""Items cut out of their ground, and grounds to put them on."""

import pytest
import torch

from lab.starter.augmentation import random_views
from lab.starter.cut_outs import item_masks, made_grounds

SIDE = 112
RED, WHITE, GREY = (0.8, 0.1, 0.1), (1.0, 1.0, 1.0), (0.6, 0.6, 0.6)


def square(ground: tuple[float, ...], hole: tuple[float, ...] = RED) -> torch.Tensor:
    """A red square of half the side on a ground, (3, SIDE, SIDE), with a square of `hole` in it."""
    picture = torch.tensor(ground).view(3, 1, 1).expand(3, SIDE, SIDE).clone()
    picture[:, 28:84, 28:84] = torch.tensor(RED).view(3, 1, 1)
    picture[:, 50:62, 50:62] = torch.tensor(hole).view(3, 1, 1)
    return picture


@pytest.mark.parametrize("ground", [WHITE, GREY])
def test_the_item_is_what_is_not_joined_to_the_border(ground):
    masks, told = item_masks(torch.stack([square(ground), square(ground, hole=ground)]))
    assert told.tolist() == [True, True]
    expected = torch.zeros(SIDE, SIDE)
    expected[29:83, 29:83] = 1  # one pixel inwards
    # A hole in the ground's colour is not joined to it: it stays the item's.
    assert torch.equal(masks[0, 0], expected)
    assert torch.equal(masks[1, 0], expected)


def test_an_uneven_ground_or_none_is_not_told():
    full = torch.full((3, SIDE, SIDE), 0.3)
    noise = torch.rand(3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    _, told = item_masks(torch.stack([full, noise]))
    assert told.tolist() == [False, False]


def test_grounds_fill_the_picture_within_its_range():
    grounds = made_grounds(32, 20, torch.Generator().manual_seed(0))
    assert grounds.shape == (32, 3, 20, 20)
    assert grounds.min() >= 0
    assert grounds.max() <= 1
    plain = (grounds.amax((2, 3)) - grounds.amin((2, 3))).amax(1) < 1e-6
    assert 0 < int(plain.sum()) < 32


def test_a_view_on_another_ground_keeps_the_item_and_nothing_else():
    pictures = square(WHITE).expand(16, -1, -1, -1)
    chosen = torch.arange(16) % 2 == 0
    views = random_views(pictures, 56, torch.Generator().manual_seed(0), chosen)
    usual = random_views(pictures, 56, torch.Generator().manual_seed(0))
    # Light is drawn after the grounds, so colours differ: corners are white in one group alone.
    corner = (views * 128 + 127)[:, :, 0, 0] / 255
    spread = corner.amax(1) - corner.amin(1)
    assert (spread[1::2] < 1e-5).all()
    assert (spread[0::2] > 0.05).any()
    middle = views[:, :, 28, 28]
    assert (middle[:, 0] > middle[:, 1] + 0.5).all()
    assert usual.shape == views.shape
