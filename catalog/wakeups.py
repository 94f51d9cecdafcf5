"""Tells workers that there may be work. Sends tasks by name and imports none of them.

A wake-up carries nothing and may get lost: the sweep looks at the database every few seconds and
wakes again. So a broker that is down or frozen delays work and never fails a request.
"""

import logging

from kombu.exceptions import KombuError, OperationalError

from catalog.task_table import (
    DELIVER_WEBHOOKS,
    DESCRIBE,
    DESCRIBE_URGENT,
    IMPORTS,
    PHOTO_REQUESTS,
    REVIEW_MANY,
    TRAINING,
    TaskEntry,
)

logger = logging.getLogger(__name__)

#: Seconds that one answer of the broker may take; a person is waiting for the whole.
BROKER_SECONDS = 0.4
#: Seconds after which a wake-up that nobody took is dropped: others were sent meanwhile.
EXPIRES = 120


def wake_descriptions(count: int = 1) -> bool:
    """Wake up to `count` workers that describe photos. False, and a line in the log, on failure."""
    return _send(DESCRIBE, count=count)


def wake_interactive() -> bool:
    """Wake the process kept free for photos that somebody waits for. False on failure, logged."""
    return _send(DESCRIBE_URGENT)


def wake_photo_requests() -> bool:
    """Wake the same process for a photo that belongs to no product."""
    return _send(PHOTO_REQUESTS)


def wake_webhooks() -> bool:
    """Wake a worker that delivers webhooks."""
    return _send(DELIVER_WEBHOOKS)


def wake_imports() -> bool:
    """Wake a worker that imports and exports. False, and a line in the log, on failure."""
    return _send(IMPORTS)


def wake_training() -> bool:
    """Wake a host that trains. False, and a line in the log, on failure."""
    return _send(TRAINING)


def wake_reviews() -> bool:
    """Wake a worker that carries out steps over many drafts. False on failure, logged."""
    return _send(REVIEW_MANY)


def _send(task: TaskEntry, *, count: int = 1) -> bool:
    """Send the same empty message `count` times over one connection of its own.

    Not over the pooled connection: that one is the workers', with their longer time-outs.
    """
    from config.celery_app import celery_app

    options = {
        "socket_timeout": BROKER_SECONDS,
        "socket_connect_timeout": BROKER_SECONDS,
        "retry_on_timeout": False,
        "max_retries": 0,
    }
    try:
        with celery_app.connection_for_write(transport_options=options) as connection:
            for _ in range(count):
                celery_app.send_task(
                    task.name,
                    queue=task.queue,
                    connection=connection,
                    retry=False,
                    ignore_result=True,
                    expires=EXPIRES,
                )
    except (KombuError, OperationalError, OSError) as error:
        logger.warning("No wake-up for %s could be sent (%s); the sweep will.", task.queue, error)
        return False
    return True
