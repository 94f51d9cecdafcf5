"""Pages by cursor: stable while products are added, and as quick on page 500 as on page 1."""

from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

ORDERINGS = {"sku": ("sku",), "-updated_at": ("-updated_at", "id")}


class ProductPagination(CursorPagination):
    """`limit`, `ordering` and `cursor`; each answers 400, named, when it makes no sense."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    page_size_query_description = "Products a page, 1 to 200."
    cursor_query_description = "From `next` or `previous`; opaque, valid with its own ordering."

    def paginate_queryset(
        self, queryset: QuerySet, request: Request, view: Any = None
    ) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, DjangoValidationError, ValueError) as error:
            # A cursor made by hand, or one of another ordering.
            raise ValidationError({"cursor": ["This cursor is not valid here."]}) from error

    def decode_cursor(self, request: Request) -> Cursor | None:
        cursor = super().decode_cursor(request)
        if cursor is not None and cursor.position is not None and "\0" in cursor.position:
            raise NotFound
        return cursor

    def get_page_size(self, request: Request) -> int:
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= self.max_page_size:
            return int(asked)
        raise ValidationError({"limit": [f"Give a whole number, 1 to {self.max_page_size}."]})

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> tuple[str, ...]:
        asked = request.query_params.get("ordering", "sku")
        if asked not in ORDERINGS:
            raise ValidationError({"ordering": [f"Choose one of: {', '.join(ORDERINGS)}."]})
        return ORDERINGS[asked]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        parameters = super().get_schema_operation_parameters(view)
        for parameter in parameters:
            if parameter["name"] == self.page_size_query_param:
                parameter["schema"] = {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": self.max_page_size,
                    "default": self.page_size,
                }
        ordering = {
            "name": "ordering",
            "required": False,
            "in": "query",
            "description": "By SKU, or the latest change first.",
            "schema": {"type": "string", "enum": list(ORDERINGS), "default": "sku"},
        }
        return [*parameters, ordering]
