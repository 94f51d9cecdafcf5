"""One child process: started, asked to end, and ended by the pid we started, nothing else."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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
        if self.log is None:
            self._start(None)
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._start(output.fileno())

    def _start(self, output: int | None) -> None:
        self.process = subprocess.Popen(  # noqa: S603 (a fixed program, no shell)
            list(self.command),
            env=dict(self.environment),
            cwd=self.directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output is not None else None,
            start_new_session=True,
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 (one system call, and no threads here)
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
