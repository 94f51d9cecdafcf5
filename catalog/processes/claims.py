"""What one installation claims on a machine: its data folder, and a TCP port to listen on."""

import fcntl
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another `serve` or `demo` has this data folder; the message says which process."""


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold the folder alone. The system lets go of it when we end, even if we are killed."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "moda.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(
                f"MODA already runs on {folder.parent} (process {file.read().strip() or '?'}). "
                "Stop it, or name another folder by MODA_DATA_DIRECTORY."
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


#: How many ports after the wanted one are tried.
TRIES = 100


def free_port(*, host: str, wanted: int) -> int:
    """The first port from `wanted` on that nobody listens on. Raises `OSError` if there is none."""
    for port in range(wanted, wanted + TRIES):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                continue
            return port
    raise OSError(f"None of the ports {wanted} to {wanted + TRIES - 1} of {host} is free.")


def port_wait(*, host: str, port: int, wait: Callable[[float], None], seconds: float) -> bool:
    """Whether somebody listens on the port within so many seconds. `wait` sleeps between looks."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            if probe.connect_ex((host, port)) == 0:
                return True
        wait(0.2)
    return False
