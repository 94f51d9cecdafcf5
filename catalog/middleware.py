"""The language of a page: chosen by the person, else by their browser."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


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
