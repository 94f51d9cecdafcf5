"""Project-wide configuration. `celery -A config` finds the Celery application here."""

from typing import Any


def __getattr__(name: str) -> Any:
    """`config.celery`, imported when it is first asked for: the settings need no Celery."""
    if name != "celery":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from config.celery_app import celery_app

    return celery_app
