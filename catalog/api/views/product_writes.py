"""Creating and changing products. These only translate: services write."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError
from django.http import Http404
from django.urls import reverse
from django.utils.http import parse_etags
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.conditional import tagged
from catalog.api.documentation import IF_MATCH, SKU, operation
from catalog.api.idempotency import idempotent
from catalog.api.inputs import (
    BulkInput,
    ProductChangeInput,
    ProductInput,
    ProductRowInput,
    read_body,
)
from catalog.api.problem_types import Problem
from catalog.api.problems import ProblemRaised
from catalog.api.shapes import BulkAnswerShape, ProductShape
from catalog.api.views.base import ApiView
from catalog.api.views.products import (
    ProductDetailView,
    ProductListView,
    base_of,
    product_etag,
    sequence_of,
)
from catalog.change_feed import changes_note
from catalog.models import ApiScope, Category, Product, ProductChange
from catalog.selectors.product_documents import product_documents
from catalog.services.products import (
    RowAnswer,
    RowOutcome,
    product_create,
    product_patch,
    products_upsert,
)


class ProductsView(ProductListView):
    """`/products/`."""

    scopes = {"GET": ApiScope.READ, "POST": ApiScope.WRITE}

    @operation(
        "products_create",
        "Create a product",
        request=ProductInput,
        answers={201: ProductShape},
        problems=(Problem.SKU_TAKEN, Problem.UNPROCESSABLE),
        idempotent_key=True,
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        facts = _with_category(read_body(ProductInput, request.data))
        sku = facts["sku"]
        taken = ProblemRaised(Problem.SKU_TAKEN, f"There is a product {sku} already.")
        if Product.objects.filter(sku=sku).exists():
            raise taken
        try:
            product_create(actor=self.principal.user, **facts)
        except IntegrityError as error:  # somebody else created it in this moment
            raise taken from error
        changes_note()
        response = product_answer(request, sku)
        response.status_code = 201
        response["Location"] = base_of(request) + reverse("api:product-detail", args=[sku])
        return response


class ProductView(ProductDetailView):
    """`/products/{sku}/`."""

    scopes = {"GET": ApiScope.READ, "PATCH": ApiScope.WRITE}

    @operation(
        "products_change",
        "Change a product",
        request=ProductChangeInput,
        answers={200: ProductShape},
        parameters=(SKU, IF_MATCH),
        problems=(
            Problem.NOT_FOUND,
            Problem.PRECONDITION_FAILED,
            Problem.UNPROCESSABLE,
            Problem.PRECONDITION_REQUIRED,
        ),
    )
    def patch(self, request: Request, sku: str) -> Response:
        changes = _with_category(read_body(ProductChangeInput, request.data))
        try:
            product_patch(
                sku=sku if "\0" not in sku else "",
                expected=_expected(request),
                changes=changes,
                actor=self.principal.user,
            )
        except Product.DoesNotExist as error:
            raise Http404 from error
        response = product_answer(request, sku)
        response["Cache-Control"] = "private, no-store"
        return response


class ProductBulkView(ApiView):
    """`/bulk/products/`."""

    scopes = {"POST": ApiScope.WRITE}

    @operation(
        "products_upsert",
        "Create or change up to 1,000 products",
        request=BulkInput,
        answers={200: BulkAnswerShape},
        idempotent_key=True,
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        given = read_body(BulkInput, request.data)["products"]
        checked = _checked(given)
        good = [row for row in checked if not isinstance(row, RowAnswer)]
        written = iter(products_upsert(rows=good, check_new=_check_new))
        answers = [row if isinstance(row, RowAnswer) else next(written) for row in checked]
        return Response({"results": [_row_document(answer) for answer in answers]})


def product_answer(request: Request, sku: str) -> Response:
    """200 with a product as it is now, whatever its state, and its tag."""
    change = ProductChange.objects.get(pk=sku)
    documents = product_documents(Product.objects.filter(sku=sku), base=base_of(request))
    return tagged(documents[sku], product_etag(change), None)


def _expected(request: Request) -> set[int] | None:
    """The numbers of changes that `If-Match` names; None for `*`."""
    field = request.headers.get("If-Match")
    if field is None:
        raise ProblemRaised(
            Problem.PRECONDITION_REQUIRED, "Send the ETag of the product that you have read."
        )
    if field.strip() == "*":
        return None
    numbers = (sequence_of(tag) for tag in parse_etags(field))
    return {number for number in numbers if number is not None}


def _checked(given: list[Any]) -> list[dict[str, Any] | RowAnswer]:
    """Each row as the service takes it, or why it was refused."""
    reader = ProductRowInput()  # one for all: to make one costs more than to read a row
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
    """Slugs exchanged for keys, in one query; a row with an unknown one is refused."""
    slugs = {row.get("category") for row in rows if not isinstance(row, RowAnswer)}
    known = dict(Category.objects.filter(slug__in=slugs - {None}).values_list("slug", "pk"))
    known[None] = None
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


def _with_category(facts: dict[str, Any]) -> dict[str, Any]:
    """The slug exchanged for its row."""
    if (slug := facts.get("category")) is not None:
        facts["category"] = Category.objects.filter(slug=slug).first()
        if facts["category"] is None:
            raise ProblemRaised(Problem.UNPROCESSABLE, f"There is no category `{slug}`.")
    return facts


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
