"""Every way in which the API says no, by name. `docs/api.md` has the same table; a test says so."""

from dataclasses import dataclass
from enum import Enum


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
        "Start anew without a cursor; use cursors unchanged, with the query they came from.",
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
        409, "The state of things does not allow this", "Read it anew, then decide."
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
        412, "It was changed meanwhile", "Read it anew and repeat the change with the new ETag."
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
