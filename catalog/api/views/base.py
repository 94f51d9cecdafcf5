"""What all addresses of the API have in common."""

import logging
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, ClassVar

from django.conf import settings
from django.core.signals import got_request_exception
from rest_framework.exceptions import NotAuthenticated
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.api.parsers import FastJSONRenderer, StrictJSONParser
from catalog.api.principal import (
    ApiKeyAuthentication,
    PersonTokenAuthentication,
    Principal,
    principal_of,
)
from catalog.api.problem_types import Problem
from catalog.api.problems import (
    MEDIA_TYPE,
    ParameterRefused,
    ProblemRaised,
    problem_document,
    problem_response,
)
from catalog.api.throttles import ClientThrottle

logger = logging.getLogger(__name__)

PRIVATE = "private, no-store"


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


class HeaderNegotiation(DefaultContentNegotiation):
    """By `Accept` alone: `format` is a parameter like any other that nobody reads."""

    settings = SimpleNamespace(URL_FORMAT_OVERRIDE=None)


class ApiView(APIView):
    """Keys, scopes, limits, JSON, problem documents. `cache` is the Cache-Control of a success."""

    scopes: ClassVar[Mapping[str, str | None]] = {}
    parameters: ClassVar[Mapping[str, Sequence[str]]] = {}
    cache: ClassVar[str] = PRIVATE

    http_method_names = ("get", "head", "post", "put", "patch", "delete")
    authentication_classes = (ApiKeyAuthentication, PersonTokenAuthentication)
    permission_classes = (HasScope,)
    content_negotiation_class = HeaderNegotiation
    throttle_classes = (ClientThrottle,)
    renderer_classes = (FastJSONRenderer,)
    parser_classes = (StrictJSONParser,)

    @property
    def principal(self) -> Principal:
        """Who asks."""
        return principal_of(self.request)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse parameters that nobody reads: most likely one is mistyped."""
        super().initial(request, *args, **kwargs)
        names = self.parameters.get("GET" if request.method == "HEAD" else request.method, ())
        unknown = set(request.query_params) - set(names)
        if unknown and hasattr(self, request.method.lower()):
            known = ", ".join(names) or "none"
            raise ParameterRefused(
                {name: [f"There is no such parameter; known: {known}."] for name in unknown}
            )
        for name, values in request.query_params.lists():
            if len(values) > 1 or "\0" in values[0]:
                raise ParameterRefused({name: ["Give it once, without NUL."]})

    def handle_exception(self, exc: Exception) -> Response:
        """A problem document for all; a fault of ours is logged, and its words stay here."""
        if problem_response(exc, {"request": self.request}) is None and not settings.DEBUG:
            logger.error("The API failed at %s", self.request.path, exc_info=exc)
            got_request_exception.send(sender=type(self), request=self.request._request)
            document = problem_document(
                Problem.INTERNAL_ERROR, "It was noted and will be looked at.", request=self.request
            )
            response = Response(document, status=500, content_type=MEDIA_TYPE)
            response.exception = True
            return response
        return super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        """Say how often the client may ask, and who may keep the answer."""
        response = super().finalize_response(request, response, *args, **kwargs)
        rate = getattr(request._request, "api_rate", None)
        for name, value in rate.headers().items() if rate else ():
            response[name] = value
        if not response.has_header("Cache-Control"):
            fine = response.status_code in (200, 304)
            response["Cache-Control"] = self.cache if fine else PRIVATE
        return response
