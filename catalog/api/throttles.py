"""How often one client may ask. Counted in the shared cache, so for all processes together."""

import logging
import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from catalog.api.principal import principal_of

logger = logging.getLogger(__name__)

WINDOW = 60  # seconds


@dataclass(frozen=True, slots=True)
class RateState:
    """What a client is told of its limit, in the header fields of the IETF's draft."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit`, in structured fields."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={WINDOW}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset}',
        }


class ClientThrottle(BaseThrottle):
    """So many requests a minute a key, a token or (for nobody in particular) an address.

    One counter a window: DRF's own keeps a list of all requests and sends it to and fro.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        principal = principal_of(request)
        now = time.time()
        window = int(now // WINDOW)
        self._reset = WINDOW - int(now % WINDOW)
        try:
            count = _count(f"api-rate:{principal.counted_as}:{window}")
        except (RedisError, OSError):
            # Reading the catalog matters more than counting who reads it.
            logger.warning("The cache does not answer; requests are not counted.")
            return True
        remaining = max(0, principal.rate - count)
        # On Django's request: the answer to a refusal carries the fields too.
        request._request.api_rate = RateState(principal.rate, remaining, self._reset)
        return count <= principal.rate

    def wait(self) -> float:
        return self._reset


def _count(key: str) -> int:
    """One more in this window; returns how many by now."""
    try:
        return cache.incr(key)
    except ValueError:  # the first of its window
        cache.add(key, 0, timeout=2 * WINDOW)
        return cache.incr(key)
