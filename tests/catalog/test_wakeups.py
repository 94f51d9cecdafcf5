"""A wake-up never fails and never takes long, whatever state the broker is in."""

import os
import signal
import tempfile
import time
from pathlib import Path

import pytest

from catalog import wakeups
from catalog.broker import broker_start, broker_stop, silent_pid

#: A person waits for it. On a busy machine most of this is for the interpreter itself.
AT_MOST = 2.0


@pytest.fixture
def application(monkeypatch):
    """A Celery application of this test alone, whose broker listens in a folder of its own."""
    from celery import Celery

    with tempfile.TemporaryDirectory(prefix="moda-wakeups-") as name:
        socket = Path(name) / "valkey.sock"
        own = Celery("tests", broker=f"redis+socket://{socket}", set_as_current=False)
        monkeypatch.setattr("config.celery_app.celery_app", own)
        yield socket


@pytest.fixture
def broker(application):
    running = broker_start(socket=application, directory=application.parent)
    yield running
    if (pid := silent_pid(application)) is not None:
        os.kill(pid, signal.SIGCONT)
        broker_stop(running)


def timed(call):
    start = time.monotonic()
    answer = call()
    return answer, time.monotonic() - start


def queued(broker, queue):
    import redis

    with redis.Redis(unix_socket_path=str(broker.socket)) as connection:
        return connection.llen(queue)


def test_a_wake_is_an_empty_message_on_its_queue(broker):
    assert wakeups.wake_descriptions() is True
    assert wakeups.wake_descriptions(count=3) is True
    assert wakeups.wake_reviews() is True
    assert queued(broker, "descriptions") == 4
    assert queued(broker, "maintenance") == 1


def test_without_a_broker_it_says_so_at_once(application, caplog):
    answer, seconds = timed(wakeups.wake_descriptions)
    assert answer is False
    assert seconds < AT_MOST
    assert "the sweep will" in caplog.text


@pytest.mark.faults
@pytest.mark.parametrize("used_before", [False, True])
def test_a_frozen_broker_is_not_waited_for(broker, used_before):
    if used_before:
        assert wakeups.wake_descriptions() is True
    os.kill(broker.pid, signal.SIGSTOP)
    answer, seconds = timed(lambda: wakeups.wake_descriptions(count=4))
    assert answer is False
    assert seconds < AT_MOST


@pytest.mark.faults
def test_after_the_broker_is_back_wakes_arrive_again(broker, application):
    broker_stop(broker)
    assert wakeups.wake_descriptions() is False
    again = broker_start(socket=application, directory=application.parent)
    try:
        assert wakeups.wake_descriptions() is True
        assert queued(again, "descriptions") == 1
    finally:
        broker_stop(again)
