"""Stops a training host between two steps of its transitions, so that a test can kill it there.

The folder holds a file `hold-N` for each epoch N after which a host waits; it writes its process id
into `holding` meanwhile. Where `early-N` is there instead, it waits before the epoch is written.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def epochs_hold(folder: str) -> None:
    """Wrap what writes an epoch; called by the settings of a host's process, before it works."""
    os.environ["TEST_TRAINING_HELD"] = folder
    from celery import signals

    signals.worker_init.connect(_wrap, weak=False)


def _wrap(**_: Any) -> None:
    from catalog.workers import training

    training.run_epoch = _held(training.run_epoch)


def _held(written: Callable[..., None]) -> Callable[..., None]:
    folder = Path(os.environ["TEST_TRAINING_HELD"])

    def run_epoch(**arguments: Any) -> None:
        number = arguments["epoch"].number
        _wait(folder, folder / f"early-{number}")
        written(**arguments)
        _wait(folder, folder / f"hold-{number}")

    return run_epoch


def _wait(folder: Path, sign: Path) -> None:
    while sign.exists():
        (folder / "holding").write_text(str(os.getpid()))
        time.sleep(0.02)
