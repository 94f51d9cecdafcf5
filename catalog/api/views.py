"""The product list and one product. These only translate: selectors read, serializers shape."""

import re
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.filters import ProductFilter
from catalog.api.pagination import ProductPagination
from catalog.api.serializers import ErrorSerializer, ProductSerializer
from catalog.api.throttles import CatalogThrottle
from catalog.models import Product
from catalog.models.product import SKU_PATTERN
from catalog.selectors.products import products_for_storefront

FIELD_ERRORS = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": {"type": "string"}},
    "example": {"gender": ["Select a valid choice. robots is not one of the available choices."]},
}
RETRY_AFTER = OpenApiParameter(
    "Retry-After",
    OpenApiTypes.INT,
    OpenApiParameter.HEADER,
    response=[429],
    description="Seconds until the next request is answered.",
)
COMMON_RESPONSES = {
    406: OpenApiResponse(ErrorSerializer, "Only JSON is served."),
    429: OpenApiResponse(ErrorSerializer, "More than 600 requests a minute from one address."),
}


class PublicReadMixin:
    """Anybody may read; nobody is identified; answers are JSON."""

    authentication_classes: tuple = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)
    throttle_classes = (CatalogThrottle,)
    serializer_class = ProductSerializer

    def get_queryset(self) -> QuerySet[Product]:
        return products_for_storefront()


class ProductListView(PublicReadMixin, ListAPIView):
    """Published products, a page at a time."""

    pagination_class = ProductPagination
    filterset_class = ProductFilter

    @extend_schema(
        operation_id="products_list",
        summary="List published products",
        parameters=[RETRY_AFTER],
        responses={
            200: ProductSerializer(many=True),
            400: OpenApiResponse(FIELD_ERRORS, "A parameter was not understood; it is named."),
            **COMMON_RESPONSES,
        },
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ProductDetailView(PublicReadMixin, RetrieveAPIView):
    """One published product, by SKU."""

    lookup_field = "sku"
    # The list's filters and pages make no sense for one product.
    filter_backends: tuple = ()
    pagination_class = None

    @extend_schema(
        operation_id="products_retrieve",
        summary="Read one published product",
        parameters=[
            OpenApiParameter("sku", str, OpenApiParameter.PATH, description="Its SKU."),
            RETRY_AFTER,
        ],
        responses={
            200: ProductSerializer,
            404: OpenApiResponse(ErrorSerializer, "No published product has this SKU."),
            **COMMON_RESPONSES,
        },
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_object(self) -> Product:
        # What cannot be a SKU never reaches the database, which may refuse it (a NUL, for one).
        if not re.match(SKU_PATTERN, self.kwargs["sku"]):
            raise Http404
        return super().get_object()
