"""What tests of several parts of the catalog ask for."""

import pytest

from tests.strangers import Server


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
