import json

import pytest
import torch

from lab.starter.checkpoint_parts import heads_extend, heads_write
from lab.starter.title_words import Titled, beside_photo, fit_title_words
from moda_engine import Describer
from moda_engine.brief.product import KnownProduct
from moda_engine.heads import LabelHeads
from moda_engine.language.labels import ItemLabels
from moda_engine.title_words import hash_halves, word_hash
from tests.moda_engine.tiny import save_tiny_checkpoint

CLASSES = {
    "product_type": ["Sports Shoes", "Tshirts"],
    "colour": ["Black", "White"],
    "gender": ["Men", "Women"],
    "usage": ["Casual", "Sports"],
}
CONFIG = {
    "labels": {
        kind: {"classes": names, "temperature": 1.0, "temperature_told": 1.0, "threshold": 0.5}
        for kind, names in CLASSES.items()
    },
    "known": {"gender": ["Men", "Women"]},
    "recognition": None,
}


@pytest.fixture
def heads():
    made = LabelHeads(CONFIG, 2)
    for parameter in made.parameters():
        torch.nn.init.zeros_(parameter)
    return made


def items(count):
    """Of "zoomo" all are for sports, of "lolla" none; every title has a number of its own."""
    products = [
        KnownProduct(title=f"{('Zoomo', 'Lolla')[row % 2]} {row}", brand="Wren")
        for row in range(count)
    ]
    labels = [
        ItemLabels(product_type="Tshirts", usage=("Sports", "Casual")[row % 2])
        for row in range(count)
    ]
    return Titled.of(products, labels)


def test_words_of_many_titles_say_what_their_items_are(heads):
    words = fit_title_words(items(6_000), heads, seed=0)
    known = sorted(map(word_hash, ["zoomo", "lolla", "wren"]))  # each number stands in one title
    assert words.hashes.tolist() == hash_halves(known).tolist()
    logits = words(["Zoomo", "Lolla", "Wren", "7"])["usage"]
    zoomo, lolla, wren, number = (logits[:, 1] - logits[:, 0]).tolist()
    assert zoomo > 1 > -1 > lolla
    assert abs(wren) < 0.5
    assert number == 0


def test_the_same_seed_learns_the_same_words(heads):
    one, other = (fit_title_words(items(60), heads, seed=3) for _ in range(2))
    assert torch.equal(one.tables.weight, other.tables.weight)


def test_a_photo_that_shows_nothing_counts_for_little_beside_words(heads):
    with torch.no_grad():
        heads.labels["usage"].weight[1, 0] = 1
    learned = items(400)
    words = fit_title_words(learned, heads, seed=0)
    features = torch.randn(400, 2, generator=torch.Generator().manual_seed(0))
    usage = beside_photo(words, heads, features, learned)["kinds"]["usage"]
    assert (usage["temperature"], usage["word_factor"]) == (3.0, 1.0)  # the most that are tried


def test_where_words_are_no_help_they_count_for_little(heads):
    with torch.no_grad():
        heads.labels["usage"].weight[1, 0] = 8
    learned = items(400)
    words = fit_title_words(learned, heads, seed=0)
    with torch.no_grad():
        words.tables.weight.neg_()
    features = torch.tensor([[1.0, 0.0], [-1.0, 0.0]]).repeat(200, 1)  # the photo is right
    usage = beside_photo(words, heads, features, learned)["kinds"]["usage"]
    assert (usage["temperature"], usage["word_factor"]) == (0.8, 0.3)  # the least that are tried


def test_words_take_the_place_of_former_ones_and_leave_the_heads(heads, tmp_path):
    checkpoint = save_tiny_checkpoint(tmp_path / "checkpoint")
    state = LabelHeads(CONFIG, 16).state_dict()
    heads_write(checkpoint, CONFIG, state, {"recipe": 1})
    for seed in (1, 2):
        words = fit_title_words(items(60), heads, seed)
        numbers = {"temperature": 2.0, "known_factor": 0.5, "word_factor": float(seed)}
        config = {"count": len(words.hashes), "kinds": dict.fromkeys(CLASSES, numbers)}
        tensors = {f"words.{name}": value for name, value in words.state_dict().items()}
        heads_extend(checkpoint, {"words": config}, tensors, {"title_words": {"seed": seed}})
    found = Describer.from_pretrained(checkpoint, "cpu").model.heads
    assert torch.equal(found.words.hashes, words.hashes)
    assert torch.equal(found.words.tables.weight, words.tables.weight.half().float())
    assert found.words.beside["usage"].word_factor == 2
    assert torch.equal(found.labels["usage"].weight, state["labels.usage.weight"].half().float())
    record = json.loads((checkpoint / "training.json").read_text())["heads"]
    assert record == {"recipe": 1, "title_words": {"seed": 2}}
