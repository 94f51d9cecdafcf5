import pytest
import torch

from moda_engine import DescribeOptions, Describer
from moda_engine.inference.choosing import NEAR, best_two, choose, draw
from moda_engine.inference.decoder import Decoder
from moda_engine.inference.prompts import Sampling


@pytest.mark.parametrize("vocabulary", [5, 32, 878, 50_272])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_two_best_are_those_of_a_full_sort(vocabulary, dtype):
    torch.manual_seed(0)
    logits = torch.randn(9, vocabulary).to(dtype)
    place, best, second = best_two(logits.float())
    expected = logits.float().sort(dim=-1, descending=True).values
    assert torch.equal(best, expected[:, 0])
    assert torch.equal(second, expected[:, 1])
    assert torch.equal(logits.float().gather(1, place.unsqueeze(1)).squeeze(1), best)


def test_a_choice_is_near_where_the_two_best_are_all_but_equal():
    logits = torch.tensor([[5.0, 1.0], [2.0, 2.0005], [2.1, 2.0]])
    choice = choose(logits)
    assert choice.tokens.tolist() == [0, 1, 0]
    assert choice.is_near.tolist() == [False, True, False]
    expected = logits.log_softmax(-1).max(-1).values
    assert torch.allclose(choice.log_probabilities, expected)
    # bfloat16 is coarser.
    assert choose(logits.bfloat16()).is_near.tolist() == [False, True, True]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_the_callers_logits_stay_as_they_are(dtype):
    logits = torch.randn(20, 300).to(dtype)
    before = logits.clone()
    choose(logits)
    assert torch.equal(logits, before)


@pytest.fixture
def sizes(monkeypatch) -> list[int]:
    """How many prompts are read together, each time some are."""
    found = []
    prefix = Decoder.prefix

    def counted(self, embeds, *arguments):
        found.append(len(embeds))
        return prefix(self, embeds, *arguments)

    monkeypatch.setattr(Decoder, "prefix", counted)
    return found


def test_an_undecided_photo_is_described_alone(checkpoint, photos, monkeypatch, sizes):
    describer = Describer.from_pretrained(checkpoint)
    monkeypatch.setitem(NEAR, torch.float32, 1e9)
    facts = ["short", None, "some longer facts", None, "red"]
    together = describer.describe(photos, known=facts, options=DescribeOptions(batch_size=5))
    assert sizes == [5, *[1] * 5]
    alone = [describer.describe([p], known=[f])[0] for p, f in zip(photos, facts, strict=True)]
    assert together == alone
    assert {one.mode for one in together} == {"float32"}


def test_a_decided_photo_is_described_once(checkpoint, photos, monkeypatch, sizes):
    describer = Describer.from_pretrained(checkpoint)
    monkeypatch.setitem(NEAR, torch.float32, 0.0)
    describer.describe(photos, options=DescribeOptions(batch_size=5))
    assert sizes == [5]


def test_tokens_are_drawn_as_often_as_they_are_likely():
    shares = torch.tensor([0.5, 0.0, 0.3, 0.2])
    numbers = [(number + 0.5) / 1000 for number in range(1000)]
    tokens = draw(shares.log().repeat(1000, 1), [Sampling(0)] * 1000, numbers)
    assert tokens.bincount(minlength=4).tolist() == [500, 0, 300, 200]


@pytest.mark.parametrize(
    ("top_p", "drawn"), [(0.4, {0}), (0.5, {0}), (0.51, {0, 2}), (0.79, {0, 2}), (0.81, {0, 2, 3})]
)
def test_no_token_is_drawn_behind_those_that_have_the_share(top_p, drawn):
    shares = torch.tensor([0.5, 0.0, 0.3, 0.2])
    numbers = [0.0, 0.3, 0.6, 0.79, 0.999]
    tokens = draw(shares.log().repeat(5, 1), [Sampling(0, 1.0, top_p)] * 5, numbers)
    assert set(tokens.tolist()) == drawn


def test_a_low_temperature_prefers_the_likeliest():
    shares = torch.tensor([[0.6, 0.4]])
    # Squared: .36 and .16, of which the first is .692.
    settings = [Sampling(0, temperature=0.5)]
    assert draw(shares.log(), settings, [0.69]).tolist() == [0]
    assert draw(shares.log(), settings, [0.70]).tolist() == [1]
    assert draw(shares.log(), [Sampling(0)], [0.69]).tolist() == [1]


def test_each_row_has_settings_of_its_own():
    logits = torch.tensor([0.6, 0.4]).log().repeat(2, 1)
    assert draw(logits, [Sampling(0, top_p=0.5), Sampling(0)], [0.9, 0.9]).tolist() == [0, 1]
