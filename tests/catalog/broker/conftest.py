"""Real servers, none of which is left behind."""

import os
import signal
import tempfile
from pathlib import Path

import pytest

from catalog.broker import broker_start, serving_pid, silent_pid


@pytest.fixture
def folder():
    """A short path: sockets have little room for theirs."""
    with tempfile.TemporaryDirectory(prefix="moda-broker-") as name:
        yield Path(name)


@pytest.fixture
def start(folder):
    """Starts (or adopts) the broker of `folder`; whatever lives in the end is killed."""
    socket = folder / "run" / "valkey.sock"
    started = []

    def start_broker():
        broker = broker_start(socket=socket, directory=folder / "broker")
        started.append(broker)
        return broker

    yield start_broker
    pid = serving_pid(socket) or silent_pid(socket)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)
    for broker in started:
        if broker.process is not None:
            broker.process.wait(timeout=30)
