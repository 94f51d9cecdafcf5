"""Drawings as the starter's encoder sees them."""

from collections.abc import Sequence

import torch

from lab.drawings import DrawingSpecification, draw
from moda_engine import Describer


@torch.inference_mode()
def drawn_features(
    describer: Describer, drawings: Sequence[DrawingSpecification], size: int
) -> torch.Tensor:
    """(drawings, feature_size), of drawings of `size` pixels a side."""
    pictures = [draw(one, size=size) for one in drawings]
    return describer.model.encode_images(describer.processor(images=pictures)["pixel_values"])
