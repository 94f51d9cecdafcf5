"""TCP ports: a free one to listen on, and waiting for one to be listened on."""

import socket
import time
from collections.abc import Callable

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
