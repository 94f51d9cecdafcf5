"""What caches need: ETag, Last-Modified, 304 and Cache-Control, from the change feed alone."""

import re
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import ProductChange

PRIVATE = "private, no-store"
#: A shared cache may answer alone for 30 s, and for 300 s while it asks again.
PUBLIC_CACHE = "public, max-age=30, stale-while-revalidate=300"
#: Clients ask for changes to learn of them: caches keep them, and ask before each answer.
CHANGES_CACHE = "public, no-cache"
#: Raise it when the same rows are shown in another form, so that no cache keeps the former one.
REPRESENTATION = 1
#: Last-Modified has whole seconds and cannot tell two changes within one: younger times are left
#: out.
_SETTLED = timedelta(seconds=2)


def cache_control(wanted: str) -> str:
    """`wanted`, but private where reading needs a key: a shared cache could not check it."""
    return wanted if settings.API_PUBLIC_READ else wanted.replace("public", "private")


def etag_of(request: Request, *parts: Any) -> str:
    """A strong tag of the answer to this request; `parts` change whenever the answer does."""
    seen = (REPRESENTATION, request.build_absolute_uri(), *parts)
    return f'"{sha256(repr(seen).encode()).hexdigest()[:32]}"'


def product_etag(change: ProductChange) -> str:
    """The tag of a product, whatever part of it is asked for: `If-Match` takes it."""
    return f'"{REPRESENTATION}.{change.sequence:x}"'


def sequence_of(tag: str) -> int | None:
    """The change number in a product's tag; None where the tag is not one of a product."""
    match = re.fullmatch(rf'"{REPRESENTATION}\.([0-9a-f]{{1,15}})"', tag)
    return int(match[1], 16) if match else None


def unchanged(request: Request, etag: str, at: datetime | None) -> Response | None:
    """304 if the client has this already, else None."""
    answer = get_conditional_response(request._request, etag, _seconds(at), HttpResponse())
    if answer is None or answer.status_code != 304:
        return None
    return tagged(None, etag, at, status=304)


def tagged(data: Any, etag: str, at: datetime | None, *, status: int = 200) -> Response:
    """An answer with the tag and time that the next request can name."""
    response = Response(data, status=status)
    response["ETag"] = etag
    if (seconds := _seconds(at)) is not None:
        response["Last-Modified"] = http_date(seconds)
    return response


def _seconds(at: datetime | None) -> int | None:
    settled = at is not None and at < timezone.now() - _SETTLED
    return int(at.timestamp()) if settled and at is not None else None
