"""The size of a batch follows the worker's speed."""

import pytest

from catalog.workers.wake import ENGINE_BATCH, LONGEST_SECONDS, Pace


def test_before_any_batch_it_takes_what_the_engine_runs_at_a_time():
    assert Pace().limit() == ENGINE_BATCH


@pytest.mark.parametrize(
    ("speed", "limit"),
    [(0.05, 1), (1, LONGEST_SECONDS), (5, 16), (31, 16), (32, 32), (40, 32), (64, 32)],
)
def test_a_batch_takes_about_a_second_in_whole_batches_of_the_engine(speed, limit):
    pace = Pace()
    pace.note(photos=16, seconds=16 / speed)
    assert pace.limit() == limit


def test_a_quick_worker_grows_by_doubling_up_to_the_setting(settings):
    settings.LEASE_BATCH = 100
    pace, limits = Pace(), []
    for _ in range(4):
        limits.append(pace.limit())
        pace.note(photos=pace.limit(), seconds=0.01)
    assert limits == [16, 32, 64, 100]


def test_one_odd_batch_changes_it_by_half():
    pace = Pace()
    pace.note(photos=32, seconds=0.5)
    pace.note(photos=32, seconds=1)
    assert pace.limit() == 48
