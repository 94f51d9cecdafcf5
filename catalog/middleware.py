"""Before a page is made: who asks, from where, in which language; and what a supervisor asks."""

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from catalog.views.health import healthz, readyz
from catalog.views.metrics import metrics

Answer = Callable[[HttpRequest], HttpResponseBase]
_PROBES: dict[str, Answer] = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}


class ProbeMiddleware:
    """Answers a supervisor before all else: it calls by an address that is no name of the site."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return _PROBES.get(request.path_info, self._get_response)(request)


class ClientAddressMiddleware:
    """Takes a client's address from `X-Forwarded-For`, as far as trusted proxies wrote it.

    The header is read from its end: each trusted proxy added the address that it was called from.
    What stands before the first other address may be made up by that client.
    """

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = request.META.get("REMOTE_ADDR", "")
        hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
        while hops and _is_trusted(address):
            hop = hops.pop().strip()
            if not _is_address(hop):
                break
            address = hop
        request.META["REMOTE_ADDR"] = address
        return self._get_response(request)


def _is_trusted(address: str) -> bool:
    proxies = settings.TRUSTED_PROXIES
    return _is_address(address) and any(ip_address(address) in network for network in proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class PageLanguageMiddleware(LocaleMiddleware):
    """Django's own, but for the API: programs read its sentences, and its answers are cached."""

    def process_request(self, request: HttpRequest) -> None:
        if _is_api(request):
            translation.activate(settings.LANGUAGE_CODE)
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        return response if _is_api(request) else super().process_response(request, response)


def _is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith("/api/")
