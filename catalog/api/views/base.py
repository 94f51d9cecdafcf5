"""What all addresses of the API have in common."""

import logging
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.core.signals import got_request_exception
from django.db.models import Model
from django.http import QueryDict
from rest_framework.authentication import BaseAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api import access, problems
from catalog.api.caching import PRIVATE
from catalog.api.parsers import FastJSONRenderer, StrictJSONParser

Row = TypeVar("Row", bound=Model)

logger = logging.getLogger(__name__)


def base_of(request: Request) -> str:
    """Scheme and host by which the client reached this server."""
    return f"{request.scheme}://{request.get_host()}"


def form_of(request: Request) -> QueryDict | None:
    """The body where it is a form, files included; None where it is JSON."""
    multipart = str(request.content_type).startswith("multipart/")
    data: Any = request.data
    return data if multipart and isinstance(data, QueryDict) else None


def accepted(
    request: Request, row: Row, document: Callable[[Request, Row], dict[str, Any]]
) -> Response:
    """202: the work of a row has begun, and the `url` of its document tells how far it is."""
    row.refresh_from_db()
    body = document(request, row)
    return Response(body, status=202, headers={"Location": body["url"]})


class HeaderNegotiation(DefaultContentNegotiation):
    """By `Accept` alone: a parameter `format` has no meaning."""

    settings: Any = SimpleNamespace(URL_FORMAT_OVERRIDE=None)


class ApiView(APIView):
    """Keys, scopes, limits, JSON, problem documents. `cache` is the Cache-Control of a success."""

    scopes: ClassVar[Mapping[str, str | None]] = {}
    parameters: ClassVar[Mapping[str, Sequence[str]]] = {}
    cache: ClassVar[str] = PRIVATE
    rate: access.RateState | None = None

    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    authentication_classes: Sequence[type[BaseAuthentication]] = (
        access.ApiKeyAuthentication,
        access.PersonTokenAuthentication,
    )
    permission_classes = (access.HasScope,)
    content_negotiation_class = HeaderNegotiation
    throttle_classes = (access.ClientThrottle,)
    renderer_classes: Sequence[type[BaseRenderer]] = (FastJSONRenderer,)
    parser_classes: Sequence[type[BaseParser]] = (StrictJSONParser,)

    @property
    def principal(self) -> access.Principal:
        """Who asks."""
        return access.principal_of(self.request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse unknown parameters: most likely one is mistyped."""
        super().initial(request, *args, **kwargs)
        method = request.method or ""
        names = self.parameters.get("GET" if method == "HEAD" else method, ())
        unknown = set(request.query_params) - set(names)
        if unknown and hasattr(self, method.lower()):
            known = ", ".join(names) or "none"
            raise problems.ParameterRefused(
                {name: [f"There is no such parameter; known: {known}."] for name in unknown}
            )
        for name, values in request.query_params.lists():
            if len(values) > 1 or "\0" in values[0]:
                raise problems.ParameterRefused({name: ["Give it once, without NUL."]})

    def handle_exception(self, exc: Exception) -> Response:
        """Answer with a problem document. A fault of the server is logged; its text stays here."""
        if problems.problem_response(exc, {"request": self.request}) is None and not settings.DEBUG:
            logger.error("The API failed at %s", self.request.path, exc_info=exc)
            got_request_exception.send(sender=type(self), request=self.request._request)
            document = problems.problem_document(
                problems.Problem.INTERNAL_ERROR,
                "It was noted and will be looked at.",
                request=self.request,
            )
            response = Response(document, status=500, content_type=problems.MEDIA_TYPE)
            response.exception = True
            return response
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Add the header fields about the client's limit, and about who may keep the answer."""
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.rate.headers().items() if self.rate else ():
            response[name] = value
        if not response.has_header("Cache-Control"):
            fine = response.status_code in (200, 304)
            response["Cache-Control"] = self.cache if fine else PRIVATE
        return response
