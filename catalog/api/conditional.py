"""ETag, Last-Modified and 304: what a cache needs to know, from the change feed alone."""

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response

#: Raised when the same rows are shown in another form, so that no cache keeps the former one.
REPRESENTATION = 1
#: A time of whole seconds cannot tell two changes within one: it is not given before this age.
_SETTLED = timedelta(seconds=2)


def etag_of(request: Request, *parts: Any) -> str:
    """A strong tag of the answer to this request; `parts` change whenever the answer does."""
    seen = (REPRESENTATION, request.build_absolute_uri(), *parts)
    return f'"{sha256(repr(seen).encode()).hexdigest()[:32]}"'


def unchanged(request: Request, etag: str, at: datetime | None) -> Response | None:
    """304 if the client has this already, else None."""
    answer = get_conditional_response(request._request, etag, _seconds(at), HttpResponse())
    if answer is None or answer.status_code != 304:
        return None
    return _tagged(Response(status=304), etag, at)


def tagged(data: Any, etag: str, at: datetime | None) -> Response:
    """200 with what the next request can name."""
    return _tagged(Response(data), etag, at)


def _tagged(response: Response, etag: str, at: datetime | None) -> Response:
    response["ETag"] = etag
    if (seconds := _seconds(at)) is not None:
        response["Last-Modified"] = http_date(seconds)
    return response


def _seconds(at: datetime | None) -> int | None:
    settled = at is not None and at < timezone.now() - _SETTLED
    return int(at.timestamp()) if settled and at is not None else None
