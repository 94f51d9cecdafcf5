"""Every way in which the API says no, and the problem documents (RFC 9457) that say it.

`docs/api.md` has the same table of problems; a test compares the two.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import SuspiciousOperation
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404, UnreadablePostError
from django.urls import reverse
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.exceptions import (
    CatalogError,
    ChangedMeanwhile,
    FetchRefused,
    ImportRefused,
    JobRefused,
    PhotoRefused,
)

MEDIA_TYPE = "application/problem+json"


class Problem(Enum):
    """RFC 9457's types of problems: status, title, and advice, which says what a client can do.

    The last part of a problem's `type` is its name here, in lower case with hyphens.
    """

    INVALID_REQUEST = (
        400,
        "The request was not understood",
        "Correct the parameters or fields that `errors` names.",
    )
    INVALID_CURSOR = (
        422,
        "The cursor is not valid here",
        "Start again without a cursor; use cursors unchanged, with the query they came from.",
    )
    MALFORMED_BODY = (
        400,
        "The body cannot be read",
        "Send JSON in UTF-8, nested no deeper than needed.",
    )
    NOT_AUTHENTICATED = (
        401,
        "A valid key is needed",
        "Send `Authorization: Api-Key …` or `Authorization: Token …` with one that is in use.",
    )
    NOT_PERMITTED = (
        403,
        "The key does not allow this",
        "Ask for a key with the scope that `detail` names.",
    )
    NOT_FOUND = 404, "There is no such thing", "Check the address."
    METHOD_NOT_ALLOWED = (
        405,
        "The address does not know this method",
        "Use one that the `Allow` field names.",
    )
    NOT_ACCEPTABLE = 406, "Only JSON is served", "Accept `application/json`."
    CONFLICT = 409, "The state of things does not allow this", "Read it again, then decide."
    SKU_TAKEN = 409, "A product has this SKU already", "Change that product with PATCH instead."
    REQUEST_IN_PROGRESS = (
        409,
        "The same request is still at work",
        "Repeat it, with the same Idempotency-Key, after `Retry-After` seconds.",
    )
    PRECONDITION_FAILED = (
        412,
        "It was changed meanwhile",
        "Read it again and repeat the change with the new ETag.",
    )
    TOO_LARGE = 413, "The body is too large", "Send less at a time."
    UNSUPPORTED_MEDIA_TYPE = (
        415,
        "The body has a type that is not read here",
        "Use a Content-Type of the schema.",
    )
    UNPROCESSABLE = (
        422,
        "The request was understood and cannot be carried out",
        "Correct what `detail` names: it does not exist, or is too much at a time.",
    )
    IDEMPOTENCY_KEY_REUSED = (
        422,
        "The Idempotency-Key belongs to another request",
        "Use a new key for a new request.",
    )
    PHOTO_REFUSED = 422, "The photo cannot be used", "Send a whole, still JPEG, PNG or WebP photo."
    ADDRESS_REFUSED = (
        422,
        "The address cannot be used",
        "Name an http(s) address on the public internet that answers in time.",
    )
    PRECONDITION_REQUIRED = (
        428,
        "An If-Match field is needed",
        "Read the product and send its ETag in `If-Match`.",
    )
    TOO_MANY_REQUESTS = 429, "Too many requests", "Wait for as many seconds as `Retry-After` says."
    INTERNAL_ERROR = (
        500,
        "Something went wrong on our side",
        "Repeat it later; with the Idempotency-Key, if any.",
    )
    BUSY = 503, "Nobody is free to do this now", "Repeat it after `Retry-After` seconds."

    def __init__(self, status: int, title: str, advice: str) -> None:
        self.status, self.title, self.advice = status, title, advice

    @property
    def slug(self) -> str:
        """The name in addresses."""
        return self.name.lower().replace("_", "-")


class ProblemRaised(exceptions.APIException):
    """Ends a request with one of the documented problems. `retry_after` is in seconds."""

    def __init__(self, problem: Problem, detail: str, *, retry_after: int | None = None) -> None:
        self.problem = problem
        self.status_code = problem.status
        if retry_after is not None:
            self.wait = retry_after
        super().__init__(detail)


class ParameterRefused(exceptions.ValidationError):
    """A parameter of the query cannot be used: `{name: sentence}`."""


#: The first problem with a kind of the error counts.
_KINDS: dict[Problem, tuple[type[Exception], ...]] = {
    Problem.MALFORMED_BODY: (exceptions.ParseError, SuspiciousOperation, UnreadablePostError),
    Problem.NOT_AUTHENTICATED: (exceptions.NotAuthenticated, exceptions.AuthenticationFailed),
    Problem.NOT_PERMITTED: (exceptions.PermissionDenied, DjangoPermissionDenied),
    Problem.NOT_FOUND: (exceptions.NotFound, Http404),
    Problem.METHOD_NOT_ALLOWED: (exceptions.MethodNotAllowed,),
    Problem.NOT_ACCEPTABLE: (exceptions.NotAcceptable,),
    Problem.UNSUPPORTED_MEDIA_TYPE: (exceptions.UnsupportedMediaType,),
    Problem.TOO_MANY_REQUESTS: (exceptions.Throttled,),
    Problem.PHOTO_REFUSED: (PhotoRefused,),
    Problem.ADDRESS_REFUSED: (FetchRefused,),
    Problem.PRECONDITION_FAILED: (ChangedMeanwhile,),
    Problem.UNPROCESSABLE: (ImportRefused, JobRefused),
    Problem.CONFLICT: (CatalogError,),  # all others of ours
    Problem.INVALID_REQUEST: (exceptions.ValidationError, DjangoValidationError),
}


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None for a fault of the server, which DRF then raises again."""
    problem = _problem(error)
    if problem is None:
        return None
    errors = _field_errors(error)
    detail = f"{len(errors)} of the values given cannot be used." if errors else _detail(error)
    response = Response(
        problem_document(problem, detail, request=context["request"], errors=errors),
        status=problem.status,
        content_type=MEDIA_TYPE,
    )
    if header := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = header
    if (wait := getattr(error, "wait", None)) is not None:
        response["Retry-After"] = str(max(1, int(wait)))
    return response


