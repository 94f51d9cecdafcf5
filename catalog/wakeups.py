"""Tells workers that there may be work. Sends tasks by name and imports none of them.

A wake-up carries nothing and may get lost: the sweep looks at the database every few seconds and
wakes again. So a broker that is down or frozen delays work and never fails a request.
"""

import logging
from collections.abc import Callable

from kombu.exceptions import KombuError, OperationalError

from catalog import task_table

logger = logging.getLogger(__name__)

#: Seconds that one answer of the broker may take; a person is waiting for the whole.
BROKER_SECONDS = 0.4
#: Seconds after which a wake-up that nobody took is dropped: others were sent meanwhile.
EXPIRES = 120


def _send(task: task_table.TaskEntry, *, count: int = 1) -> bool:
    """Send the same empty message `count` times. False, and a line in the log, on failure.

    Over a connection of its own: the pooled one is the workers', with their longer time-outs.
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


def wake_descriptions(count: int = 1) -> bool:
    """Wake up to `count` workers that describe photos."""
    return _send(task_table.DESCRIBE, count=count)


def _waker(task: task_table.TaskEntry) -> Callable[[], bool]:
    def wake() -> bool:
        return _send(task)

    return wake


#: Wakes the process kept free for photos that somebody waits for.
wake_interactive = _waker(task_table.DESCRIBE_URGENT)
#: Wakes the same process for a photo that belongs to no product.
wake_photo_requests = _waker(task_table.PHOTO_REQUESTS)
wake_webhooks = _waker(task_table.DELIVER_WEBHOOKS)
wake_imports = _waker(task_table.IMPORTS)
wake_training = _waker(task_table.TRAINING)
wake_reviews = _waker(task_table.REVIEW_MANY)
