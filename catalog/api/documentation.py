"""What operations of the schema have in common: parameters, header fields, problems."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from catalog.api.fields import StrictInput
from catalog.api.idempotency import TAKES_KEY
from catalog.api.problems import Problem
from catalog.api.shapes import ProblemShape

#: A method of a view.
Method = TypeVar("Method", bound=Callable[..., Any])

_ALWAYS = (
    Problem.INVALID_REQUEST,
    Problem.NOT_AUTHENTICATED,
    Problem.NOT_PERMITTED,
    Problem.METHOD_NOT_ALLOWED,
    Problem.NOT_ACCEPTABLE,
    Problem.TOO_MANY_REQUESTS,
)
_WITH_BODY = (Problem.MALFORMED_BODY, Problem.TOO_LARGE, Problem.UNSUPPORTED_MEDIA_TYPE)
_WITH_KEY = (Problem.REQUEST_IN_PROGRESS, Problem.IDEMPOTENCY_KEY_REUSED)

SKU = OpenApiParameter("sku", str, OpenApiParameter.PATH, description="SKU of the product.")


def number_of(what: str) -> OpenApiParameter:
    """The parameter `number` of a path, the key of a row."""
    kind = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
    return OpenApiParameter("number", kind, OpenApiParameter.PATH, description=f"Number of {what}.")


_LIMITED = [200, 201, 202, 204, 429]
_LIMIT_HEADERS = (
    ("RateLimit-Policy", _LIMITED, "Quota `q` of requests in a window of `w` s."),
    ("RateLimit", _LIMITED, "Requests that remain `r`, and seconds `t` until reset."),
)
_CACHE_HEADERS = (
    ("ETag", [200, 201, 304], "Tag of this state."),
    ("Last-Modified", [200, 304], "Time of the last change, from two seconds after it."),
)


def file_or_json(file: type[StrictInput], json: type[StrictInput]) -> dict[str, Any]:
    """The `request` of an operation that takes a form with a file, or JSON."""
    return {"multipart/form-data": file, "application/json": json}


def operation(
    name: str,
    summary: str,
    *,
    answers: Mapping[int, Any] | Mapping[tuple[int, str], Any],
    problems: tuple[Problem, ...] = (),
    parameters: tuple[Any, ...] = (),
    request: Any = None,
    conditional: bool = False,
    tag: str | None = None,
    public: bool = False,
) -> Callable[[Method], Method]:
    """Describe a method of a view: what it takes, and each answer that it may give.

    A parameter of the path adds `NOT_FOUND`, `idempotent` below this its header and problems. The
    tag is the first part of the path, unless `tag` names another.
    """

    def describe(method: Method) -> Method:
        kinds = [*_ALWAYS, *problems]
        if any(getattr(one, "location", "") == OpenApiParameter.PATH for one in parameters):
            kinds.append(Problem.NOT_FOUND)
        kinds += _WITH_BODY if request is not None else ()
        responses: dict[Any, Any] = dict(answers)
        credentials: list[Any] = [{"ApiKey": []}, {"PersonToken": []}, *([{}] if public else [])]
        headers = list(_LIMIT_HEADERS)
        more: list[Any] = []
        if hasattr(method, TAKES_KEY):
            kinds += _WITH_KEY
            more.append(IDEMPOTENCY_KEY)
        if conditional:
            responses[304] = OpenApiResponse(description="Your copy is up to date.")
            headers += _CACHE_HEADERS
            more.append(IF_NONE_MATCH)
        more += _headers(headers, {*responses, *_statuses(kinds)})
        return extend_schema(
            operation_id=name,
            summary=summary,
            request=request,
            tags=None if tag is None else [tag],
            auth=credentials,
            parameters=[*parameters, *more, *_waiting_headers(kinds)],
            responses={**responses, **_problem_answers(kinds)},
        )(method)

    return describe


#: The problems whose answers say when to repeat the request.
WAITING = (Problem.REQUEST_IN_PROGRESS, Problem.TOO_MANY_REQUESTS, Problem.BUSY)
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": "^[!-~]{1,255}$"},
    OpenApiParameter.HEADER,
    description="A new random text for each new request. Requests with the same key within 24 "
    "hours are carried out once and get the same answer.",
)
IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="An ETag that you have."
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The ETag of the state that you have read.",
)


def _statuses(kinds: list[Problem]) -> set[int]:
    return {kind.status for kind in kinds}


def _headers(headers: list[Any], statuses: set[int]) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(
            name, str, OpenApiParameter.HEADER, response=found, description=description
        )
        for name, wanted, description in headers
        if (found := sorted(statuses & set(wanted)))
    ]


def _waiting_headers(kinds: list[Problem]) -> list[OpenApiParameter]:
    """`Retry-After`, required where every problem of a status has it."""
    return [
        OpenApiParameter(
            "Retry-After",
            OpenApiTypes.INT,
            OpenApiParameter.HEADER,
            required=all(kind in WAITING for kind in kinds if kind.status == status),
            response=[status],
            description="Seconds until it makes sense to repeat.",
        )
        for status in sorted(_statuses([kind for kind in kinds if kind in WAITING]))
    ]


def _problem_answers(kinds: list[Problem]) -> dict[tuple[int, str], OpenApiResponse]:
    answers = {}
    for status in sorted(_statuses(kinds)):
        titles = [kind.title for kind in dict.fromkeys(kinds) if kind.status == status]
        answers[(status, "application/problem+json")] = OpenApiResponse(
            ProblemShape, f"{'; '.join(titles)}."
        )
    return answers
