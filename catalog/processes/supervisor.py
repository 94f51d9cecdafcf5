"""Keeps a broker and some child processes running, and ends them all in the end."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from catalog.broker import Broker, BrokerFailed, broker_start, broker_stop

_PR_SET_PDEATHSIG = 1
_LOOK_EVERY = 0.05


@dataclass
class Child:
    """A command to keep running. Its output goes to `log`, or where ours goes if that is None."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    log: Path | None = None
    #: Seconds between the request to end and the kill.
    stop_seconds: float = 30.0
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Start the process in a group of its own, so that Ctrl-C reaches only us."""
        with contextlib.ExitStack() as files:
            output = None
            if self.log is not None:
                self.log.parent.mkdir(parents=True, exist_ok=True)
                output = files.enter_context(self.log.open("ab"))
            self.process = subprocess.Popen(  # noqa: S603 (a fixed program, no shell)
                list(self.command),
                env=dict(self.environment),
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output is not None else None,
                start_new_session=True,
                preexec_fn=_end_with_parent(),  # noqa: PLW1509 (one system call, no threads here)
            )

    def is_running(self) -> bool:
        """Whether it runs; reaps it if it ended."""
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        """Send SIGTERM, once; a process that has ended is left alone."""
        if self.process is not None and self.is_running():
            self.process.send_signal(signal.SIGTERM)

    def wait_for_end(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """Wait for it to end, unless `hurry` says not to, then kill what is left of its group."""
        if self.process is None:
            return
        deadline = time.monotonic() + self.stop_seconds
        while self.is_running() and time.monotonic() < deadline and not hurry():
            time.sleep(_LOOK_EVERY)
        self.kill_group()

    def kill_group(self) -> None:
        """Kill what is left of the process and of the children that it did not take along."""
        if self.process is None:
            return
        # Nothing may be left; macOS says the latter of a group of zombies.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def _end_with_parent() -> Callable[[], object] | None:
    """A function for the child: when we are killed, the system sends it SIGTERM (Linux only)."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    return lambda: library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


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
            # A second Ctrl-C means: do not wait for the batch to end.
            child.wait_for_end(hurry=lambda: self._asked_to_stop > 1)
        if self._broker is not None:
            broker_stop(self._broker)
