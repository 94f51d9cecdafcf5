import math
from collections import Counter
from dataclasses import replace

import torch

from lab.starter.label_heads import TEMPERATURE, LabelHeads
from lab.starter.views import blended
from moda_engine.language.labels import ItemLabels

SHIRT = ItemLabels("Shirts", "Red", gender="Men", details={"neck": "V-Neck"})
#: The first feature tells shirts from shoes, the second red from blue.
HEADS = LabelHeads(
    {"product_type": ("Casual Shoes", "Shirts"), "colour": ("Blue", "Red")},
    {
        "product_type": torch.tensor([[-1.0, 0.0], [1.0, 0.0]]),
        "colour": torch.tensor([[0.0, -1.0], [0.0, 1.0]]),
    },
    {"product_type": torch.zeros(2), "colour": torch.zeros(2)},
)


def drawn(feature, known, count=1):
    features = torch.tensor([feature]).expand(count, 2)
    return HEADS.drawn(features, [known] * count, torch.Generator().manual_seed(0))


def test_labels_are_drawn_as_likely_as_the_heads_find_them():
    # Logits 1 and -1 for red and blue.
    share = 1 / (1 + torch.exp(torch.tensor(-2 / TEMPERATURE)).item())
    counts = Counter(item.colour for item in drawn([50.0, 1.0], SHIRT, 4000))
    assert set(counts) == {"Red", "Blue"}
    assert abs(counts["Red"] / 4000 - share) < 0.015


def test_what_is_not_known_is_not_drawn_and_what_no_head_knows_stays():
    (item,) = drawn([50.0, 50.0], ItemLabels("Shirts", "Black/White", usage="Casual"))
    assert item == ItemLabels("Shirts", "Black/White", usage="Casual")
    (item,) = drawn([50.0, 50.0], ItemLabels("Shirts"))
    assert item.colour is None


def test_details_that_the_drawn_type_cannot_have_go():
    assert drawn([50.0, 50.0], SHIRT) == [SHIRT]
    (item,) = drawn([-50.0, 50.0], SHIRT)
    assert item == ItemLabels("Casual Shoes", "Red", gender="Men")


def test_heads_are_kept_in_a_folder(tmp_path):
    HEADS.save(tmp_path)
    loaded = LabelHeads.load(tmp_path)
    assert loaded.classes == HEADS.classes
    for kind in HEADS.classes:
        assert loaded.weights[kind].equal(HEADS.weights[kind])
        assert loaded.biases[kind].equal(HEADS.biases[kind])


def test_a_blend_holds_at_most_a_half_of_another():
    features = torch.eye(64)
    blends = blended(features, torch.Generator().manual_seed(1))
    own = blends.diagonal()
    assert own.min() >= 0.5
    assert 0.5 < own.mean() < 0.9
    torch.testing.assert_close(blends.sum(1), torch.ones(64))


def test_other_likely_labels_are_told_with_their_shares():
    # Logits 1 and -1 of the colours; the type is certain.
    share = 1 / (1 + torch.exp(torch.tensor(2 / TEMPERATURE)).item())
    ((one,),) = HEADS.alternatives(torch.tensor([[50.0, 1.0]]), [SHIRT])
    assert (one.kind, one.labels) == ("colour", replace(SHIRT, colour="Blue"))
    assert abs(one.share - share) < 1e-6


def test_an_alternative_has_no_details_that_its_type_cannot_have():
    ((kind, _),) = HEADS.alternatives(torch.tensor([[0.0, 0.0]]), [SHIRT])
    assert (kind.share, kind.labels) == (0.5, ItemLabels("Casual Shoes", "Red", gender="Men"))


def test_there_is_no_alternative_to_what_is_not_known_or_has_no_head():
    known = [ItemLabels(None, "Black/White", usage="Casual"), ItemLabels("Shirts")]
    first, second = HEADS.alternatives(torch.zeros(2, 2), known)
    assert first == []
    assert [one.labels for one in second] == [ItemLabels("Casual Shoes")]


def test_a_higher_temperature_is_less_sure(tmp_path):
    HEADS.save(tmp_path)
    feature = torch.tensor([[50.0, 1.0]])
    ((cold,),) = LabelHeads.load(tmp_path, 1.0).alternatives(feature, [SHIRT])
    ((hot,),) = LabelHeads.load(tmp_path, 2.0).alternatives(feature, [SHIRT])
    # Logits 1 and -1 of the colours.
    assert abs(cold.share - 1 / (1 + math.exp(2))) < 1e-6
    assert abs(hot.share - 1 / (1 + math.exp(1))) < 1e-6


def test_heads_are_made_as_sure_as_they_are_right():
    # At .5 the logits 1 and -1 say red in 982 of 1,000 cases, at 1.0 in 881.
    features = torch.tensor([[0.0, 1.0]]).expand(1_000, 2)
    for right, temperature in ((982, 0.5), (881, 1.0)):
        known = [ItemLabels(colour="Red")] * right + [ItemLabels(colour="Blue")] * (1_000 - right)
        calibrated = HEADS.calibrated(features, [*known[:-1], ItemLabels()], ["colour"])
        assert calibrated.temperature == temperature
        assert calibrated.classes == HEADS.classes
