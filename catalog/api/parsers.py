"""Reads bodies and writes answers. JSON is read strictly: UTF-8 only, no NaN, no half surrogates,
no endless nesting."""

from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.renderers import BaseRenderer

from catalog.api.problems import Problem, ProblemRaised
from catalog.importing.services import LARGEST_UPLOAD

#: Bytes of JSON; a thousand products with long attributes have room.
LARGEST_JSON = 5_000_000
#: Bytes of a multipart body: a photo of 20 MB and its frame.
LARGEST_FORM = 21_000_000
#: The same of an import.
LARGEST_IMPORT = LARGEST_UPLOAD + 1_000_000


def _check_length(context: dict[str, Any] | None, largest: int) -> None:
    """Refuse by Content-Length, before anything is read."""
    announced = context["request"].META.get("CONTENT_LENGTH") if context else None
    if announced and str(announced).isdigit() and int(announced) > largest:
        raise _too_large(largest)


def _too_large(largest: int) -> ProblemRaised:
    return ProblemRaised(
        Problem.TOO_LARGE, f"The body may have {largest / 1_000_000:.0f} MB at most."
    )


class StrictJSONParser(BaseParser):
    """JSON by orjson, up to 5 MB."""

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        _check_length(parser_context, LARGEST_JSON)
        body = stream.read(LARGEST_JSON + 1)
        if len(body) > LARGEST_JSON:
            raise _too_large(LARGEST_JSON)
        try:
            return orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise ParseError(f"This is not JSON that can be read: {error}.") from error


class PhotoParser(MultiPartParser):
    """A form with a photo, up to 21 MB."""

    largest = LARGEST_FORM

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None
    ) -> Any:
        _check_length(parser_context, self.largest)
        return super().parse(stream, media_type, parser_context)


class ImportParser(PhotoParser):
    """A form with a file to import, up to 4 GB; large files wait on the disk."""

    largest = LARGEST_IMPORT


class FastJSONRenderer(BaseRenderer):
    """JSON by orjson: encoding took most of the time of a page of a hundred products."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        if isinstance(data, bytes):  # a stored answer, sent again word for word
            return data
        return b"" if data is None else orjson.dumps(data, default=str, option=_OPTIONS)


class CsvRenderer(FastJSONRenderer):
    """For views that stream CSV themselves; their problems are still JSON."""

    media_type = "text/csv"


class BytesRenderer(FastJSONRenderer):
    """For views that answer with a file; their problems are still JSON."""

    media_type = "application/octet-stream"


_OPTIONS = orjson.OPT_UTC_Z | (orjson.OPT_INDENT_2 if settings.DEBUG else 0)
