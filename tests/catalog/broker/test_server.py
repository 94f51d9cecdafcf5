"""The embedded broker: started, adopted, replaced, and stopped only if it is really ours."""

import os
import signal
import socket
import time
from dataclasses import replace

import pytest
import redis

from catalog.broker import BrokerFailed, broker_stop, is_alive, serving_pid

pytestmark = pytest.mark.faults


def client(broker):
    return redis.Redis(unix_socket_path=str(broker.socket))


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.01)


def test_it_answers_on_its_socket_and_on_no_port(start, folder):
    broker = start()
    with client(broker) as connection:
        assert connection.ping()
        assert connection.config_get("port") == {"port": "0"}
        assert connection.config_get("appendonly") == {"appendonly": "yes"}
        assert connection.config_get("appendfsync") == {"appendfsync": "everysec"}
    assert (folder / "run" / "valkey.pid").read_text().strip() == str(broker.pid)
    assert broker.socket.stat().st_mode & 0o077 == 0


def test_what_it_held_is_there_after_a_stop(start):
    broker = start()
    with client(broker) as connection:
        connection.set("key", "value")
    assert broker_stop(broker) is True
    assert not broker.is_running()
    assert not broker.socket.exists()
    with client(start()) as connection:
        assert connection.get("key") == b"value"


def test_one_that_outlived_its_parent_is_adopted_and_stopped(start):
    first = start()
    second = start()
    assert (second.pid, second.process) == (first.pid, None)
    assert second.is_running()
    assert broker_stop(second) is True
    assert not second.is_running()


def test_one_that_was_killed_is_replaced(start):
    first = start()
    os.kill(first.pid, signal.SIGKILL)
    wait_until(lambda: not first.is_running())
    assert first.socket.exists()
    second = start()
    assert second.pid != first.pid
    assert second.is_running()


def test_one_that_is_frozen_is_replaced(start):
    first = start()
    os.kill(first.pid, signal.SIGSTOP)
    second = start()
    assert second.pid != first.pid
    assert serving_pid(second.socket) == second.pid
    wait_until(lambda: not first.is_running())


def test_a_socket_that_is_not_a_brokers_is_left_alone(start, folder):
    path = folder / "run" / "valkey.sock"
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        with pytest.raises(BrokerFailed, match=f"process {os.getpid()}, which is not our broker"):
            start()
        path.unlink()


def test_a_pid_that_is_not_the_server_is_not_killed(start):
    broker = start()
    stranger = replace(broker, pid=os.getpid(), process=None)
    assert broker_stop(stranger) is False
    assert broker.is_running()


def test_a_server_that_cannot_start_says_what_its_log_says(start, folder):
    (folder / "broker" / "appendonlydir").mkdir(parents=True)
    manifest = folder / "broker" / "appendonlydir" / "appendonly.aof.manifest"
    manifest.write_text("nonsense\n")
    with pytest.raises(BrokerFailed, match=r"valkey\.log ends with: "):
        start()


def test_a_process_that_has_ended_is_not_alive():
    child = os.fork()
    if child == 0:
        os._exit(0)
    wait_until(lambda: not is_alive(child))  # a zombie: nobody has waited for it yet
    os.waitpid(child, 0)
    assert not is_alive(child)
    assert is_alive(os.getpid())
