"""Captions as tokens, and how they are cut into steps and micro-batches."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from moda_engine.exceptions import DatasetError
from moda_engine.training.captions import (
    CaptionSequences,
    EncodedCaptions,
    epoch_order,
    epoch_steps,
    micro_batches,
    require_captions,
)
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


def test_an_epoch_has_every_row_once_in_an_order_of_its_own():
    first, second = (epoch_order(50, seed=0, epoch=epoch) for epoch in (1, 2))
    assert sorted(first) == sorted(second) == list(range(50))
    assert first != second
    assert first == epoch_order(50, seed=0, epoch=1)
    assert first != epoch_order(50, seed=1, epoch=1)


def test_steps_cover_the_order_and_the_last_is_what_is_left():
    order = epoch_order(10, seed=0, epoch=1)
    steps = epoch_steps(order, 4)
    assert [len(step.rows) for step in steps] == [4, 4, 2]
    assert [row for step in steps for row in step.rows] == order
    assert [step.positions for step in steps] == [range(4), range(4, 8), range(8, 10)]


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=40),
    tokens_at_once=st.integers(1, 200),
)
def test_passes_hold_every_row_once_within_their_bound(lengths, tokens_at_once):
    passes = micro_batches(range(len(lengths)), torch.tensor(lengths), tokens_at_once)
    assert sorted(row for rows in passes for row in rows) == list(range(len(lengths)))
    for rows in passes:
        widest = max(lengths[row] for row in rows) + 1
        assert len(rows) == 1 or len(rows) * widest <= tokens_at_once


def test_captions_of_one_length_share_a_pass():
    lengths = torch.tensor([5, 9, 5, 9])
    assert micro_batches(range(4), lengths, tokens_at_once=20) == [[1, 3], [0, 2]]
