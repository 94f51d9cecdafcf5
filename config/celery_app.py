"""The Celery application: `celery -A config worker --queues descriptions`.

Messages carry nothing; what is to be done stands in the database. So a lost message costs at most
the time until the next sweep, and a message delivered twice finds nothing left to do.
"""

import os
from typing import Any

from celery import Celery, signals

from catalog.task_table import TASKS, TaskEntry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

#: Seconds between a soft limit, which the task can catch, and the hard one, which kills its child.
HARD_LIMIT_AFTER = 30
#: Seconds that a task has to end when its worker must stop at once.
SOFT_SHUTDOWN = 10


def celery_settings() -> dict[str, Any]:
    """All of Celery's settings, from Django's. Read when they are first needed."""
    from django.conf import settings

    annotations = {task.name: _limits(task.limit()) for task in TASKS if task.limit is not None}
    longest = max(limits["time_limit"] for limits in annotations.values())
    return {
        **_broker(settings.BROKER_URL, longest),
        "accept_content": ["json"],
        "task_serializer": "json",
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "task_acks_late": True,
        # True would run a task that kills its worker again, without end.
        "task_reject_on_worker_lost": False,
        "task_default_queue": "maintenance",
        "task_routes": {task.name: {"queue": task.queue} for task in TASKS},
        "task_annotations": annotations,
        "worker_prefetch_multiplier": 1,
        "worker_concurrency": 1,
        "worker_soft_shutdown_timeout": SOFT_SHUTDOWN,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_send_task_events": False,
        # In memory: the schedule is a constant, so there is nothing to remember between starts.
        "beat_scheduler": "celery.beat:Scheduler",
        "beat_schedule": dict(_entry(task, task.every()) for task in TASKS if task.every),
        "enable_utc": True,
        "timezone": settings.TIME_ZONE,
    }


def _broker(url: str, longest: int) -> dict[str, Any]:
    """The connection; the longest task takes `longest` seconds."""
    return {
        "broker_url": url,
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
    }


def _limits(seconds: int) -> dict[str, int]:
    return {"soft_time_limit": seconds, "time_limit": seconds + HARD_LIMIT_AFTER}


def _entry(task: TaskEntry, seconds: float) -> tuple[str, dict[str, Any]]:
    """A task's line in the schedule. One that nobody took before the next is sent expires."""
    options = {"expires": seconds, "retry": False}
    name = task.name.rpartition(".")[2]
    return name, {"task": task.name, "schedule": seconds, "options": options}


celery_app = Celery("config")
celery_app.add_defaults(celery_settings)
celery_app.autodiscover_tasks(["catalog"])


def share_cores(sender: Any, **_: Any) -> None:
    """Give each child of the pool its share of the cores.

    The arithmetic library reads this variable when it is loaded, which happens in the children.
    """
    from catalog.machine import usable_cores

    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, usable_cores() // sender.concurrency)))


signals.worker_init.connect(share_cores)
