"""What a process supervisor asks: whether the server is alive, and whether it takes requests."""

import logging
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.connection import Connection
from kombu.exceptions import OperationalError

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
    """200 while the database answers, else 503.

    The answer reports the broker too, but its state does not count: pages work without it, and the
    sweep later finds the jobs that no message announced.
    """
    database = _database_answers()
    broker = _broker_answers()
    body = {
        "status": "ready" if database else "not ready",
        "database": "ok" if database else "unreachable",
        "broker": "ok" if broker else "unreachable",
    }
    return JsonResponse(body, status=200 if database else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError as error:
        logger.warning("The database does not answer: %s", error)
        return False


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
