"""The supervisor: restarts what ends, gives up on what is broken, leaves nothing behind."""

import os
import signal
import sys
import tempfile
from pathlib import Path

import pytest

from catalog.broker import is_alive
from catalog.processes.supervisor import RESTARTS, Child, ChildBroken, Stopped, Supervisor

pytestmark = pytest.mark.faults

SLEEPS = "import time; time.sleep(600)"


@pytest.fixture
def folder():
    """A short path: the broker's socket has little room for its own."""
    with tempfile.TemporaryDirectory(prefix="moda-supervisor-") as name:
        yield Path(name)


@pytest.fixture
def said():
    return []


def supervisor(folder, said, *codes, broker=False):
    children = [
        Child(
            name=f"part {number}",
            command=[sys.executable, "-c", code],
            environment=os.environ,
            directory=folder,
            log=folder / f"{number}.log",
        )
        for number, code in enumerate(codes)
    ]
    return Supervisor(
        children=children,
        broker_socket=folder / "valkey.sock" if broker else None,
        broker_directory=folder,
        say=said.append,
    ), children


def test_all_run_inside_and_none_after(folder, said):
    parts, children = supervisor(folder, said, SLEEPS, SLEEPS, broker=True)
    with parts.running():
        parts.check()
        assert all(child.is_running() for child in children)
        broker = int((folder / "valkey.pid").read_text())
        assert is_alive(broker)
    assert not any(child.is_running() for child in children)
    assert not is_alive(broker)
    assert said == []


def test_a_part_that_was_killed_is_started_again(folder, said):
    parts, (first, second) = supervisor(folder, said, SLEEPS, SLEEPS)
    with parts.running():
        pid = first.process.pid
        os.kill(pid, signal.SIGKILL)
        first.process.wait()
        parts.check()
        assert first.is_running()
        assert first.process.pid != pid
        assert second.is_running()
    assert said == [f"The part 0 ended by itself; starting it again; its log: {folder}/0.log."]


def test_a_broker_that_was_killed_is_started_again(folder, said):
    parts, _ = supervisor(folder, said, broker=True)
    with parts.running():
        pid = int((folder / "valkey.pid").read_text())
        os.kill(pid, signal.SIGKILL)
        while not said:
            parts.check()
        again = int((folder / "valkey.pid").read_text())
        assert again != pid
        assert is_alive(again)
    assert not is_alive(again)


def test_a_part_that_ends_again_and_again_is_given_up(folder, said):
    parts, (_, sound) = supervisor(folder, said, "raise SystemExit(3)", SLEEPS)
    expected = rf"The part 0 ended {RESTARTS + 1} times in a short while; its log: .*0\.log\."
    with pytest.raises(ChildBroken, match=expected), parts.running():
        parts.wait(120)
    assert len(said) == RESTARTS
    assert not sound.is_running()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_wait_and_is_ours_only_inside(folder, said, number):
    parts, (child,) = supervisor(folder, said, SLEEPS)
    before = signal.getsignal(number)
    with parts.running():
        os.kill(os.getpid(), number)
        parts.wait_until_stopped()
        with pytest.raises(Stopped):
            parts.check()
        assert child.is_running()
    assert not child.is_running()
    assert signal.getsignal(number) == before


def test_a_second_signal_does_not_wait(folder, said):
    stubborn = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True)"
    parts, (child,) = supervisor(folder, said, f"{stubborn}; time.sleep(600)")
    with parts.running():
        while "up" not in child.log.read_text():
            parts.check()
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        parts.wait_until_stopped()
    assert child.process.returncode == -signal.SIGKILL


def test_an_error_inside_leaves_nothing_running(folder, said):
    parts, (child,) = supervisor(folder, said, SLEEPS)
    with pytest.raises(ValueError, match="inside"), parts.running():
        raise ValueError("inside")
    assert not child.is_running()
