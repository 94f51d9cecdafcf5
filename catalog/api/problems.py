"""Every way in which the API says no, and the problem documents (RFC 9457) that say it.

`docs/api.md` has the same table of problems; a test compares the two.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class ProblemType:
    """What RFC 9457 calls a problem type. `advice` says what the client can do."""

    status: int
    title: str
    advice: str


class Problem(Enum):
    """The last part of a problem's `type` is its name here, in lower case with hyphens."""

    INVALID_REQUEST = ProblemType(
        400,
        "The request was not understood",
        "Correct the parameters or fields that `errors` names.",
    )
    INVALID_CURSOR = ProblemType(
        422,
        "The cursor is not valid here",
        "Start again without a cursor; use cursors unchanged, with the query they came from.",
    )
    MALFORMED_BODY = ProblemType(
        400, "The body cannot be read", "Send JSON in UTF-8, nested no deeper than needed."
    )
    NOT_AUTHENTICATED = ProblemType(
        401,
        "A valid key is needed",
        "Send `Authorization: Api-Key …` or `Authorization: Token …` with one that is in use.",
    )
    NOT_PERMITTED = ProblemType(
        403, "The key does not allow this", "Ask for a key with the scope that `detail` names."
    )
    NOT_FOUND = ProblemType(404, "There is no such thing", "Check the address.")
    METHOD_NOT_ALLOWED = ProblemType(
        405, "The address does not know this method", "Use one that the `Allow` field names."
    )
    NOT_ACCEPTABLE = ProblemType(406, "Only JSON is served", "Accept `application/json`.")
    CONFLICT = ProblemType(
        409, "The state of things does not allow this", "Read it again, then decide."
    )
    SKU_TAKEN = ProblemType(
        409, "A product has this SKU already", "Change that product with PATCH instead."
    )
    REQUEST_IN_PROGRESS = ProblemType(
        409,
        "The same request is still at work",
        "Repeat it, with the same Idempotency-Key, after `Retry-After` seconds.",
    )
    PRECONDITION_FAILED = ProblemType(
        412, "It was changed meanwhile", "Read it again and repeat the change with the new ETag."
    )
    TOO_LARGE = ProblemType(413, "The body is too large", "Send less at a time.")
    UNSUPPORTED_MEDIA_TYPE = ProblemType(
        415, "The body has a type that is not read here", "Use a Content-Type of the schema."
    )
    UNPROCESSABLE = ProblemType(
        422,
        "The request was understood and cannot be carried out",
        "Correct what `detail` names: it does not exist, or is too much at a time.",
    )
    IDEMPOTENCY_KEY_REUSED = ProblemType(
        422,
        "The Idempotency-Key belongs to another request",
        "Use a new key for a new request.",
    )
    PHOTO_REFUSED = ProblemType(
        422, "The photo cannot be used", "Send a whole, still JPEG, PNG or WebP photo."
    )
    ADDRESS_REFUSED = ProblemType(
        422,
        "The address cannot be used",
        "Name an http(s) address on the public internet that answers in time.",
    )
    PRECONDITION_REQUIRED = ProblemType(
        428,
        "An If-Match field is needed",
        "Read the product and send its ETag in `If-Match`.",
    )
    TOO_MANY_REQUESTS = ProblemType(
        429, "Too many requests", "Wait for as many seconds as `Retry-After` says."
    )
    INTERNAL_ERROR = ProblemType(
        500,
        "Something went wrong on our side",
        "Repeat it later; with the Idempotency-Key, if any.",
    )
    BUSY = ProblemType(
        503, "Nobody is free to do this now", "Repeat it after `Retry-After` seconds."
    )

    @property
    def slug(self) -> str:
        """The name in addresses."""
        return self.name.lower().replace("_", "-")


class ProblemRaised(exceptions.APIException):
    """Ends a request with one of the documented problems. `retry_after` is in seconds."""

    def __init__(self, problem: Problem, detail: str, *, retry_after: int | None = None) -> None:
        self.problem = problem
        self.status_code = problem.value.status
        if retry_after is not None:
            self.wait = retry_after
        super().__init__(detail)


class ParameterRefused(exceptions.ValidationError):
    """A parameter of the query cannot be used: `{name: sentence}`."""


_BY_KIND: tuple[tuple[type[Exception], Problem], ...] = (
    (exceptions.ParseError, Problem.MALFORMED_BODY),
    (exceptions.NotAuthenticated, Problem.NOT_AUTHENTICATED),
    (exceptions.AuthenticationFailed, Problem.NOT_AUTHENTICATED),
    (exceptions.PermissionDenied, Problem.NOT_PERMITTED),
    (DjangoPermissionDenied, Problem.NOT_PERMITTED),
    (exceptions.NotFound, Problem.NOT_FOUND),
    (Http404, Problem.NOT_FOUND),
    (exceptions.MethodNotAllowed, Problem.METHOD_NOT_ALLOWED),
    (exceptions.NotAcceptable, Problem.NOT_ACCEPTABLE),
    (exceptions.UnsupportedMediaType, Problem.UNSUPPORTED_MEDIA_TYPE),
    (exceptions.Throttled, Problem.TOO_MANY_REQUESTS),
    (PhotoRefused, Problem.PHOTO_REFUSED),
    (FetchRefused, Problem.ADDRESS_REFUSED),
    (ChangedMeanwhile, Problem.PRECONDITION_FAILED),
    (ImportRefused, Problem.UNPROCESSABLE),
    (JobRefused, Problem.UNPROCESSABLE),
    (CatalogError, Problem.CONFLICT),
    (SuspiciousOperation, Problem.MALFORMED_BODY),
    (UnreadablePostError, Problem.MALFORMED_BODY),
    (exceptions.ValidationError, Problem.INVALID_REQUEST),
    (DjangoValidationError, Problem.INVALID_REQUEST),
)


def problem_response(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None for a fault of the server, which DRF then raises again."""
    problem = _problem(error)
    if problem is None:
        return None
    errors = _field_errors(error)
    detail = f"{len(errors)} of the values given cannot be used." if errors else _detail(error)
    response = Response(
        problem_document(problem, detail, request=context["request"], errors=errors),
        status=problem.value.status,
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
        "title": problem.value.title,
        "status": problem.value.status,
        "detail": detail,
    }
    if errors:
        document["errors"] = errors
    return document


def _problem(error: Exception) -> Problem | None:
    if isinstance(error, ProblemRaised):
        return error.problem
    return next((problem for kind, problem in _BY_KIND if isinstance(error, kind)), None)


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
