"""What a process supervisor asks: whether the server is alive, and whether it takes requests."""

import logging
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.connection import Connection
from kombu.exceptions import OperationalError

from catalog.readiness import NotMigrated, database_refusal, migrations_check, storage_refusal

logger = logging.getLogger(__name__)
BROKER_TIMEOUT_SECONDS = 0.5


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process answers; checks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while database and storage take what is written and no migration is missing, else 503.

    The answer gives a reason for each. It reports the broker too, but its state does not count:
    pages work without it, and the sweep later finds the jobs that no message announced.
    """
    database = database_refusal()
    migrations = _migrations_refusal() if database in ("", "read-only") else "unknown"
    storage = storage_refusal()
    is_ready = not (database or migrations or storage)
    body = {
        "status": "ready" if is_ready else "not ready",
        "database": database or "ok",
        "migrations": migrations or "ok",
        "storage": storage or "ok",
        "broker": "ok" if _broker_answers() else "unreachable",
    }
    return JsonResponse(body, status=200 if is_ready else 503)


def _migrations_refusal() -> str:
    try:
        migrations_check()
    except NotMigrated as error:
        return str(error)
    except DatabaseError as error:
        logger.warning("Nothing is known of migrations: %s", error)
        return "unknown"
    return ""


def _broker_answers() -> bool:
    timeouts = {
        "socket_timeout": BROKER_TIMEOUT_SECONDS,
        "socket_connect_timeout": BROKER_TIMEOUT_SECONDS,
        "max_retries": 0,
    }
    try:
        with Connection(settings.BROKER_URL, transport_options=timeouts) as broker:
            # kombu adds the seconds to a time, so that half a second is as good as a whole number.
            seconds: Any = BROKER_TIMEOUT_SECONDS
            broker.ensure_connection(max_retries=1, timeout=seconds)
            return True
    except (OSError, OperationalError) as error:
        logger.warning("The broker does not answer: %s", error)
        return False
