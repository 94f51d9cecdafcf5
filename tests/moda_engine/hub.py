"""A hub of our own on this machine: the few endpoints that fetching a model asks for."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
TAG = "v1"


class Hub:
    """Models by name, each a folder with one commit; counts the files that were fetched."""

    def __init__(self) -> None:
        self.models: dict[str, Path] = {}
        self.gated: set[str] = set()
        self.fetched: list[str] = []
        self.server = ThreadingHTTPServer(
            ("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": self})
        )
        self.address = f"http://127.0.0.1:{self.server.server_port}"

    def run(self) -> None:
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers for the hub that its server carries."""

    hub: Hub

    def do_GET(self) -> None:
        path = urlsplit(self.path).path.strip("/")
        if not path.startswith("api/models/"):
            return self._file(path)
        owner, name, what, revision = path.removeprefix("api/models/").split("/")[:4]
        if self._found(f"{owner}/{name}", revision):
            folder = self.hub.models[f"{owner}/{name}"]
            content = json.dumps(_info(folder) if what == "revision" else _tree(folder)).encode()
            self._send(200, content, {"Content-Type": "application/json"})

    do_HEAD = do_GET  # noqa: N815 (the server's name for it)

    def _file(self, path: str) -> None:
        owner, name, _, revision, file_name = path.split("/", 4)
        if self._found(f"{owner}/{name}", revision):
            file = self.hub.models[f"{owner}/{name}"] / file_name
            if not file.is_file():
                self._refused(404, "EntryNotFound")
                return
            content = file.read_bytes()
            if self.command == "GET":
                self.hub.fetched.append(file_name)
            digest = hashlib.sha256(content).hexdigest()
            self._send(200, content, {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT})

    def _found(self, name: str, revision: str) -> bool:
        if name in self.hub.gated:
            return self._refused(403, "GatedRepo")
        if name not in self.hub.models:
            return self._refused(404, "RepoNotFound")
        if revision not in {"main", TAG, COMMIT}:
            return self._refused(404, "RevisionNotFound")
        return True

    def _refused(self, status: int, code: str) -> bool:
        self._send(status, b"", {"X-Error-Code": code, "X-Error-Message": code})
        return False

    def _send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        """Nothing: the tests' own output is enough."""


def _info(folder: Path) -> dict:
    files = [{"rfilename": path.name} for path in sorted(folder.iterdir())]
    return {"id": "a/model", "sha": COMMIT, "siblings": files}


def _tree(folder: Path) -> list[dict]:
    return [
        {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": path.name}
        for path in sorted(folder.iterdir())
    ]
