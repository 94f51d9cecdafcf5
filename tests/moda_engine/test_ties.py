import torch

from moda_engine import DescribeOptions, Describer
from moda_engine.ties import near_ties


def test_a_row_is_undecided_where_its_two_best_tokens_are_all_but_equal():
    logits = torch.tensor([[[5.0, 1.0], [2.0, 2.0005]], [[5.0, 1.0], [2.0, 2.1]]])
    assert near_ties(logits, torch.ones(2, 2), torch.float32) == [0]
    # What stands after the end of a row decides nothing.
    assert near_ties(logits, torch.tensor([[1.0, 0.0], [1.0, 1.0]]), torch.float32) == []


def test_an_undecided_photo_is_described_alone(checkpoint, photos, monkeypatch):
    describer = Describer.from_pretrained(checkpoint)
    sizes = []
    generate = describer.model.generate

    def counted(*arguments, **values):
        sizes.append(len(values["image_features"]))
        return generate(*arguments, **values)

    monkeypatch.setattr(describer.model, "generate", counted)
    monkeypatch.setitem(near_ties.__globals__["NEAR"], torch.float32, 1e9)
    facts = ["short", None, "some longer facts", None, "red"]
    together = describer.describe(photos, facts=facts, options=DescribeOptions(batch_size=5))
    # Facts are told in a second pass: those of three photos together, and of each by itself.
    assert sizes == [5, 3, *[1] * (5 + 3)]
    alone = [describer.describe([p], facts=[f])[0] for p, f in zip(photos, facts, strict=True)]
    assert together == alone
    assert {one.mode for one in together} == {"float32"}
