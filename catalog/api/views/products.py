"""The product list and one product, to read. These only translate: selectors read."""

import re
from functools import partial
from typing import Any

from django.conf import settings
from django.http import Http404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.conditional import REPRESENTATION, etag_of, tagged, unchanged
from catalog.api.cursors import cursor_of, position_of
from catalog.api.documentation import SKU, operation
from catalog.api.problem_types import Problem
from catalog.api.queries import (
    ListRequest,
    OneProductQuery,
    ProductListQuery,
    list_request,
    parameter_names,
    read_query,
)
from catalog.api.shapes import ProductListShape, ProductShape
from catalog.api.views.base import PRIVATE, ApiView
from catalog.choices import ProductState
from catalog.models import ApiScope, Product, ProductChange
from catalog.models.product import SKU_PATTERN
from catalog.selectors.product_changes import change_of, latest_change
from catalog.selectors.product_documents import FIELDS, documents_of, product_documents
from catalog.selectors.product_pages import change_page, product_page, products_filtered

#: A shared cache may answer by itself for this long, and for longer while it asks us.
PUBLIC_CACHE = "public, max-age=30, stale-while-revalidate=300"
#: Changes are asked for to learn of them: kept, but never given without asking us.
CHANGES_CACHE = "public, no-cache"


def cache_control(wanted: str) -> str:
    """What may be kept by whom. With keys needed to read, no shared cache may answer for us."""
    return wanted if settings.API_PUBLIC_READ else wanted.replace("public", "private")


def base_of(request: Request) -> str:
    """Scheme and host by which the client reached us."""
    return f"{request.scheme}://{request.get_host()}"


class ProductListView(ApiView):
    """Reading `/products/`."""

    scopes = {"GET": ApiScope.READ}
    parameters = {"GET": parameter_names(ProductListQuery)}

    @operation(
        "products_list",
        "List products, or what has changed",
        answers={200: ProductListShape},
        parameters=(ProductListQuery,),
        problems=(Problem.INVALID_CURSOR, Problem.UNPROCESSABLE),
        conditional=True,
        public=True,
    )
    def get(self, request: Request) -> Response:
        asked = list_request(request.query_params, self.principal)
        response = self._page(asked) if asked.updated_since is None else self._changes(asked)
        drafts = self.principal.may(ApiScope.DRAFTS) and asked.updated_since is not None
        if drafts or asked.filters["state"] != ProductState.PUBLISHED:
            response["Cache-Control"] = PRIVATE
        else:
            kind = PUBLIC_CACHE if asked.updated_since is None else CHANGES_CACHE
            response["Cache-Control"] = cache_control(kind)
        return response

    def _page(self, asked: ListRequest) -> Response:
        """Products in an order."""
        position = position_of(asked.cursor, ordering=asked.ordering)
        # Read before the rows: should one change in between, this tag is out of date at once.
        number, at = latest_change()
        etag = etag_of(self.request, number)
        if (known := unchanged(self.request, etag, at)) is not None:
            return known
        products = products_filtered(asked.filters, language=asked.language)
        page = product_page(products, ordering=asked.ordering, position=position, limit=asked.limit)
        documents = documents_of(
            [row[:-1] for row in page.rows],
            base=base_of(self.request),
            language=asked.language,
            fields=asked.fields,
        )
        body: dict[str, Any] = {"next": None, "previous": None}
        if page.rows and page.more_after:
            body["next"] = self._link(cursor_of(asked.ordering, page.rows[-1][-1]))
        if page.rows and page.more_before:
            first = page.rows[0][-1]
            body["previous"] = self._link(cursor_of(asked.ordering, first, backwards=True))
        return tagged({**body, "results": list(documents.values())}, etag, at)

    def _changes(self, asked: ListRequest) -> Response:
        """Changes, oldest first. Their numbers are the tag: any change of a product has another."""
        position = position_of(asked.cursor, ordering="changes")
        drafts = self.principal.may(ApiScope.DRAFTS)
        look = partial(
            change_page,
            since=asked.updated_since,
            position=position,
            limit=asked.limit,
            drafts=drafts,
        )
        last, at = position.value or 0, None
        if not (found := look()):
            # Where to go on has to be read before the look that finds nothing: what becomes
            # visible between the two would be passed over otherwise.
            last, at = latest_change()
            found = look()
        changes = found[: asked.limit]
        if changes:
            _, last, at = changes[-1]
        etag = etag_of(self.request, drafts, last, [number for _, number, _ in found])
        if (known := unchanged(self.request, etag, at)) is not None:
            return known
        documents = self._documents(asked, [sku for sku, _, _ in changes])
        link = self._link(cursor_of("changes", max(last, position.value or 0)))
        body = {
            "next": link if len(found) > asked.limit else None,
            "resume": link,
            "results": [
                documents.get(sku) or {"sku": sku, "deleted": True, "updated_at": at}
                for sku, _, at in changes
            ],
        }
        return tagged(body, etag, at)

    def _documents(self, asked: ListRequest, skus: list[str]) -> dict[str, dict[str, Any]]:
        matching = products_filtered(asked.filters, language=asked.language)
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


class ProductDetailView(ApiView):
    """Reading `/products/{sku}/`."""

    scopes = {"GET": ApiScope.READ}
    parameters = {"GET": parameter_names(OneProductQuery)}

    @operation(
        "products_retrieve",
        "Read one product",
        answers={200: ProductShape},
        parameters=(SKU, OneProductQuery),
        problems=(Problem.NOT_FOUND,),
        conditional=True,
        public=True,
    )
    def get(self, request: Request, sku: str) -> Response:
        asked = read_query(OneProductQuery, request.query_params)
        change = visible_change(sku, drafts=self.principal.may(ApiScope.DRAFTS))
        etag = product_etag(change)
        response = unchanged(request, etag, change.at)
        if response is None:
            documents = product_documents(
                Product.objects.filter(sku=sku),
                base=base_of(request),
                language=asked["language"],
                fields=asked.get("fields", FIELDS),
            )
            if sku not in documents:  # deleted in this moment
                raise Http404
            response = tagged(documents[sku], etag, change.at)
        response["Cache-Control"] = cache_control(PUBLIC_CACHE) if change.published else PRIVATE
        return response


def visible_change(sku: str, *, drafts: bool) -> ProductChange:
    """The last change of a product that the asker may see. Raises `Http404`.

    What cannot be a SKU never reaches the database, which may refuse it (a NUL, for one).
    """
    change = change_of(sku) if re.match(SKU_PATTERN, sku) and len(sku) <= 64 else None
    if change is None or not (change.published or drafts):
        raise Http404
    return change


def product_etag(change: ProductChange) -> str:
    """The tag of a product, whatever part of it is asked for: `If-Match` takes it."""
    return f'"{REPRESENTATION}.{change.sequence:x}"'


def sequence_of(tag: str) -> int | None:
    """The number in a product's tag; None for what is none."""
    match = re.fullmatch(rf'"{REPRESENTATION}\.([0-9a-f]{{1,15}})"', tag)
    return int(match[1], 16) if match else None
