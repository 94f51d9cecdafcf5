"""The header `Idempotency-Key`, for every POST."""

import re
from collections.abc import Callable, Collection
from contextlib import nullcontext
from functools import wraps
from hashlib import sha256
from typing import Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import Problem, ProblemRaised
from catalog.services import idempotency as service

_KEY = re.compile(r"[!-~]{1,255}")
#: Marks the methods that take the header, for the schema.
TAKES_KEY = "takes_idempotency_key"
#: Header fields that are stored with the body.
_KEPT_HEADERS = ("Location", "ETag")

Post = Callable[..., Response]


def idempotent(*, atomic: bool, once: Collection[str] = ()) -> Callable[[Post], Post]:
    """Do the work of a `post` once for all requests with the same key, and give all one answer.

    `atomic` does the work and stores its answer in one transaction, so that a crash leaves both or
    neither; False is for work that waits for the network or for workers. Only a success is stored:
    a refused request has changed nothing and may be tried again. Members named by `once` are
    secrets: the first answer has them, repeated ones and the database do not.
    """

    def decorate(post: Post) -> Post:
        @wraps(post)
        def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
            key = request.headers.get("Idempotency-Key")
            if key is None:
                with transaction.atomic() if atomic else nullcontext():
                    return post(view, request, *args, **kwargs)
            if not _KEY.fullmatch(key):
                raise ValidationError(
                    {"Idempotency-Key": ["Give 1 to 255 visible ASCII characters."]}
                )
            owner = view.principal.owner
            kept = _begin(owner, key, _fingerprint(request))
            if kept is not None:
                replayed = {**kept.headers, "Idempotency-Replayed": "true"}
                return Response(kept.body, status=kept.status, headers=replayed)
            finished = False
            try:
                with transaction.atomic() if atomic else nullcontext():
                    response = post(view, request, *args, **kwargs)
                    service.request_finish(owner=owner, key=key, answer=_answer(response, once))
                finished = True
                return response
            finally:
                if not finished:
                    service.request_forget(owner=owner, key=key)

        setattr(wrapper, TAKES_KEY, True)
        return wrapper

    return decorate


def _begin(owner: str, key: str, fingerprint: str) -> service.KeptAnswer | None:
    try:
        return service.request_begin(owner=owner, key=key, fingerprint=fingerprint)
    except service.KeyReused as error:
        raise ProblemRaised(Problem.IDEMPOTENCY_KEY_REUSED, str(error)) from error
    except service.StillAtWork as error:
        raise ProblemRaised(Problem.REQUEST_IN_PROGRESS, str(error), retry_after=1) from error


def _answer(response: Response, once: Collection[str]) -> service.KeptAnswer:
    headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
    data = response.data
    if once:
        data = {name: value for name, value in data.items() if name not in once}
    body = orjson.dumps(data, default=str, option=orjson.OPT_UTC_Z)
    return service.KeptAnswer(response.status_code, headers, body)


def _fingerprint(request: Request) -> str:
    """A digest of method, address and content."""
    digest = sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data = request.data
    if hasattr(data, "lists"):  # a form
        for name, values in sorted(data.lists()):
            for value in values:
                digest.update(name.encode() + b"\0")
                if isinstance(value, UploadedFile):
                    for chunk in value.chunks():
                        digest.update(chunk)
                    value.seek(0)
                else:
                    digest.update(str(value).encode())
    else:
        digest.update(orjson.dumps(data, option=orjson.OPT_SORT_KEYS))
    return digest.hexdigest()