def problem_document(
    problem: Problem,
    detail: str,
    *,
    request: Request,
    errors: list[dict[str, str]] | None = None,
) -> dict[str, Any]:
    """The members of RFC 9457, and `errors` where single values are at fault."""
    address = reverse("api:problem", args=[problem.slug])
    document: dict[str, Any] = {
        "type": request.build_absolute_uri(address),
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
    }
    if errors:
        document["errors"] = errors
    return document


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, ProblemRaised):
        return error.problem
    return next((problem for problem, kinds in _KINDS.items() if isinstance(error, kinds)), None)


def _detail(error: Exception) -> str:
    if isinstance(error, exceptions.APIException):
        return str(error.detail)
    if isinstance(error, CatalogError):
        return str(error)
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        return "The body is not one that this address reads."
    return "There is nothing at this address that you may see."


def _field_errors(error: Exception) -> list[dict[str, str]]:
    """One entry a sentence: which parameter, or which place in the body, and what is wrong."""
    if isinstance(error, DjangoValidationError):
        detail: Any = error.message_dict if hasattr(error, "error_dict") else error.messages
    elif isinstance(error, exceptions.ValidationError):
        detail = error.detail
    else:
        return []
    where = "parameter" if isinstance(error, ParameterRefused) else "pointer"
    return [
        {where: path[1:] if where == "parameter" else f"#{path}", "detail": sentence}
        for path, sentence in _sentences(detail, "")
    ]


def _sentences(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            plain = name in ("non_field_errors", "__all__")
            yield from _sentences(inner, path if plain else f"{path}/{_escaped(str(name))}")
    elif isinstance(detail, list | tuple):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, Mapping | list)
            yield from _sentences(inner, f"{path}/{number}" if nested else path)
    else:
        yield path, str(detail)


def _escaped(name: str) -> str:
    """A name as a step of a JSON pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")
