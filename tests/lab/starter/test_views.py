import torch

from lab.starter.encoder import SIDE
from lab.starter.label_heads import LabelHeads
from lab.starter.views import (
    image_processor,
    plain_features,
    seen_views,
    view_features,
)
from moda_engine.language.labels import ItemLabels
from tests.moda_engine.tiny import tiny_model

KNOWN = [ItemLabels("Shirts"), ItemLabels("Shirts", usage="Casual"), ItemLabels("Tops")]


def test_views_and_blends_are_seen_in_the_order_of_their_pictures():
    model, _ = tiny_model()
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randint(256, (3, 144, 144, 3), dtype=torch.uint8, generator=generator)
    # The head finds tops alone, whatever the features.
    heads = LabelHeads(
        {"product_type": ("Shirts", "Tops")},
        {"product_type": torch.zeros(2, 16)},
        {"product_type": torch.tensor([-99.0, 99.0])},
    )
    features, labels = seen_views(model, heads, pictures, KNOWN, views=2, seed=5)
    assert features.shape == (12, 16)
    assert features[:3].equal(plain_features(model, pictures))
    assert features[:6].equal(view_features(model, pictures, 2, 5).flatten(0, 1))
    assert [item.product_type for item in labels] == ["Tops"] * 12
    assert [item.usage for item in labels] == [None, "Casual", None] * 4


def test_views_have_the_side_that_is_asked_for():
    model, _ = tiny_model()
    generator = torch.Generator().manual_seed(0)
    pictures = torch.randint(256, (2, 144, 144, 3), dtype=torch.uint8, generator=generator)
    small, usual = (view_features(model, pictures, 2, side=side) for side in (64, SIDE))
    assert not small.allclose(usual)
    assert usual.equal(view_features(model, pictures, 2))
    assert image_processor(64).size == {"height": 64, "width": 64}
