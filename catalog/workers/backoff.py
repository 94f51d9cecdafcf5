"""When to try an item again."""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

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
