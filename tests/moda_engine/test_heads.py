import json
import math
from collections import Counter

import pytest
import torch
from safetensors.torch import load_file, save_file

from moda_engine import STARTER_DIRECTORY, DescribeOptions, Describer, ModaForCaptioning
from moda_engine.exceptions import CheckpointError
from moda_engine.heads import LabelHeads, told_labels
from moda_engine.language.vocabulary import ALTERNATIVES
from tests.moda_engine.tiny import tiny_model, without_heads

CONFIG = {
    "labels": {
        "product_type": {
            "classes": ["Sarees", "Shirts"],
            "temperature": 1.0,
            "temperature_told": 1.0,
            "threshold": 0.1,
        },
        "gender": {
            "classes": ["Men", "Women"],
            "temperature": 2.0,
            "temperature_told": 4.0,
            "threshold": 0.6,
        },
    },
    "known": {"product_type": ["Sarees", "Shirts"], "colour": ["Black", "White"]},
    "recognition": {"hidden": 1, "threshold": 0.25},
}


@pytest.fixture
def heads():
    """Heads on two features: of the type by the first, of the wearer by the second."""
    made = LabelHeads(CONFIG, 2)
    for parameter in made.parameters():
        torch.nn.init.zeros_(parameter)
    with torch.no_grad():
        made.labels["product_type"].weight[0, 0] = 1
        made.labels["gender"].weight[0, 1] = 1
        # Columns by kind in alphabetical order: black, white, saree, shirt.
        made.known["gender"].weight[1, 2] = 3
        made.recognition[0].weight[0, 0] = 2
        made.recognition[0].bias[0] = 1
        made.recognition[2].weight[0, 0] = 1
        made.recognition[2].bias[0] = -2
    return made


def probability(logit):
    return pytest.approx(1 / (1 + math.exp(-logit)))


def test_each_kind_has_probabilities_of_its_own_temperature(heads):
    [seen] = heads.seen(torch.tensor([[1.0, 3.0]]), [{}])
    assert seen == {
        "product_type": {"Sarees": probability(1), "Shirts": probability(-1)},
        "gender": {"Men": probability(1.5), "Women": probability(-1.5)},
    }


def test_a_known_label_informs_the_other_kinds_of_its_own_item(heads):
    features = torch.tensor([[1.0, 3.0]]).repeat(2, 1)
    one, other = heads.seen(features, [{"product_type": "Sarees"}, {"colour": "White"}])
    assert one["gender"]["Women"] == probability(3 - 3 / 4)
    assert one["product_type"]["Sarees"] == probability(1)
    assert other["gender"]["Women"] == probability(-1.5)


def test_two_colours_count_a_half_each_and_unknown_labels_nothing():
    columns = {("colour", "Black"): 0, ("colour", "White"): 1, ("gender", "Men"): 2}
    known = [{"colour": "Black/White"}, {"colour": "Beige", "gender": "Men", "brand": "Wren"}, {}]
    assert told_labels(known, columns).tolist() == [[0.5, 0.5, 0], [0, 0, 1], [0, 0, 0]]


def test_a_photo_is_recognised_by_a_head_of_its_own(heads):
    assert heads.recognised(torch.tensor([[2.0, 0.0], [-1.0, 5.0]])) == [
        probability(3),
        probability(-2),
    ]
    assert (heads.recognised_from, dict(heads.thresholds)) == (
        0.25,
        {"product_type": 0.1, "gender": 0.6},
    )


def test_a_further_detail_is_named_or_silently_there():
    details = {
        "chest_pocket": {"threshold": 0.9, "silent_share": 0.5},
        "a_kind_of_a_later_version": {"threshold": 0.1, "silent_share": 0.0},
        "ribbed_cuffs": {"threshold": 0.7, "silent_share": 0.0},
    }
    heads = LabelHeads(CONFIG | {"further": {"hidden": 2, "details": details}}, 2)
    with torch.no_grad():
        for layer in (heads.further[0], heads.further[2]):
            layer.bias.zero_()
        heads.further[0].weight.copy_(torch.eye(2))
        heads.further[2].weight.copy_(torch.tensor([[0.0, 9.0], [1.0, 0.0], [0.0, 1.0]]))
    sure, unsure = heads.seen(torch.tensor([[2.0, 1.0], [1.0, 0.0]]), [{}, {}])
    assert sure["chest_pocket"] == {"Chest Pocket": pytest.approx(0.5 / (1 + math.exp(-2)) + 0.5)}
    assert sure["ribbed_cuffs"] == {"Ribbed Cuffs": probability(1)}
    # 0.5 + 0.5 * 0.731 is near its threshold, and 0.5 is not.
    assert set(unsure) - set(CONFIG["labels"]) == {"chest_pocket"}
    assert heads.thresholds["chest_pocket"] == 0.9


def test_a_checkpoint_that_is_written_again_sees_the_same(tmp_path):
    """Whoever writes its configuration may sort it, as transformers does."""
    numbers = {"threshold": 0.1, "silent_share": 0.0}
    details = dict.fromkeys(("ribbed_cuffs", "chest_pocket", "button_placket"), numbers)
    config = CONFIG | {"further": {"hidden": 2, "details": details}}
    config["labels"] = dict(reversed(CONFIG["labels"].items()))
    model, processor = tiny_model()
    model.config.heads = config
    torch.manual_seed(0)
    model.heads = LabelHeads(config, model.config.feature_size)
    features = torch.randn(4, model.config.feature_size)
    known = [{}, {"product_type": "Sarees"}, {"colour": "White"}, {}]
    model.save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    again = Describer.from_pretrained(tmp_path, "cpu", torch.float32).model.heads
    assert again.seen(features, known) == model.heads.seen(features, known)


