"""What Celery runs. A task carries nothing and calls one function of `catalog.workers`.

Its name, queue, time limit and schedule stand in `catalog.task_table`.
"""

from collections.abc import Callable
from typing import Any

from celery import shared_task, signals

from catalog import task_table
from catalog.wakeups import wake_photo_requests

# `training_host` listens for its worker to be ready.
from catalog.workers import training_host  # noqa: F401
from catalog.workers.bulk_reviews import bulk_reviews_run
from catalog.workers.importing import imports_wake_run
from catalog.workers.photo_requests import photo_requests_run
from catalog.workers.sweep import sweep_run, tidy_run
from catalog.workers.training import training_wake_run
from catalog.workers.wake import wake_run
from catalog.workers.webhooks import webhooks_look, webhooks_run

_WORK: dict[task_table.TaskEntry, Callable[[], object]] = {
    task_table.DESCRIBE: wake_run,
    task_table.IMPORTS: imports_wake_run,
    task_table.SWEEP: sweep_run,
    task_table.REVIEW_MANY: bulk_reviews_run,
    task_table.PHOTO_REQUESTS: photo_requests_run,
    task_table.DELIVER_WEBHOOKS: webhooks_run,
    task_table.LOOK_FOR_WEBHOOKS: webhooks_look,
    task_table.TIDY: tidy_run,
}
for _entry, _run in _WORK.items():
    shared_task(name=_entry.name)(_run)

# Acknowledged when it begins: a run takes hours, the message is only a hint, and the sweep sends
# another while a run waits.
shared_task(name=task_table.TRAINING.name, acks_late=False)(training_wake_run)


@shared_task(name=task_table.DESCRIBE_URGENT.name)
def describe_urgent() -> None:
    """Describe due photos that somebody waits for."""
    wake_run(urgent=True)


def warm_interactive(sender: Any, **_: Any) -> None:
    """Have the model loaded before the first person waits for it."""
    if task_table.PHOTO_REQUESTS.queue in sender.app.amqp.queues.consume_from:
        wake_photo_requests()


signals.worker_ready.connect(warm_interactive)
