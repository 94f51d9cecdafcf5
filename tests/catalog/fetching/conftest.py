"""A real server on this machine, whose answers a test writes byte by byte."""

import contextlib
import re
import socket
import threading
from collections.abc import Callable

import pytest


class Server:
    """Accepts connections and hands each, with what was sent, to `answer`."""

    def __init__(self, answer: Callable[[socket.socket], None]) -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listening.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            self.requests.append(_whole_request(client))
            self._answer(client)


def _whole_request(client: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        request += client.recv(65_536)
    head, _, body = request.partition(b"\r\n\r\n")
    announced = re.search(rb"(?i)content-length: (\d+)", head)
    while announced and len(body) < int(announced[1]):
        body += client.recv(65_536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def serve():
    """Starts servers; `serve(b"HTTP/1.1 …")` answers the same bytes to everybody."""
    started = []

    def start(answer):
        if isinstance(answer, bytes):
            content = answer

            def answer(client):
                client.sendall(content)

        started.append(Server(answer))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture
def loopback(settings):
    """This machine may be asked, as in development."""
    settings.FETCH_LOOPBACK = True
