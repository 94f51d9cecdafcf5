"""The size of a batch follows the worker's speed."""

from catalog.workers.pace import BATCH_SECONDS, FIRST_BATCH, Pace


def test_before_any_batch_it_takes_a_few():
    assert Pace().limit() == FIRST_BATCH


def test_a_slow_worker_takes_what_it_describes_in_a_batchs_time():
    pace = Pace()
    pace.note(photos=FIRST_BATCH, seconds=FIRST_BATCH / 5)
    assert pace.limit() == 5 * BATCH_SECONDS


def test_a_worker_slower_than_a_photo_a_batch_takes_one():
    pace = Pace()
    pace.note(photos=1, seconds=60)
    assert pace.limit() == 1


def test_a_quick_worker_grows_by_doubling_up_to_the_setting(settings):
    settings.LEASE_BATCH = 100
    pace, limits = Pace(), []
    for _ in range(4):
        limits.append(pace.limit())
        pace.note(photos=pace.limit(), seconds=0.01)
    assert limits == [16, 32, 64, 100]


def test_one_odd_batch_changes_it_by_half():
    pace = Pace()
    pace.note(photos=16, seconds=1)
    pace.note(photos=16, seconds=2)
    assert pace.limit() == 12
