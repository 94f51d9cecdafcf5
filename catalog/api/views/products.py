"""The product list and one product. These views only translate: selectors read, services write."""

import re
from functools import partial
from typing import Any

from django.db import IntegrityError
from django.http import Http404
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import caching, queries
from catalog.api.documentation import IF_MATCH, SKU, operation
from catalog.api.idempotency import idempotent
from catalog.api.inputs import ProductInput, ProductPatchInput, read_body
from catalog.api.problems import Problem, ProblemRaised
from catalog.api.shapes import ProductListShape, ProductShape, address
from catalog.api.views.base import ApiView, base_of
from catalog.change_feed import changes_note
from catalog.choices import ProductState
from catalog.models import ApiScope, Category, Product, ProductChange
from catalog.models.product import SKU_LENGTH, SKU_PATTERN
from catalog.selectors import products as selectors
from catalog.selectors.product_documents import FIELDS, documents_of, product_documents
from catalog.services.products import product_create, product_patch


class ProductsView(ApiView):
    """`/products/`."""

    scopes = {"GET": ApiScope.READ, "POST": ApiScope.WRITE}
    parameters = {"GET": queries.parameter_names(queries.ProductListQuery)}

    @operation(
        "products_list",
        "List products, or what has changed",
        answers={200: ProductListShape},
        parameters=(queries.ProductListQuery,),
        problems=(Problem.INVALID_CURSOR, Problem.UNPROCESSABLE),
        conditional=True,
        public=True,
    )
    def get(self, request: Request) -> Response:
        asked = queries.list_request(request.query_params, self.principal)
        response = self._page(asked) if asked.updated_since is None else self._changes(asked)
        drafts = self.principal.may(ApiScope.DRAFTS) and asked.updated_since is not None
        if drafts or asked.filters["state"] != ProductState.PUBLISHED:
            response["Cache-Control"] = caching.PRIVATE
        else:
            kind = caching.PUBLIC_CACHE if asked.updated_since is None else caching.CHANGES_CACHE
            response["Cache-Control"] = caching.cache_control(kind)
        return response

    @operation(
        "products_create",
        "Create a product",
        request=ProductInput,
        answers={201: ProductShape},
        problems=(Problem.SKU_TAKEN, Problem.UNPROCESSABLE),
    )
    @idempotent(atomic=True)
    def post(self, request: Request) -> Response:
        facts = _with_category(read_body(ProductInput, request.data))
        sku = facts["sku"]
        taken = ProblemRaised(Problem.SKU_TAKEN, f"There is a product {sku} already.")
        if Product.objects.filter(sku=sku).exists():
            raise taken
        try:
            product_create(**facts)
        except IntegrityError as error:  # another request created it at this moment
            raise taken from error
        changes_note()
        response = product_answer(request, sku, status=201)
        response["Location"] = address(request, "product-detail", sku)
        return response

    def _page(self, asked: queries.ListRequest) -> Response:
        """Products in an order."""
        position = queries.position_of(asked.cursor, ordering=asked.ordering)
        # Read before the rows: if one changes in between, this tag is out of date at once.
        number, at = selectors.latest_change()
        etag = caching.etag_of(self.request, number)
        if (known := caching.unchanged(self.request, etag, at)) is not None:
            return known
        products = selectors.products_filtered(asked.filters, language=asked.language)
        page = selectors.product_page(
            products, ordering=asked.ordering, position=position, limit=asked.limit
        )
        documents = documents_of(
            [row[:-1] for row in page.rows],
            base=base_of(self.request),
            language=asked.language,
            fields=asked.fields,
        )
        body: dict[str, Any] = {"next": None, "previous": None}
        if page.rows and page.more_after:
            body["next"] = self._link(queries.cursor_of(asked.ordering, page.rows[-1][-1]))
        if page.rows and page.more_before:
            first = page.rows[0][-1]
            body["previous"] = self._link(queries.cursor_of(asked.ordering, first, backwards=True))
        return caching.tagged({**body, "results": list(documents.values())}, etag, at)

    def _changes(self, asked: queries.ListRequest) -> Response:
        """Changes, oldest first. Their numbers make the tag, since each change has its own."""
        position = queries.position_of(asked.cursor, ordering="changes")
        drafts = self.principal.may(ApiScope.DRAFTS)
        query = partial(
            selectors.change_page,
            since=asked.updated_since,
            position=position,
            limit=asked.limit,
            drafts=drafts,
        )
        last, at = position.value or 0, None
        if not (found := query()):
            # Read the position before the query that finds nothing: a change that becomes visible
            # between the two would be skipped otherwise.
            last, at = selectors.latest_change()
            found = query()
        changes = found[: asked.limit]
        if changes:
            _, last, at = changes[-1]
        etag = caching.etag_of(self.request, drafts, last, [number for _, number, _ in found])
        if (known := caching.unchanged(self.request, etag, at)) is not None:
            return known
        documents = self._documents(asked, [sku for sku, _, _ in changes])
        link = self._link(queries.cursor_of("changes", max(last, position.value or 0)))
        body = {
            "next": link if len(found) > asked.limit else None,
            "resume": link,
            "results": [
                documents.get(sku) or {"sku": sku, "deleted": True, "updated_at": at}
                for sku, _, at in changes
            ],
        }
        return caching.tagged(body, etag, at)

    def _documents(self, asked: queries.ListRequest, skus: list[str]) -> dict[str, dict[str, Any]]:
        matching = selectors.products_filtered(asked.filters, language=asked.language)
        return product_documents(
            matching.filter(sku__in=skus),
            base=base_of(self.request),
            language=asked.language,
            fields=asked.fields,
        )

    def _link(self, cursor: str) -> str:
        query = self.request.query_params.copy()
        query["cursor"] = cursor
        return f"{base_of(self.request)}{self.request.path}?{query.urlencode()}"


