"""Follows a job from its rows, with a progress bar."""

import time
from collections.abc import Callable

from tqdm import tqdm

from catalog.models import DescriptionJob
from catalog.selectors.jobs import job_progress

#: Seconds without any item ending after which we say that the workers do not answer.
SILENCE_SECONDS = 300.0
#: Seconds between looks at the rows.
LOOK_EVERY = 0.5


class WorkersSilent(Exception):
    """No worker ended an item for too long."""


def job_follow(
    *,
    job: DescriptionJob,
    wait: Callable[[float], None],
    silence_seconds: float = SILENCE_SECONDS,
) -> None:
    """Show the progress of a job until it ends. `wait` sleeps, and looks after the processes.

    Raises `WorkersSilent`, and whatever `wait` raises.
    """
    first = job_progress(job)
    heard = time.monotonic()
    to_do = first.total - first.skipped
    with tqdm(total=to_do, unit="photo", desc="Describing", mininterval=1) as bar:
        while True:
            job.refresh_from_db()
            progress = job_progress(job)
            ended = progress.done + progress.failed + progress.cancelled
            if ended > bar.n:
                heard = time.monotonic()
                bar.update(ended - bar.n)
            if not job.is_open:
                return
            if time.monotonic() - heard > silence_seconds:
                raise WorkersSilent(
                    f"No worker has described a photo for {silence_seconds:.0f} seconds."
                )
            wait(LOOK_EVERY)
