"""Creating and changing up to a thousand products in one request, each row judged by itself."""

from collections.abc import Mapping
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.documentation import operation
from catalog.api.idempotency import idempotent
from catalog.api.inputs import BulkInput, ProductRowInput, read_body
from catalog.api.shapes import BulkAnswerShape
from catalog.api.views.base import ApiView
from catalog.models import ApiScope, Category
from catalog.services.products import RowAnswer, RowOutcome, products_upsert


class ProductBulkView(ApiView):
    """`/bulk/products/`."""

    scopes = {"POST": ApiScope.WRITE}

    @operation(
        "products_upsert",
        "Create or change up to 1,000 products",
        request=BulkInput,
        answers={200: BulkAnswerShape},
        tag="products",
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        given = read_body(BulkInput, request.data)["products"]
        checked = _checked(given)
        good = [row for row in checked if not isinstance(row, RowAnswer)]
        written = iter(products_upsert(rows=good, check_new=_check_new))
        answers = [row if isinstance(row, RowAnswer) else next(written) for row in checked]
        return Response({"results": [_row_document(answer) for answer in answers]})


def _checked(given: list[Any]) -> list[dict[str, Any] | RowAnswer]:
    """Each row as the service takes it, or why it was refused."""
    reader = ProductRowInput()  # one for all: making one costs more than reading a row
    rows: list[dict[str, Any] | RowAnswer] = []
    for row in given:
        try:
            rows.append(dict(reader.run_validation(row)))
        except ValidationError as error:
            sku = row.get("sku") if isinstance(row, Mapping) else None
            name = sku if isinstance(sku, str) else ""
            rows.append(RowAnswer(name, RowOutcome.REFUSED, _by_member(error.detail)))
    return _with_categories(rows)


def _with_categories(rows: list[dict[str, Any] | RowAnswer]) -> list[dict[str, Any] | RowAnswer]:
    """Replace slugs by keys, in one query; a row with an unknown slug is refused."""
    slugs = {row.get("category") for row in rows if not isinstance(row, RowAnswer)}
    known: dict[str | None, int | None] = {None: None}
    known.update(Category.objects.filter(slug__in=slugs - {None}).values_list("slug", "pk"))
    for place, row in enumerate(rows):
        if isinstance(row, RowAnswer) or "category" not in row:
            continue
        slug = row.pop("category")
        if slug in known:
            row["category_id"] = known[slug]
        else:
            unknown = {"category": ["There is no category with this slug."]}
            rows[place] = RowAnswer(row["sku"], RowOutcome.REFUSED, unknown)
    return rows


def _check_new(row: Mapping[str, Any]) -> dict[str, list[str]]:
    return {} if "title" in row else {"title": ["A new product needs a title."]}


def _by_member(detail: Any) -> dict[str, list[str]]:
    if not isinstance(detail, Mapping):
        return {"": [str(one) for one in detail]}
    return {
        "" if name == "non_field_errors" else name: [str(one) for one in sentences]
        for name, sentences in detail.items()
    }


def _row_document(answer: RowAnswer) -> dict[str, Any]:
    document: dict[str, Any] = {"sku": answer.sku, "outcome": answer.outcome.value}
    if answer.errors:
        document["errors"] = [
            {"pointer": f"#/{name}" if name else "#", "detail": sentence}
            for name, sentences in answer.errors.items()
            for sentence in sentences
        ]
    return document
