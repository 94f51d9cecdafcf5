import torch
from hypothesis import given
from hypothesis import strategies as st

from moda_engine.training.plan import epoch_order, epoch_steps, split_passes


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
    pass_tokens=st.integers(1, 200),
)
def test_passes_hold_every_row_once_within_their_bound(lengths, pass_tokens):
    passes = split_passes(range(len(lengths)), torch.tensor(lengths), pass_tokens)
    assert sorted(row for rows in passes for row in rows) == list(range(len(lengths)))
    for rows in passes:
        widest = max(lengths[row] for row in rows) + 1
        assert len(rows) == 1 or len(rows) * widest <= pass_tokens


def test_captions_of_one_length_share_a_pass():
    lengths = torch.tensor([5, 9, 5, 9])
    assert split_passes(range(4), lengths, pass_tokens=20) == [[1, 3], [0, 2]]
