"""The tasks by name: what Celery's routes, time limits and schedule, and the wake-ups, read.

Names on the wire stay when code moves. Nothing here imports the code of a task.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings

#: Seconds that loading a model may take in a fresh child of a busy machine.
LOAD_SECONDS = 120


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """One task. `limit` and `every` give seconds; they read the settings when they are called."""

    name: str
    queue: str
    #: Of its soft time limit; None for a task that may run for hours.
    limit: Callable[[], int] | None
    #: Between two runs by the clock; None for a task that a wake-up starts.
    every: Callable[[], float] | None = None


def wake_limit() -> int:
    """A wake works WAKE_SECONDS, and may then be in a batch, which has a lease's time."""
    return LOAD_SECONDS + settings.WAKE_SECONDS + settings.LEASE_SECONDS


DESCRIBE = TaskEntry("catalog.tasks.describe_wake", "descriptions", wake_limit)
DESCRIBE_URGENT = TaskEntry("catalog.tasks.describe_urgent", "interactive", wake_limit)
PHOTO_REQUESTS = TaskEntry("catalog.tasks.answer_photo_requests", "interactive", wake_limit)
#: The longest part of an import, staging a workbook of a million rows, cannot be interrupted.
IMPORTS = TaskEntry("catalog.tasks.imports_wake", "imports", lambda: 1800)
#: Its lease and heartbeat stand in for a time limit, which the pool `solo` does not have.
TRAINING = TaskEntry("catalog.tasks.training_wake", "training", None)
DELIVER_WEBHOOKS = TaskEntry("catalog.tasks.deliver_webhooks", "webhooks", wake_limit)
_maintenance = partial(TaskEntry, queue="maintenance", limit=lambda: 120)
SWEEP = _maintenance("catalog.tasks.sweep", every=lambda: settings.SWEEP_SECONDS)
REVIEW_MANY = _maintenance("catalog.tasks.review_many")
#: Changes of the catalog wake nobody: the clock finds them.
LOOK_FOR_WEBHOOKS = _maintenance(
    "catalog.tasks.look_for_webhooks", every=lambda: settings.SWEEP_SECONDS
)
TIDY = _maintenance("catalog.tasks.tidy", every=lambda: 300)

TASKS = (
    DESCRIBE, DESCRIBE_URGENT, PHOTO_REQUESTS, IMPORTS, TRAINING, DELIVER_WEBHOOKS, SWEEP,
    REVIEW_MANY, LOOK_FOR_WEBHOOKS, TIDY,
)  # fmt: skip
