import pytest
import torch

from moda_engine import DescribeOptions, Describer
from moda_engine.generation.decoder import Decoder
from moda_engine.ties import NEAR


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
    together = describer.describe(photos, facts=facts, options=DescribeOptions(batch_size=5))
    # Facts are told in a second pass: those of three photos together, made up to four rows, and of
    # each by itself.
    assert sizes == [5, 4, *[1] * (5 + 3)]
    alone = [describer.describe([p], facts=[f])[0] for p, f in zip(photos, facts, strict=True)]
    assert together == alone
    assert {one.mode for one in together} == {"float32"}


def test_a_decided_photo_is_described_once(checkpoint, photos, monkeypatch, sizes):
    describer = Describer.from_pretrained(checkpoint)
    monkeypatch.setitem(NEAR, torch.float32, 0.0)
    describer.describe(photos, options=DescribeOptions(batch_size=5))
    assert sizes == [5]
