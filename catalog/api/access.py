"""Who asks, what they may do, and how often: keys of machines, tokens of people, or neither."""

import logging
import re
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db.models import Model, QuerySet
from django.utils import timezone
from knox.auth import TokenAuthentication
from redis.exceptions import RedisError
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework_api_key.permissions import KeyParser

from catalog.api.problems import Problem, ProblemRaised
from catalog.models import ApiKey, ApiScope, PersonToken
from catalog.models.api import DEFAULT_RATE
from catalog.selectors.imports import Row, owned

logger = logging.getLogger(__name__)

#: Requests per minute from one address without key or token.
PUBLIC_RATE = 600
#: Seconds in which requests are counted together.
WINDOW = 60
#: The last use of a key is stored once in this time, so that reading rarely writes.
USE_NOTED_EVERY = timedelta(seconds=60)
_KEY = re.compile(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}")
_TOKEN = re.compile(rb"[0-9a-f]{64}")
#: What an account must be allowed in the admin before its tokens have a scope.
_NEEDS = {
    ApiScope.DRAFTS: ("catalog.view_description",),
    ApiScope.WRITE: ("catalog.change_product", "catalog.publish_product"),
    ApiScope.GENERATE: ("catalog.add_descriptionjob",),
    ApiScope.WEBHOOKS: ("catalog.change_webhookendpoint",),
    ApiScope.IMPORTS: ("catalog.add_productimport",),
    ApiScope.EXPORTS: ("catalog.add_productexport",),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """`owner` names whose jobs and webhooks are meant; requests are counted by `counted_as`."""

    owner: str
    scopes: frozenset[str]
    rate: int
    counted_as: str
    user: User | None = None

    def may(self, scope: str) -> bool:
        """Whether this client has the scope."""
        return scope in self.scopes

    def sees_all(self, model: type[Model]) -> bool:
        """Whether its person may view all rows of a model in the admin, not only the client's."""
        name = f"{model._meta.app_label}.view_{model._meta.model_name}"
        return self.user is not None and self.user.has_perm(name)

    def visible(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """The client's own imports or exports; all where its person sees all of them."""
        return rows if self.sees_all(rows.model) else owned(rows, self.owner)


def principal_of(request: Request) -> Principal:
    """Who asks. Without key or token a client may read if `API_PUBLIC_READ` says so."""
    if isinstance(request.auth, Principal):
        return request.auth
    # Of the connection, or as trusted proxies forward it: a client could write a new
    # X-Forwarded-For into every request.
    address = request.META.get("REMOTE_ADDR", "")
    scopes = frozenset({ApiScope.READ.value}) if settings.API_PUBLIC_READ else frozenset()
    return Principal("", scopes, PUBLIC_RATE, f"address:{address}")


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key …`, of a machine."""

    def authenticate(self, request: Request) -> tuple[None, Principal] | None:
        text = KeyParser().get(request)
        if text is None:
            return None
        try:
            key = ApiKey.objects.get_from_key(text) if _KEY.fullmatch(text) else None
        except ApiKey.DoesNotExist:
            key = None
        if not isinstance(key, ApiKey) or key.has_expired:
            raise AuthenticationFailed("This key is unknown, was revoked or has expired.")
        _note_use(key)
        scopes = frozenset(key.scopes)
        return None, Principal(key.owner, scopes, key.rate, f"key:{key.prefix}")

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class PersonTokenAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    """`Authorization: Token …`, of a person. It may do what both token and account may."""

    def authenticate(self, request: Request) -> tuple[User, Principal] | None:
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        _note_use(token)
        scopes = frozenset(
            scope
            for scope in token.scopes
            if scope not in _NEEDS or user.has_perms(_NEEDS[ApiScope(scope)])
        )
        counted = f"token:{token.token_key}"
        return user, Principal(f"user:{user.pk}", scopes, DEFAULT_RATE, counted, user)

    def authenticate_credentials(self, token: bytes) -> tuple[User, PersonToken]:
        if not _TOKEN.fullmatch(token):  # knox decodes it without a check
            raise AuthenticationFailed("This token is unknown or has expired.")
        return cast(tuple[User, PersonToken], super().authenticate_credentials(token))


def _note_use(credential: ApiKey | PersonToken) -> None:
    """Store the time of use, once a minute at most. Of two requests at once, one writes."""
    now, last = timezone.now(), credential.last_used_at
    if last is None or last < now - USE_NOTED_EVERY:
        rows = type(credential).objects.filter(pk=credential.pk, last_used_at=last)
        rows.update(last_used_at=now)


class HasScope(BasePermission):
    """The view's `scopes` name what each method needs; None needs nothing."""

    def has_permission(self, request: Request, view: Any) -> bool:
        scope = view.scopes.get("GET" if request.method == "HEAD" else request.method)
        principal = principal_of(request)
        if scope is None or principal.may(scope):
            return True
        if not principal.owner:
            raise NotAuthenticated(f"This needs a key with the scope `{scope}`.")
        raise ProblemRaised(Problem.NOT_PERMITTED, f"This needs the scope `{scope}`.")


@dataclass(frozen=True, slots=True)
class RateState:
    """A client's limit, in requests and seconds until the next window."""

    limit: int
    remaining: int
    reset: int

    def headers(self) -> dict[str, str]:
        """`RateLimit-Policy` and `RateLimit` of the IETF's draft, as structured fields."""
        return {
            "RateLimit-Policy": f'"default";q={self.limit};w={WINDOW}',
            "RateLimit": f'"default";r={self.remaining};t={self.reset}',
        }


class ClientThrottle(BaseThrottle):
    """Limits requests per minute by key, token or (without either) address.

    The shared cache holds one counter per window, for all processes together. DRF's own throttle
    sends a list of all requests to and fro.
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
        # On the view, which also answers a refusal: both answers carry the header fields.
        view.rate = RateState(principal.rate, max(0, principal.rate - count), self._reset)
        return count <= principal.rate

    def wait(self) -> float:
        return self._reset


def _count(key: str) -> int:
    """Add one to this window and return the sum."""
    try:
        return cache.incr(key)
    except ValueError:  # the first of its window
        cache.add(key, 0, timeout=2 * WINDOW)
        return cache.incr(key)
