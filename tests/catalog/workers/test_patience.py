"""Short transactions go on where the database was away for a while."""

import pytest
from django.db import InterfaceError, OperationalError, connection

from catalog.workers import patience, stopping
from catalog.workers.patience import patiently

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def waits(monkeypatch):
    """The waits that were asked for, none of which takes any time."""
    asked = []
    monkeypatch.setattr(patience.time, "sleep", asked.append)
    monkeypatch.setattr(patience.random, "uniform", lambda low, high: 1.0)
    return asked


def failing(times, error):
    left = [error] * times

    def transaction():
        if left:
            raise left.pop()
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone()[0]

    return transaction


@pytest.mark.parametrize("error", [OperationalError("gone"), InterfaceError("closed")])
def test_it_tries_again_and_waits_longer_each_time(waits, error):
    assert patiently(failing(8, error)) == 1
    assert waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5])


def test_it_gives_up_once_the_lease_is_over(settings, waits):
    settings.LEASE_SECONDS = 0
    with pytest.raises(OperationalError):
        patiently(failing(99, OperationalError("gone")))
    assert waits == []


def test_a_worker_that_is_told_to_stop_waits_for_nothing(monkeypatch, waits):
    monkeypatch.setattr(stopping, "_byte", bytearray([1]))
    with pytest.raises(OperationalError):
        patiently(failing(1, OperationalError("gone")))
    assert waits == []


def test_a_fault_of_ours_is_not_tried_again(waits):
    with pytest.raises(LookupError):
        patiently(failing(1, LookupError()))
    assert waits == []
