"""Keeps a broker and some child processes running, and ends them all in the end."""

import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from catalog.broker import Broker, BrokerFailed, broker_start, broker_stop
from catalog.processes.child import Child

#: A part that ends more often than this within RESTART_WINDOW seconds is broken, not unlucky.
RESTARTS = 5
RESTART_WINDOW = 120.0
LOOK_EVERY = 0.2


class Stopped(Exception):
    """Somebody asked us to end: Ctrl-C or SIGTERM."""


class ChildBroken(Exception):
    """A part ends again and again; the message names it and where its log is."""


class Supervisor:
    """Starts the parts in order, restarts what ends by itself, ends all in reverse order."""

    def __init__(
        self,
        *,
        children: Sequence[Child],
        broker_socket: Path | None,
        broker_directory: Path,
        say: Callable[[str], None],
    ) -> None:
        self._children = children
        self._broker_socket = broker_socket
        self._broker_directory = broker_directory
        self._say = say
        self._broker: Broker | None = None
        self._ends: dict[str, deque[float]] = {}
        self._asked_to_stop = 0

    @contextmanager
    def running(self) -> Iterator["Supervisor"]:
        """All parts run inside the block; none is left after it, whatever happened in it."""
        former = {
            number: signal.signal(number, self._note_stop)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            self._start_broker()
            for child in self._children:
                child.start()
            yield self
        finally:
            self._end_all()
            for number, handler in former.items():
                signal.signal(number, handler)

    def check(self) -> None:
        """Look after the parts once. Raises `Stopped` or `ChildBroken`."""
        if self._asked_to_stop:
            raise Stopped
        if self._broker is not None and not self._broker.is_running():
            self._count_end("broker", self._broker_directory / "valkey.log")
            self._start_broker()
        for child in self._children:
            if not child.is_running():
                child.kill_group()
                self._count_end(child.name, child.log)
                child.start()

    def wait(self, seconds: float) -> None:
        """Look after the parts for so long. Raises as `check` does."""
        deadline = time.monotonic() + seconds
        while True:
            self.check()
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(LOOK_EVERY, left))

    def wait_until_stopped(self) -> None:
        """Look after the parts until somebody asks us to end. Raises `ChildBroken`."""
        try:
            while True:
                self.wait(3600)
        except Stopped:
            return

    def _note_stop(self, number: int, frame: FrameType | None) -> None:
        self._asked_to_stop += 1

    def _start_broker(self) -> None:
        if self._broker_socket is None:
            return
        try:
            self._broker = broker_start(
                socket=self._broker_socket, directory=self._broker_directory
            )
        except BrokerFailed as error:
            raise ChildBroken(str(error)) from error

    def _count_end(self, name: str, log: Path | None) -> None:
        now = time.monotonic()
        ends = self._ends.setdefault(name, deque())
        ends.append(now)
        while now - ends[0] > RESTART_WINDOW:
            ends.popleft()
        where = f"; its log: {log}" if log else ""
        if len(ends) > RESTARTS:
            raise ChildBroken(f"The {name} ended {len(ends)} times in a short while{where}.")
        self._say(f"The {name} ended by itself; starting it again{where}.")

    def _end_all(self) -> None:
        """Web first, so that nobody asks for more; the broker last, for all others talk to it."""
        for child in reversed(self._children):
            child.ask_to_end()
        for child in reversed(self._children):
            # Whoever presses Ctrl-C again does not want to wait for the batch to end.
            child.wait_for_end(hurry=lambda: self._asked_to_stop > 1)
        if self._broker is not None:
            broker_stop(self._broker)
