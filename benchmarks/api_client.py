"""A client that keeps its connection, to measure single requests."""

import http.client
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.api_servers import PORT


@dataclass
class Client:
    """Sends JSON with a key."""

    headers: Mapping[str, str]
    _connection: http.client.HTTPConnection = field(
        default_factory=lambda: http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    )

    def ask(self, method: str, path: str, body: Any = None) -> tuple[Any, float, Mapping[str, str]]:
        """The document, the seconds it took, and the header fields. An error ends the program."""
        data = json.dumps(body).encode() if body is not None else None
        headers = {**self.headers, "Content-Type": "application/json"}
        begun = time.perf_counter()
        self._connection.request(method, path, data, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        seconds = time.perf_counter() - begun
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {content[:500]!r}")
        return json.loads(content), seconds, dict(answer.headers)


def path_of(link: str) -> str:
    """A link without scheme and host."""
    return "/" + link.split("/", 3)[3]
