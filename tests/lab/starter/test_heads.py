import json
import shutil

import pytest
import torch
from safetensors.torch import load_file

from lab.starter.checkpoint_parts import heads_write
from lab.starter.label_space import LabelSpace
from lab.starter.label_tables import COLUMNS, fit_tables
from lab.starter.linear_heads import Examples, HeadsRecipe, LinearHeads, fit_linear_heads
from moda_engine import Describer
from moda_engine.heads import LabelHeads
from moda_engine.language.labels import ItemLabels
from tests.moda_engine.tiny import save_tiny_checkpoint

CONFIG = {
    "labels": {
        "gender": {
            "classes": ["Men", "Women"],
            "temperature": 1.0,
            "temperature_told": 1.0,
            "threshold": 0.5,
        }
    },
    "known": {"colour": ["Black"]},
    "recognition": None,
}
SPACE = LabelSpace({"gender": ("Men", "Women")})


@pytest.fixture
def checkpoint(tmp_path):
    folder = save_tiny_checkpoint(tmp_path / "checkpoint")
    (folder / "README.md").write_text("# A model\n", encoding="utf-8")
    return folder


def test_heads_are_added_to_a_checkpoint_and_replaced(checkpoint, tmp_path):
    before = tmp_path / "before"
    shutil.copytree(checkpoint, before)
    for bias in (1.0, 2.0):
        state = LabelHeads(CONFIG, 16).state_dict()
        state["labels.gender.bias"] = torch.tensor([bias, 0.0])
        heads_write(checkpoint, CONFIG, state, {"recipe": {"bias": bias}})
    model = Describer.from_pretrained(checkpoint, "cpu").model
    assert model.heads.labels["gender"].bias.tolist() == [2, 0]
    assert json.loads((checkpoint / "training.json").read_text())["heads"]["recipe"]["bias"] == 2
    old, new = (load_file(folder / "model.safetensors") for folder in (before, checkpoint))
    assert {name for name in new if name not in old} == {f"heads.{name}" for name in state}
    assert all(torch.equal(value, new[name]) for name, value in old.items())
    configs = [json.loads((folder / "config.json").read_text()) for folder in (before, checkpoint)]
    assert configs[1].pop("heads") == CONFIG
    assert {**configs[0], "heads": None} == {**configs[1], "heads": None}
    assert (checkpoint / "README.md").read_text() == "# A model\n"


def test_linear_heads_learn_known_labels_from_plain_features():
    generator = torch.Generator().manual_seed(0)
    features = 5 + torch.randn(2, 400, 3, generator=generator)
    labels = [
        ItemLabels(gender=None if row % 4 == 0 else "Men" if value > 5 else "Women")
        for row, value in enumerate(features.mean(0)[:, 1])
    ]
    heads = fit_linear_heads(
        [Examples(features, labels)], SPACE, HeadsRecipe(epochs=30, batch_size=100)
    )
    assert isinstance(heads, LinearHeads)
    logits = heads.logits(torch.tensor([[5.0, 8.0, 5.0], [5.0, 2.0, 5.0]]))["gender"]
    assert logits.argmax(1).tolist() == [0, 1]
    assert logits.softmax(1).max(1).values.min() > 0.7


def test_tables_learn_what_a_label_says_of_other_kinds_alone():
    items = [ItemLabels(product_type="Sarees", gender="Women")] * 300 + [
        ItemLabels(product_type="Shirts", gender="Men")
    ] * 300
    table = fit_tables(items, SPACE, HeadsRecipe(table_epochs=30))["gender"]
    men, women = table
    saree, shirt = COLUMNS["product_type", "Sarees"], COLUMNS["product_type", "Shirts"]
    assert women[saree] - men[saree] > 1
    assert men[shirt] - women[shirt] > 1
    own = [column for (kind, _), column in COLUMNS.items() if kind == "gender"]
    assert table[:, own].abs().max() == 0