class ProductView(ApiView):
    """`/products/{sku}/`."""

    scopes = {"GET": ApiScope.READ, "PATCH": ApiScope.WRITE}
    parameters = {"GET": queries.parameter_names(queries.OneProductQuery)}

    @operation(
        "products_retrieve",
        "Read one product",
        answers={200: ProductShape},
        parameters=(SKU, queries.OneProductQuery),
        conditional=True,
        public=True,
    )
    def get(self, request: Request, sku: str) -> Response:
        asked = queries.read_query(queries.OneProductQuery, request.query_params)
        change = visible_change(sku, drafts=self.principal.may(ApiScope.DRAFTS))
        sku = change.product_id  # a variant's SKU finds its product
        etag = caching.product_etag(change)
        response = caching.unchanged(request, etag, change.at)
        if response is None:
            documents = product_documents(
                Product.objects.filter(sku=sku),
                base=base_of(request),
                language=asked["language"],
                fields=asked.get("fields", FIELDS),
            )
            if sku not in documents:  # deleted at this moment
                raise Http404
            response = caching.tagged(documents[sku], etag, change.at)
        response["Cache-Control"] = (
            caching.cache_control(caching.PUBLIC_CACHE) if change.published else caching.PRIVATE
        )
        return response

    @operation(
        "products_change",
        "Change a product",
        request=ProductPatchInput,
        answers={200: ProductShape},
        parameters=(SKU, IF_MATCH),
        problems=(
            Problem.PRECONDITION_FAILED,
            Problem.UNPROCESSABLE,
            Problem.PRECONDITION_REQUIRED,
        ),
    )
    def patch(self, request: Request, sku: str) -> Response:
        changes = _with_category(read_body(ProductPatchInput, request.data))
        try:
            product_patch(
                sku=sku if "\0" not in sku else "",
                expected=_expected(request),
                changes=changes,
                actor=self.principal.user,
            )
        except Product.DoesNotExist as error:
            raise Http404 from error
        return product_answer(request, sku)


def product_of(sku: str) -> Product:
    """The product in any state: who may write to it may know of it. Raises `Http404`."""
    product = Product.objects.filter(sku=sku).first() if "\0" not in sku else None
    if product is None:
        raise Http404
    return product


def visible_change(sku: str, *, drafts: bool) -> ProductChange:
    """The last change of a product that the client may see. Raises `Http404`."""
    # The database may refuse what cannot be a SKU (a NUL, for example).
    change = (
        selectors.change_of(sku) if re.match(SKU_PATTERN, sku) and len(sku) <= SKU_LENGTH else None
    )
    if change is None or not (change.published or drafts):
        raise Http404
    return change


def product_answer(request: Request, sku: str, *, status: int = 200) -> Response:
    """A product as it is now, whatever its state, and its tag."""
    change = ProductChange.objects.get(product_id=sku)
    documents = product_documents(Product.objects.filter(sku=sku), base=base_of(request))
    return caching.tagged(documents[sku], caching.product_etag(change), None, status=status)


def _expected(request: Request) -> set[int] | None:
    """The numbers of changes that `If-Match` names; None for `*`."""
    field = request.headers.get("If-Match")
    if field is None:
        raise ProblemRaised(
            Problem.PRECONDITION_REQUIRED, "Send the ETag of the product that you have read."
        )
    if field.strip() == "*":
        return None
    numbers = (caching.sequence_of(tag) for tag in parse_etags(field))
    return {number for number in numbers if number is not None}


def _with_category(facts: dict[str, Any]) -> dict[str, Any]:
    """Replace slugs by their categories. Raises `ProblemRaised` for an unknown one."""
    further = facts.get("further_categories", [])
    slugs = {*further, facts.get("category")} - {None}
    found = {one.slug: one for one in Category.objects.filter(slug__in=slugs)} if slugs else {}
    if unknown := sorted(slugs - found.keys()):
        raise ProblemRaised(Problem.UNPROCESSABLE, f"There is no category `{unknown[0]}`.")
    if facts.get("category") is not None:
        facts["category"] = found[facts["category"]]
    if "further_categories" in facts:
        facts["further_categories"] = [found[slug] for slug in further]
    return facts
