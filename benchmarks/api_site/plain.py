"""The API that one writes in ten minutes: a ModelViewSet with the right selects and prefetches.

The same rows and members as the product list, with DRF's own pages and renderer; no keys, no
limits, no tags, so it does less.
"""

from typing import Any

from django.db.models import Prefetch
from rest_framework import serializers
from rest_framework.pagination import CursorPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.viewsets import ModelViewSet

from catalog.models import Category, Description, Product, ProductImage
from catalog.selectors.product_documents import FIELDS


class _Category(serializers.ModelSerializer):
    class Meta:
        model = Category
        fields = ["name", "slug"]


class _Image(serializers.ModelSerializer):
    class Meta:
        model = ProductImage
        fields = ["id", "file", "thumbnail", "width", "height", "position"]


class _Text(serializers.ModelSerializer):
    model_version = serializers.CharField(source="model_version.name")

    class Meta:
        model = Description
        fields = ["language", "standard", "alt_text", "detailed", "model_version", "reviewed_at"]


class _Product(serializers.ModelSerializer):
    category = _Category()
    images = _Image(many=True)
    description = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = FIELDS

    def get_description(self, product: Product) -> Any:
        texts = product.approved  # type: ignore[attr-defined]
        return _Text(texts[0], context=self.context).data if texts else None


class _Pages(CursorPagination):
    page_size = 100
    ordering = "sku"


class PlainProducts(ModelViewSet):
    """`/plain/products/`."""

    serializer_class = _Product
    pagination_class = _Pages
    renderer_classes = (JSONRenderer,)
    queryset = (
        Product.objects.filter(state="published")
        .select_related("category")
        .prefetch_related(
            "images",
            Prefetch(
                "descriptions",
                Description.objects.filter(state="approved", language="en").select_related(
                    "model_version"
                ),
                to_attr="approved",
            ),
        )
    )
