"""Reads of products."""

from django.db.models import Prefetch, QuerySet

from catalog.choices import DescriptionState, ProductState
from catalog.models import Description, Product


def products_for_storefront(*, language: str = "en") -> QuerySet[Product]:
    """Published products by SKU, with category, photos (the main one first) and approved text.

    `approved_descriptions` of each holds its approved text in `language`, or nothing. Three
    queries, however many products.
    """
    approved = Description.objects.filter(
        state=DescriptionState.APPROVED, language=language
    ).select_related("model_version")
    return (
        Product.objects.filter(state=ProductState.PUBLISHED)
        .select_related("category")
        .prefetch_related(
            "images", Prefetch("descriptions", approved, to_attr="approved_descriptions")
        )
        .order_by("sku")
    )
