import pytest
import torch

from lab.starter.linear_heads import HeadsRecipe
from lab.starter.recognition import auroc, fit_recognition, threshold_of, unseen_auroc

RECIPE = HeadsRecipe(epochs=20, batch_size=64, learning_rate=1e-2)


@pytest.fixture(scope="module")
def clouds():
    """Items around one point and others on both sides of it: no line parts them."""
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(600, 4, generator=generator)
    sides = torch.where(torch.arange(300) % 2 == 0, 6.0, -6.0)
    others = points[300:] + sides[:, None] * torch.tensor([1.0, 0, 0, 0])
    return points[:300] * 0.5, others


@pytest.fixture(scope="module")
def layers(clouds):
    return fit_recognition(*clouds, RECIPE)


def test_it_parts_what_no_line_parts(layers, clouds):
    items, others = (layers(cloud)[:, 0] for cloud in clouds)
    assert auroc(items, others) > 0.99


def test_the_threshold_lets_all_but_some_held_out_pictures_pass(layers, clouds):
    items, _ = clouds
    threshold = threshold_of(layers, items)
    refused = int((layers(items)[:, 0].sigmoid() < threshold).sum())
    assert refused == 2  # .5 % of 300 are between one and two


def test_each_source_is_measured_by_a_head_that_never_saw_it(clouds):
    items, others = clouds
    left, right = others[others[:, 0] < 0], others[others[:, 0] > 0]
    sources = {"left": left, "right": right}
    seen = auroc(fit_recognition(items, right, RECIPE)(items)[:, 0], torch.zeros(1))
    unseen = unseen_auroc(items, sources, items, RECIPE)
    assert seen > 0.9
    assert set(unseen) == {"left", "right"}
    # The other side of the items was never an example of what to refuse.
    assert max(unseen.values()) < 0.9


def test_auroc_counts_equal_values_a_half():
    assert auroc(torch.tensor([2.0, 1.0]), torch.tensor([1.0, 0.0])) == 0.875
