"""How often one address may ask. Counted in the shared cache, so for all processes together."""

import logging
from typing import Any

from redis.exceptions import RedisError
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

logger = logging.getLogger(__name__)


class CatalogThrottle(SimpleRateThrottle):
    """600 requests a minute an address: a storefront may read 100,000 products in a minute."""

    scope = "catalog"
    rate = "600/min"

    def get_cache_key(self, request: Request, view: Any) -> str:
        # The address of the connection, never X-Forwarded-For: a client could write a fresh one
        # into every request.
        address = request.META.get("REMOTE_ADDR", "")
        return self.cache_format % {"scope": self.scope, "ident": address}

    def allow_request(self, request: Request, view: Any) -> bool:
        try:
            return super().allow_request(request, view)
        except (RedisError, OSError):
            # Reading the catalog matters more than counting who reads it.
            logger.warning("The cache does not answer; requests are not counted.")
            return True
