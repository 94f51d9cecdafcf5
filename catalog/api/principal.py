"""Who asks, and what they may: a machine's key, a person's token, or nobody in particular."""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from knox.auth import TokenAuthentication
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_api_key.permissions import KeyParser

from catalog.models import ApiKey, ApiScope, PersonToken
from catalog.models.api import DEFAULT_RATE

#: Requests a minute from one address of nobody in particular.
PUBLIC_RATE = 600
#: Between two notes of a key's last use: reading must not mean writing.
USE_NOTED_EVERY = timedelta(seconds=60)
_KEY = re.compile(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}")
_TOKEN = re.compile(rb"[0-9a-f]{64}")
#: What an account must be allowed in the admin for its tokens to have a scope.
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
    """`owner` names whose jobs and the like they are; requests are counted by `counted_as`."""

    owner: str
    scopes: frozenset[str]
    rate: int
    counted_as: str
    user: User | None = None

    def may(self, scope: str) -> bool:
        """Whether the scope is among its own."""
        return scope in self.scopes


def principal_of(request: Request) -> Principal:
    """Who asks. Nobody in particular may read if `API_PUBLIC_READ` says so."""
    if isinstance(request.auth, Principal):
        return request.auth
    # The address of the connection, never X-Forwarded-For: a client could write a fresh one into
    # every request.
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
        if key is None or key.has_expired:
            raise AuthenticationFailed("This key is unknown, was revoked or has expired.")
        _note_use(key)
        scopes = frozenset(key.scopes)
        return None, Principal(key.owner, scopes, key.rate, f"key:{key.prefix}")

    def authenticate_header(self, request: Request) -> str:
        return "Api-Key"


class PersonTokenAuthentication(TokenAuthentication):
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
        if not _TOKEN.fullmatch(token):  # knox decodes whatever comes
            raise AuthenticationFailed("This token is unknown or has expired.")
        return super().authenticate_credentials(token)


def _note_use(credential: ApiKey | PersonToken) -> None:
    """Write down that it was used, once a minute at most. Of two at once, one writes."""
    now, last = timezone.now(), credential.last_used_at
    if last is None or last < now - USE_NOTED_EVERY:
        rows = type(credential).objects.filter(pk=credential.pk, last_used_at=last)
        rows.update(last_used_at=now)
