"""Says every few seconds that a run's host is alive, and learns when the run is no longer its own.

In a thread, for a step, or reading photos, may take longer than a lease.
"""

import logging
import threading
from typing import Any

from django.db import Error, connection

from catalog.exceptions import LeaseLost
from catalog.models import TrainingRun
from catalog.transitions.training_run import run_beat
from catalog.workers.stopping import is_stopping

logger = logging.getLogger(__name__)


class Heartbeat:
    """Beats inside a `with` block; `is_over` says whether to stop what is being done."""

    def __init__(self, run: TrainingRun, *, seconds: float) -> None:
        self._run, self._seconds = run, seconds
        self._progress: dict[str, Any] = {}
        self._ended, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat {run.pk}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._ended.set()
        self._thread.join()

    @property
    def is_lost(self) -> bool:
        """Whether the run was cancelled, or passed to another host."""
        return self._lost.is_set()

    def is_over(self) -> bool:
        """Whether to stop: the run is lost, or this worker was told to end."""
        return self.is_lost or is_stopping()

    def tell(self, **progress: Any) -> None:
        """How far the run is; written with the next beat."""
        self._progress = progress

    def _beat(self) -> None:
        try:
            while not self._ended.wait(self._seconds / 4):
                self._once()
                if self.is_lost:
                    return
        finally:
            connection.close()

    def _once(self) -> None:
        try:
            run_beat(run=self._run, seconds=self._seconds, **self._progress)
        except LeaseLost as lost:
            logger.warning("%s Stopping.", lost)
            self._lost.set()
        except Error as error:
            # The next beat tries again; if none gets through in time, the run goes to another.
            logger.warning("The database does not answer (%s).", error)
            connection.close()
