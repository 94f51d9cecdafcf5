"""What words of titles suggest beside photo and known labels."""

import math

import pytest
import torch

from moda_engine import DescribeOptions, Describer
from moda_engine.brief.product import KnownProduct
from moda_engine.exceptions import CheckpointError
from moda_engine.heads import LabelHeads
from moda_engine.title_words import hash_halves, sureness, word_hash, words_of
from tests.moda_engine.tiny import tiny_model

WORDS = {"saree", "run", "run fast"}
CONFIG = {
    "labels": {
        "product_type": {
            "classes": ["Sarees", "Shirts"],
            "temperature": 1.0,
            "temperature_told": 1.0,
            "threshold": 0.1,
        },
        "usage": {
            "classes": ["Casual", "Sports"],
            "temperature": 2.0,
            "temperature_told": 4.0,
            "threshold": 0.5,
        },
    },
    "known": {"product_type": ["Sarees", "Shirts"]},
    "words": {
        "count": 3,
        "kinds": {"usage": {"temperature": 8.0, "known_factor": 0.5, "word_factor": 0.25}},
    },
    "recognition": None,
}


def fill(heads):
    """The first feature shows a saree, the second a casual item; "run" is sporty, the pair more."""
    for parameter in heads.parameters():
        torch.nn.init.zeros_(parameter)
    hashes = sorted(map(word_hash, WORDS))
    with torch.no_grad():
        heads.labels["product_type"].weight[0, 0] = 1
        heads.labels["usage"].weight[0, 1] = 1
        heads.known["usage"].weight[0, 0] = 4  # a saree is casual
        heads.words.hashes.copy_(hash_halves(hashes))
        heads.words.tables.weight[hashes.index(word_hash("run")), 1] = 1
        heads.words.tables.weight[hashes.index(word_hash("run fast")), 1] = 100
    return heads


@pytest.fixture
def heads():
    return fill(LabelHeads(CONFIG, 2))


def sporty(heads, title, known=None):
    [seen] = heads.seen(torch.tensor([[0.0, 8.0]]), [known or {}], [title])
    return seen["usage"]["Sports"]


def share(logit):
    return pytest.approx(1 / (1 + math.exp(-logit)), abs=1e-6)


def test_words_and_pairs_are_read_without_regard_to_case_and_signs():
    assert words_of("Wren's RUN-fast Élan") == {
        *("wren", "s", "run", "fast", "élan"),
        *("wren s", "s run", "run fast", "fast élan"),
    }
    assert words_of(" -- ") == set()


def test_sure_words_outweigh_what_the_photo_shows(heads):
    assert sporty(heads, "") == share(-8 / 2)
    assert sporty(heads, "Quite unknown words") == share(-8 / 2)
    # "run" and "run fast": 101 · .25; one label is all but certain, so the temperature is 8.
    assert sporty(heads, "Run, fast!") == share(101 / 4 - 8 / 8)


def test_words_that_are_half_sure_count_half_way(heads):
    run = torch.tensor([[0.0, 1.0]])
    probability = 1 / (1 + math.exp(-1))
    entropy = -(probability * math.log(probability) + (1 - probability) * math.log(1 - probability))
    sure = 1 - entropy / math.log(2)
    assert float(sureness(run)) == pytest.approx(sure, abs=1e-6)
    assert sporty(heads, "a run") == share(0.25 - 8 / (2 + (8 - 2) * sure))


def test_known_labels_count_less_beside_sure_words(heads):
    known = {"product_type": "Sarees"}
    assert sporty(heads, "", known) == share(-8 / 4 - 4)
    assert sporty(heads, "run fast", known) == share(101 / 4 - 8 / 8 - 4 / 2)


def test_of_a_kind_that_is_known_words_say_nothing(heads):
    """What the photo shows is held against the catalog: a title must not speak for it."""
    assert sporty(heads, "run fast", {"usage": "Sports"}) == share(-8 / 2)
    assert sporty(heads, "run fast", {"usage": "A word of the shop's own"}) == share(-8 / 2)


def test_each_title_informs_its_own_item(heads):
    features = torch.tensor([[0.0, 8.0]]).repeat(3, 1)
    titles = ["run fast", "", "saree"]
    one, other, third = heads.seen(features, [{}, {}, {}], titles)
    assert (one["usage"]["Sports"], other["usage"]["Sports"]) == (share(24.25), share(-4))
    assert third == other
    assert one["product_type"] == other["product_type"]


def test_the_order_of_kinds_in_the_configuration_does_not_matter(heads):
    """Whoever writes JSON may sort it: the tables stand side by side all the same."""
    numbers = CONFIG["words"]["kinds"]["usage"]
    kinds = {"usage": numbers, "product_type": numbers}
    one, other = (
        LabelHeads(CONFIG | {"words": {"count": 3, "kinds": dict(order)}}, 2)
        for order in (kinds.items(), reversed(kinds.items()))
    )
    torch.nn.init.normal_(one.words.tables.weight)
    one.words.hashes.copy_(heads.words.hashes)
    other.load_state_dict(one.state_dict())
    for kind, logits in one.words(["run fast"]).items():
        assert torch.equal(logits, other.words(["run fast"])[kind])


def test_without_tables_titles_change_nothing(heads):
    plain = LabelHeads({name: one for name, one in CONFIG.items() if name != "words"}, 2)
    plain.load_state_dict(
        {k: v for k, v in heads.state_dict().items() if not k.startswith("words.")}
    )
    assert sporty(plain, "run fast") == share(-8 / 2)


@pytest.mark.parametrize(
    "words",
    [
        {"count": 3},
        {"count": 3, "kinds": {"usage": {"temperature": 8.0}}},
        {"count": "many", "kinds": {}},
        {"count": 3, "kinds": {"a kind without a head": {}}},
    ],
)
def test_a_configuration_of_another_form_is_refused(words):
    with pytest.raises(CheckpointError, match="Build the checkpoint again"):
        LabelHeads(CONFIG | {"words": words}, 2)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_words_are_saved_with_the_checkpoint_and_title_and_brand_are_asked(tmp_path, dtype):
    """In whatever precision it is loaded: hashes of 32 bits have to stay whole."""
    model, processor = tiny_model()
    model.config.heads = CONFIG
    model.heads = fill(LabelHeads(CONFIG, model.config.feature_size))
    model.half().save_pretrained(tmp_path)
    processor.save_pretrained(tmp_path)
    describer = Describer.from_pretrained(tmp_path, "cpu", dtype)
    features = torch.zeros(3, 16)
    products = [KnownProduct(title="Run"), KnownProduct(title="Run", brand="Fast"), None]
    shares = [
        one.brief.probabilities["usage"]["Sports"]
        for one in describer.describe_features(features, products, DescribeOptions(fit=False))
    ]
    assert shares == [share(0.25), share(101 / 4), share(0)]
