"""Waits: for a database that is away for a while, and before the next attempt at an item."""

import logging
import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from catalog.workers.stopping import is_stopping

logger = logging.getLogger(__name__)

#: Seconds, the longest wait before jitter.
LONGEST_DELAY = 300
#: Attempts after which storage that never answers fails an item; some ten minutes in all.
MAX_STORAGE_ATTEMPTS = 8


def retry_at(*, attempts: int) -> datetime:
    """The time of the next attempt after so many; half to one and a half times its delay.

    The jitter keeps items that failed together from coming back together.
    """
    delay = min(LONGEST_DELAY, settings.RETRY_SECONDS * 2 ** (attempts - 1))
    return timezone.now() + timedelta(seconds=delay * random.uniform(0.5, 1.5))


#: Seconds before the first further try; doubled for each one after it, up to the longest.
FIRST_WAIT = 0.1
LONGEST_WAIT = 5.0

Answer = TypeVar("Answer")


def patiently(transaction: Callable[[], Answer]) -> Answer:
    """Run a short transaction, again and again while the database does not answer.

    The transaction may run again after a commit whose answer was lost, so it must then find
    nothing left to do: all writes of workers ask for their token. Raises the last error after a
    lease's time, for the items belong to others by then, and at once when the worker is to stop.
    """
    deadline = time.monotonic() + settings.LEASE_SECONDS
    wait = FIRST_WAIT
    while True:
        try:
            return transaction()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block or is_stopping() or time.monotonic() > deadline:
                raise
            logger.warning("The database does not answer (%s); trying again.", error)
            # A broken connection would answer every further try with the same error.
            connection.close()
        time.sleep(wait * random.uniform(0.5, 1.5))
        wait = min(wait * 2, LONGEST_WAIT)
