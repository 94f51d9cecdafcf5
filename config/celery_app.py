"""The Celery application: `celery -A config worker --queues descriptions`.

Messages carry nothing; what is to be done stands in the database. So a lost message costs at most
the time until the next sweep, and a message delivered twice finds nothing left to do.
"""

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

#: Seconds between a soft limit, which the task can catch, and the hard one, which kills its child.
HARD_LIMIT_AFTER = 30
#: Seconds that loading a model may take in a fresh child, on a machine that is busy.
LOAD_SECONDS = 120
#: Seconds that the longest sweep may take.
SWEEP_LIMIT = 120
#: Seconds between two looks for what was kept for a time only.
TIDY_SECONDS = 300
#: Seconds that one wake of an import may take: its longest part, staging a workbook of a million
#: rows, cannot be stopped half-way.
IMPORT_LIMIT = 1800
#: Seconds that a task gets to come to its end when the worker is told to stop at once.
SOFT_SHUTDOWN = 10


def celery_settings() -> dict[str, Any]:
    """All of Celery's settings, from Django's. Read when they are first needed."""
    from django.conf import settings

    # A wake works WAKE_SECONDS and may then be in the middle of a batch, which has a lease's time.
    wake_limit = LOAD_SECONDS + settings.WAKE_SECONDS + settings.LEASE_SECONDS
    longest = max(wake_limit, IMPORT_LIMIT, SWEEP_LIMIT) + HARD_LIMIT_AFTER
    return {
        "broker_url": settings.BROKER_URL,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_connection_timeout": 2,
        "broker_transport_options": {
            # A message is delivered again after this time, so it must exceed every task.
            "visibility_timeout": longest + 60,
            # Without these a killed worker's messages come back after 100 s, not 5.
            "unacked_restore_interval": 5,
            "unacked_restore_throttle": 1,
            # Above the 1 s that the worker's own blocking read takes.
            "socket_timeout": 10,
            "socket_connect_timeout": 2,
        },
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "task_acks_late": True,
        # True would run a task that kills its worker again, without end.
        "task_reject_on_worker_lost": False,
        "task_default_queue": "maintenance",
        "task_routes": {
            "catalog.tasks.describe_wake": {"queue": "descriptions"},
            "catalog.tasks.describe_urgent": {"queue": "interactive"},
            "catalog.tasks.imports_wake": {"queue": "imports"},
            "catalog.tasks.training_wake": {"queue": "training"},
            "catalog.tasks.sweep": {"queue": "maintenance"},
            "catalog.tasks.review_many": {"queue": "maintenance"},
            "catalog.tasks.tidy": {"queue": "maintenance"},
            "catalog.tasks.look_for_webhooks": {"queue": "maintenance"},
            "catalog.tasks.answer_photo_requests": {"queue": "interactive"},
            "catalog.tasks.deliver_webhooks": {"queue": "webhooks"},
        },
        "task_annotations": {
            "catalog.tasks.describe_wake": _limits(wake_limit),
            "catalog.tasks.describe_urgent": _limits(wake_limit),
            "catalog.tasks.imports_wake": _limits(IMPORT_LIMIT),
            "catalog.tasks.sweep": _limits(SWEEP_LIMIT),
            "catalog.tasks.review_many": _limits(SWEEP_LIMIT),
            "catalog.tasks.tidy": _limits(SWEEP_LIMIT),
            "catalog.tasks.look_for_webhooks": _limits(SWEEP_LIMIT),
            "catalog.tasks.answer_photo_requests": _limits(wake_limit),
            "catalog.tasks.deliver_webhooks": _limits(wake_limit),
        },
        "worker_prefetch_multiplier": 1,
        "worker_concurrency": 1,
        "worker_soft_shutdown_timeout": SOFT_SHUTDOWN,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_send_task_events": False,
        # In memory: the schedule is a constant, so there is nothing to remember between starts.
        "beat_scheduler": "celery.beat:Scheduler",
        "beat_schedule": {
            "sweep": {
                "task": "catalog.tasks.sweep",
                "schedule": settings.SWEEP_SECONDS,
                # Sweeps that nobody took before the next one was sent are of no use any more.
                "options": {"expires": settings.SWEEP_SECONDS, "retry": False},
            },
            # What changed in the catalog is told of without a wake-up of its own.
            "webhooks": {
                "task": "catalog.tasks.look_for_webhooks",
                "schedule": settings.SWEEP_SECONDS,
                "options": {"expires": settings.SWEEP_SECONDS, "retry": False},
            },
            "tidy": {
                "task": "catalog.tasks.tidy",
                "schedule": TIDY_SECONDS,
                "options": {"expires": TIDY_SECONDS, "retry": False},
            },
        },
        "enable_utc": True,
        "timezone": settings.TIME_ZONE,
    }


def _limits(seconds: int) -> dict[str, int]:
    return {"soft_time_limit": seconds, "time_limit": seconds + HARD_LIMIT_AFTER}


celery_app = Celery("config")
celery_app.add_defaults(celery_settings)
celery_app.autodiscover_tasks(["catalog"])


@signals.worker_init.connect
def share_cores(sender: Any, **_: Any) -> None:
    """Give each child of the pool its share of the cores.

    The arithmetic library reads this variable when it is loaded, which happens in the children.
    """
    from catalog.cores import usable_cores

    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, usable_cores() // sender.concurrency)))


@signals.worker_ready.connect
def warm_interactive(sender: Any, **_: Any) -> None:
    """Have the model loaded before the first person waits for it."""
    if "interactive" in sender.app.amqp.queues.consume_from:
        from catalog.wakeups import wake_photo_requests

        wake_photo_requests()
