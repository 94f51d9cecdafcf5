"""Image features of pictures, of random views and of blends: encoded once, learned many times."""

import torch
from torch import Tensor
from transformers.image_utils import PILImageResampling

from lab.starter.augmentation import as_floats, plain_views, random_views
from lab.starter.encoder import SIDE
from lab.starter.label_heads import LabelHeads
from moda_engine.devices import has_fast_bfloat16
from moda_engine.image_processor import ModaImageProcessor
from moda_engine.language.labels import ItemLabels
from moda_engine.model import ModaForCaptioning
from moda_engine.parts.wheels import LITE_MEAN, LITE_STD


def image_processor(side: int = SIDE) -> ModaImageProcessor:
    """Reduces photos as softly as the views were that the encoder learned from.

    Sharper ones (bicubic) cost an encoder .015 of the colours of `catalog-extra/review`.
    """
    return ModaImageProcessor(
        size={"height": side, "width": side},
        resample=PILImageResampling.BILINEAR,
        image_mean=[LITE_MEAN] * 3,
        image_std=[LITE_STD] * 3,
    )


def seen_views(
    model: ModaForCaptioning,
    heads: LabelHeads,
    pictures: Tensor,
    known: list[ItemLabels],
    views: int,
    seed: int,
    side: int = SIDE,
) -> tuple[Tensor, list[ItemLabels]]:
    """Features of views and of a blend of each, and labels drawn by what `heads` see in them.

    Args:
        pictures: (count, stored, stored, 3) bytes.
        known: labels of each picture.
        side: pixels a side that the encoder sees.

    Returns (2 · views · count, feature_size), and labels for each of its rows.
    """
    generator = torch.Generator().manual_seed(seed)
    plain = view_features(model, pictures, views, seed, side)
    features = torch.cat([*plain, *(blended(view, generator) for view in plain)])
    return features, heads.drawn(features, known * (2 * views), generator)


def view_features(
    model: ModaForCaptioning, pictures: Tensor, views: int, seed: int = 0, side: int = SIDE
) -> Tensor:
    """Features of the plain pictures and of `views` - 1 random views of each.

    Args:
        pictures: (count, stored, stored, 3) bytes.

    Returns (views, count, feature_size).
    """
    generator = torch.Generator().manual_seed(seed)
    plain = plain_features(model, pictures, side)
    others = [_features(model, pictures, side, generator) for _ in range(1, views)]
    return torch.stack([plain, *others])


def plain_features(model: ModaForCaptioning, pictures: Tensor, side: int = SIDE) -> Tensor:
    """Features of the pictures as they are, (count, feature_size)."""
    return _features(model, pictures, side, None)


def blended(features: Tensor, generator: torch.Generator) -> Tensor:
    """Each with up to a half of another, (count, feature_size): neither one nor the other."""
    partners = features[torch.randperm(len(features), generator=generator)]
    return features.lerp(partners, torch.rand(len(features), 1, generator=generator) / 2)


@torch.inference_mode()
def _features(
    model: ModaForCaptioning, pictures: Tensor, side: int, generator: torch.Generator | None
) -> Tensor:
    parts = []
    for part in pictures.split(128):
        floats = as_floats(part)
        views = (
            plain_views(floats, side)
            if generator is None
            else random_views(floats, side, generator)
        )
        with torch.autocast("cpu", torch.bfloat16, enabled=has_fast_bfloat16(model.device)):
            parts.append(model.encode_images(views).float())
    return torch.cat(parts)