def test_the_starter_written_again_sees_the_same(tmp_path):
    describer = Describer.from_pretrained(None, "cpu", torch.float32)
    describer.model.save_pretrained(tmp_path)
    describer.processor.save_pretrained(tmp_path)
    again = Describer.from_pretrained(tmp_path, "cpu", torch.float32).model.heads
    features = torch.randn(8, describer.model.config.feature_size).abs()
    titles = ["Red Tape Men Black Shoes", "", "Skechers Women Go Walk", "Wren kurta"] * 2
    expected = describer.model.heads.seen(features, [{}] * 8, titles)
    for one, other in zip(again.seen(features, [{}] * 8, titles), expected, strict=True):
        assert one.keys() == other.keys()
        for kind, labels in one.items():
            assert labels == pytest.approx(other[kind], abs=1e-5)


def test_without_a_head_for_it_every_photo_is_recognised():
    heads = LabelHeads(CONFIG | {"recognition": None}, 2)
    assert heads.recognised(torch.zeros(2, 2)) == [1.0, 1.0]
    assert heads.recognised_from == 0


@pytest.mark.parametrize(
    "config", [{}, CONFIG | {"labels": {"gender": {"classes": ["Men"]}}}, CONFIG | {"known": 3}]
)
def test_a_configuration_of_another_form_is_refused(config):
    with pytest.raises(CheckpointError, match="Build the checkpoint again"):
        LabelHeads(config, 2)


@pytest.fixture
def headed(tmp_path):
    """A tiny checkpoint with heads, stored in half precision."""
    model, processor = tiny_model()
    model.config.heads = CONFIG
    torch.manual_seed(0)
    model.heads = LabelHeads(CONFIG, model.config.feature_size)
    folder = tmp_path / "headed"
    model.half().save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_heads_are_saved_with_the_checkpoint_and_compute_in_single_precision(headed, dtype):
    stored = load_file(headed / "model.safetensors")
    model = Describer.from_pretrained(headed, "cpu", dtype).model
    assert model.dtype == dtype
    for name, value in model.heads.state_dict().items():
        assert (value.dtype, stored[f"heads.{name}"].dtype) == (torch.float32, torch.float16)
        assert torch.equal(value, stored[f"heads.{name}"].float())
    features = torch.ones(1, 16, dtype=dtype)
    [seen] = model.heads.seen(features, [{}])
    assert sum(seen["gender"].values()) == pytest.approx(1, abs=1e-6)


def test_heads_may_be_left_out_of_a_description(headed, photos):
    describer = Describer.from_pretrained(headed, "cpu", torch.float32)
    alone = Describer(
        without_heads(Describer.from_pretrained(headed, "cpu").model), describer.processor
    )
    options = DescribeOptions(heads=False, fit=False)
    found = describer.describe(photos, options=options)
    assert found == alone.describe(photos, options=DescribeOptions(fit=False))
    assert found != describer.describe(photos, options=DescribeOptions(fit=False))
    assert describer.model.heads is not None
    assert {len(one.brief.probabilities) for one in found} == {0}


def test_heads_never_learn(headed):
    model = ModaForCaptioning.from_pretrained(headed, dtype=torch.float32)
    learned = [name for name, one in model.named_parameters() if one.requires_grad]
    assert {name.split(".")[0] for name in learned} == {"projector", "language_model"}


def test_a_checkpoint_without_heads_has_none(checkpoint):
    assert Describer.from_pretrained(checkpoint, "cpu").model.heads is None


def test_heads_that_the_configuration_names_must_be_there(headed):
    weights = headed / "model.safetensors"
    kept = {k: v for k, v in load_file(weights).items() if k != "heads.labels.gender.weight"}
    save_file(kept, weights, {"format": "pt"})
    with pytest.raises(CheckpointError, match=r"lack 1 tensors, heads\.labels\.gender\.weight"):
        Describer.from_pretrained(headed, "cpu")


def test_the_starter_has_heads_for_labels_of_the_vocabulary():
    config = json.loads((STARTER_DIRECTORY / "config.json").read_text(encoding="utf-8"))["heads"]
    assert set(config["labels"]) == set(ALTERNATIVES)
    for kind, one in config["labels"].items():
        assert set(one["classes"]) <= set(ALTERNATIVES[kind])
        assert 0 <= one["threshold"] <= 1
    assert {kind: Counter(labels) for kind, labels in config["known"].items()} == {
        kind: Counter(labels) for kind, labels in ALTERNATIVES.items()
    }


def test_in_the_starter_no_known_label_informs_its_own_kind():
    heads = Describer.from_pretrained().model.heads
    columns = [kind for kind in sorted(ALTERNATIVES) for _ in ALTERNATIVES[kind]]
    for kind, table in heads.known.items():
        own = torch.tensor([column == kind for column in columns])
        assert table.weight[:, own].abs().max() == 0
        assert table.weight[:, ~own].abs().max() > 0
