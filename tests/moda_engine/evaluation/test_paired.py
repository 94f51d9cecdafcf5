"""Paired differences, and how sure they are."""

import pytest

from moda_engine.evaluation.paired import paired_change


def test_the_interval_is_of_the_differences_of_single_photos():
    before = [0.0, 1.0] * 50
    change = paired_change(before, [one + 0.5 for one in before])
    assert (change.n, change.before, change.after) == (100, 0.5, 1.0)
    assert (change.low, change.high, change.rise) == (0.5, 0.5, 0.5)


def test_the_interval_holds_the_change_and_is_the_same_again():
    before, after = [0.0] * 100, [1.0] * 10 + [0.0] * 90
    change = paired_change(before, after)
    assert change.low < change.rise == 0.1 < change.high
    assert 0.04 <= change.low <= 0.05
    assert 0.15 <= change.high <= 0.17
    assert paired_change(before, after) == change


@pytest.mark.parametrize(("count", "bound"), [(20, 0.1391), (300, 0.00994)])
def test_a_fault_that_was_never_seen_may_still_be_there(count, bound):
    change = paired_change([0.0] * count, [0.0] * count, counts_unseen=True)
    assert change.high == -change.low == pytest.approx(bound, rel=1e-2)


def test_faults_that_went_leave_the_bound_for_new_ones():
    change = paired_change([1.0] * 20 + [0.0] * 280, [0.0] * 300, counts_unseen=True)
    assert change.high == pytest.approx(0.00994, rel=1e-2)
    assert change.low < -0.04


@pytest.mark.parametrize(("before", "after"), [([], []), ([1.0], [1.0, 2.0])])
def test_nothing_to_compare_is_refused(before, after):
    with pytest.raises(ValueError, match="none, or not of the same photos"):
        paired_change(before, after)
