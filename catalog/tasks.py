"""What Celery runs. A task carries nothing and calls one function of `catalog.workers`.

Its name, queue, time limit and schedule stand in `catalog.task_table`.
"""

from typing import Any

from celery import shared_task, signals

from catalog.task_table import (
    DELIVER_WEBHOOKS,
    DESCRIBE,
    DESCRIBE_URGENT,
    IMPORTS,
    LOOK_FOR_WEBHOOKS,
    PHOTO_REQUESTS,
    REVIEW_MANY,
    SWEEP,
    TIDY,
    TRAINING,
)
from catalog.wakeups import wake_photo_requests

# `stopping` before the pool is forked; `training_host` listens for its worker to be ready.
from catalog.workers import stopping, training_host  # noqa: F401


@shared_task(name=DESCRIBE.name)
def describe_wake() -> None:
    """Describe due photos for a while."""
    from catalog.workers.wake import wake_run

    wake_run()


@shared_task(name=DESCRIBE_URGENT.name)
def describe_urgent() -> None:
    """Describe due photos that somebody waits for."""
    from catalog.workers.wake import wake_run

    wake_run(urgent=True)


@shared_task(name=IMPORTS.name)
def imports_wake() -> None:
    """Take imports, their photos and exports further for a while."""
    from catalog.workers.importing import imports_wake_run

    imports_wake_run()


# Acknowledged when it begins: a run takes hours, the message is only a hint, and the sweep sends
# another while a run waits.
@shared_task(name=TRAINING.name, acks_late=False)
def training_wake() -> None:
    """Train what waits, one run after another, in the pool `solo`."""
    from catalog.workers.training import training_wake_run

    training_wake_run()


@shared_task(name=SWEEP.name)
def sweep() -> None:
    """Put right what was left behind."""
    from catalog.workers.sweep import sweep_run

    sweep_run()


@shared_task(name=REVIEW_MANY.name)
def review_many() -> None:
    """Approve, reject or undo what is too much for one request."""
    from catalog.workers.bulk_reviews import bulk_reviews_run

    bulk_reviews_run()


@shared_task(name=PHOTO_REQUESTS.name)
def answer_photo_requests() -> None:
    """Describe the photos for which somebody waits."""
    from catalog.workers.photo_requests import photo_requests_run

    photo_requests_run()


@shared_task(name=DELIVER_WEBHOOKS.name)
def deliver_webhooks() -> None:
    """Deliver what is due."""
    from catalog.workers.webhooks import webhooks_run

    webhooks_run()


@shared_task(name=LOOK_FOR_WEBHOOKS.name)
def look_for_webhooks() -> None:
    """Wake a worker that delivers, if there is anything to deliver."""
    from catalog.workers.webhooks import webhooks_look

    webhooks_look()


@shared_task(name=TIDY.name)
def tidy() -> None:
    """Delete what was kept for a time only."""
    from catalog.workers.sweep import tidy_run

    tidy_run()


def warm_interactive(sender: Any, **_: Any) -> None:
    """Have the model loaded before the first person waits for it."""
    if PHOTO_REQUESTS.queue in sender.app.amqp.queues.consume_from:
        wake_photo_requests()


signals.worker_ready.connect(warm_interactive)
