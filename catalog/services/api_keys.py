"""What a person may ask for with keys and tokens of the API.

Each function that makes one returns its text too: that is the only moment at which it is known.
"""

from collections.abc import Collection
from datetime import timedelta

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.exceptions import TransitionRefused
from catalog.models import ApiKey, ApiScope, PersonToken
from catalog.models.api import DEFAULT_RATE

#: How long a replaced key goes on unless somebody says otherwise.
OVERLAP = timedelta(days=7)


def api_key_create(
    *,
    name: str,
    scopes: Collection[str],
    lasts: timedelta | None = None,
    rate: int = DEFAULT_RATE,
    actor: User | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its text. Raises `ValidationError` for an empty name or an unknown scope."""
    key = ApiKey(
        name=name.strip(),
        scopes=_known(scopes),
        rate=rate,
        expiry_date=timezone.now() + lasts if lasts is not None else None,
        created_by=actor,
    )
    return key, _save(key)


def api_key_rotate(
    *, key: ApiKey, overlap: timedelta = OVERLAP, actor: User | None = None
) -> tuple[ApiKey, str]:
    """A key that takes the place of `key`, and its text; both work until `overlap` is over.

    Raises `TransitionRefused` for a key that was revoked, has expired or was replaced before.
    """
    with transaction.atomic():
        former = ApiKey.objects.select_for_update().get(pk=key.pk)
        if former.revoked or former.has_expired or hasattr(former, "replaced_by"):
            raise TransitionRefused(
                _("%(name)s is not in use any more: make a new key.") % {"name": former.name}
            )
        until = timezone.now() + overlap
        life = former.expiry_date - former.created if former.expiry_date else None
        successor = ApiKey(
            name=former.name,
            owner=former.owner,
            scopes=former.scopes,
            rate=former.rate,
            expiry_date=timezone.now() + life if life is not None else None,
            replaces=former,
            created_by=actor,
        )
        former.expiry_date = min(until, former.expiry_date or until)
        former.save(update_fields=["expiry_date"])
        text = _save(successor)
    key.refresh_from_db()
    return successor, text


def api_key_revoke(*, key: ApiKey, actor: User | None = None) -> ApiKey:
    """End a key at once, for good; revoking twice changes nothing."""
    ApiKey.objects.filter(pk=key.pk).update(revoked=True)
    key.refresh_from_db()
    return key


def person_token_create(
    *, user: User, name: str, scopes: Collection[str], lasts: timedelta = timedelta(days=90)
) -> tuple[PersonToken, str]:
    """A token of `user` and its text. Raises `ValidationError` as `api_key_create` does."""
    if not name.strip() or len(name) > 50:
        raise ValidationError({"name": "Give a name of 1 to 50 characters."})
    token: tuple[PersonToken, str] = PersonToken.objects.create(
        user=user, expiry=lasts, name=name.strip(), scopes=_known(scopes)
    )
    return token


def _known(scopes: Collection[str]) -> list[str]:
    unknown = set(scopes) - set(ApiScope.values)
    if unknown or not scopes:
        raise ValidationError({"scopes": f"Choose one or more of: {', '.join(ApiScope.values)}."})
    return [scope for scope in ApiScope.values if scope in scopes]


def _save(key: ApiKey) -> str:
    text = ApiKey.objects.assign_key(key)
    key.full_clean(exclude=["replaces"])
    key.save(force_insert=True)
    return text
