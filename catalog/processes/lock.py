"""One set of processes a data folder."""

import fcntl
import os
from collections.abc import Iterator
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
