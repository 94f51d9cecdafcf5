"""Messages between the processes of a run and their launcher.

One socket, which the processes inherit as their standard input. A message is a packet that holds a
JSON object with its `kind`, so several may write at once. When one side is gone, even by
`kill -9`, the other reads the end.

| kind | from | also holds |
|---|---|---|
| `remark` | first process | `text` |
| `step` | first process | `figures` |
| `epoch` | first process, which then waits | `figures`, `texts` of the samples |
| `go on` | launcher | |
| `failed` | any process | `error`, `text`, `errno` |
| `finished` | first process | |
"""

import errno
import json
import os
import select
import socket
import threading
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from moda_engine import exceptions
from moda_engine.devices import is_out_of_memory
from moda_engine.training.recipe import Recipe
from moda_engine.training.run import RunRequest

#: Bytes of a packet at most: more than Linux sends at once.
PACKET = 1 << 18
#: Characters of an error's words; a packet takes them in any script.
WORDS = 10_000
_STANDARD_INPUT = 0


class Channel:
    """One end of the socket."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end

    @classmethod
    def of_this_process(cls) -> "Channel":
        """The end that a launched process inherited."""
        return cls(socket.socket(fileno=os.dup(_STANDARD_INPUT)))

    def send(self, kind: str, **values: Any) -> None:
        """Raises `BrokenPipeError` when nobody listens."""
        self._end.send(json.dumps({"kind": kind, **values}).encode())

    def receive(self, timeout: float | None = None) -> dict[str, Any] | None:
        """The next message; `None` when the other side is gone.

        Raises `TimeoutError` when there is none for `timeout` seconds.
        """
        self._end.settimeout(timeout)
        try:
            packet = self._end.recv(PACKET)
        except ConnectionResetError:
            return None
        return dict(json.loads(packet)) if packet else None

    def end(self) -> None:
        """Close this side; messages of the other can still be read."""
        try:
            self._end.shutdown(socket.SHUT_WR)
        except OSError as error:
            if error.errno != errno.ENOTCONN:  # the other side was quicker
                raise

    def exit_at_its_end(self) -> None:
        """From now on, end this process at once when the other side is gone."""
        poll = select.poll()
        poll.register(self._end, select.POLLRDHUP)

        def wait() -> None:
            poll.poll()
            os._exit(0)  # an orderly exit would wait for the others, which end too

        threading.Thread(target=wait, name="launcher's end", daemon=True).start()


def request_text(request: RunRequest) -> str:
    """`request` as JSON, for another process; `request_of` reads it."""
    return json.dumps(asdict(request), default=lambda path: str(path.absolute()))


def request_of(text: str) -> RunRequest:
    """The request that `request_text` wrote."""
    values = json.loads(text)
    for name in ("output", "validation", "model", "adapter", "rehearsal_set", "cache"):
        values[name] = None if values[name] is None else Path(values[name])
    for name in ("data", "samples"):
        values[name] = tuple(Path(path) for path in values[name])
    return RunRequest(**{**values, "recipe": Recipe(**values["recipe"])})


def failure_values(error: Exception) -> dict[str, Any]:
    """What a message `failed` says of `error`."""
    kind = "MemoryError" if is_out_of_memory(error) else type(error).__name__
    if isinstance(error, OSError) and error.errno:
        return {"error": "OSError", "text": error.strerror, "errno": error.errno}
    return {"error": kind, "text": str(error)[:WORDS], "errno": None}


def failure(values: Mapping[str, Any]) -> Exception:
    """The error that a message `failed` tells of, as one process alone would raise it."""
    kind, text = values["error"], values["text"]
    if values["errno"]:
        return OSError(values["errno"], text)
    if kind == "MemoryError":
        return MemoryError(text)
    known = getattr(exceptions, kind, None)
    if known is not None:
        error: Exception = known(text)
        return error
    return RuntimeError(f"One of several processes failed: {kind}: {text}")
