import pytest
import torch

from moda_engine.exceptions import DatasetError
from moda_engine.training.captions import CaptionSequences, EncodedCaptions, require_captions
from tests.moda_engine.tiny import SENTENCES


def test_facts_count_in_the_length_and_not_in_the_loss(model_and_processor):
    _, processor = model_and_processor
    captions = EncodedCaptions(torch.eye(2, 16), ["Red skirt.", "Red skirt."], ["red", None])
    sequences = CaptionSequences(processor, captions)
    fact = len(processor.tokenizer("red")["input_ids"]) + 1
    text = len(processor.tokenizer("Red skirt.")["input_ids"]) + 1
    assert sequences.lengths.tolist() == [fact + text, text]
    assert sequences.token_counts.tolist() == [text, text]


def test_a_batch_holds_what_the_processor_makes_of_its_rows(model_and_processor):
    _, processor = model_and_processor
    features = torch.arange(48.0).view(3, 16)
    sequences = CaptionSequences(processor, EncodedCaptions(features, SENTENCES))
    batch = sequences.batch([2, 0])
    expected = processor(text=[SENTENCES[2], SENTENCES[0]])
    assert torch.equal(batch.pop("image_features"), features[[2, 0]])
    assert set(batch) == set(expected)
    assert all(torch.equal(value, expected[name]) for name, value in batch.items())


@pytest.mark.parametrize(
    ("texts", "facts", "message"),
    [(["one"], None, "2 features but 1 texts"), (["one", "two"], [None], "1 facts but 2 texts")],
)
def test_counts_have_to_agree(texts, facts, message):
    with pytest.raises(ValueError, match=message):
        EncodedCaptions(torch.eye(2, 16), texts, facts)


def test_empty_sets_are_refused():
    empty, one = EncodedCaptions(torch.empty(0, 16), []), EncodedCaptions(torch.eye(1, 16), ["a"])
    with pytest.raises(DatasetError, match="training set is empty"):
        require_captions(empty, one)
    with pytest.raises(DatasetError, match="validation set is empty"):
        require_captions(one, empty)
    require_captions(one)
