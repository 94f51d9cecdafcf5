"""What the product list can be narrowed by. A value that makes no sense answers 400."""

from django.db.models import Exists, OuterRef, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from catalog.choices import DescriptionState, Gender
from catalog.models import Category, Description, Product
from catalog.selectors.product_search import products_matching

HAS_DESCRIPTION = {
    "type": "boolean",
    "description": "`true`: only products with an approved text; `false`: only those without.",
}
SEARCH = {
    "type": "string",
    "maxLength": 200,
    "description": "Words that all occur in SKU, title, brand, colour, category or approved text.",
}


class ProductFilter(filters.FilterSet):
    """Filters of `/api/v1/products/`; they combine with *and*."""

    category = filters.ModelChoiceFilter(
        queryset=Category.objects.all(), to_field_name="slug", help_text="Slug of a category."
    )
    brand = filters.CharFilter(lookup_expr="iexact", help_text="Brand, whatever its case.")
    colour = filters.CharFilter(lookup_expr="iexact", help_text="Colour, whatever its case.")
    gender = filters.ChoiceFilter(choices=Gender.choices, help_text="Whom the product is for.")
    # A choice, for a boolean filter takes what it does not understand for "not asked".
    has_description = extend_schema_field(HAS_DESCRIPTION)(
        filters.TypedChoiceFilter(
            choices=[("true", "true"), ("false", "false")],
            coerce=lambda value: value == "true",
            method="filter_has_description",
        )
    )
    updated_since = filters.IsoDateTimeFilter(
        field_name="updated_at",
        lookup_expr="gte",
        help_text="Changed at or after this ISO 8601 time; without an offset it is UTC.",
    )
    search = extend_schema_field(SEARCH)(filters.CharFilter(method="filter_search", max_length=200))

    class Meta:
        model = Product
        fields: list[str] = []

    def filter_has_description(
        self,
        products: QuerySet[Product],
        name: str,
        value: bool,  # noqa: FBT001
    ) -> QuerySet[Product]:
        approved = Exists(
            Description.objects.filter(product=OuterRef("pk"), state=DescriptionState.APPROVED)
        )
        return products.filter(approved if value else ~approved)

    def filter_search(
        self, products: QuerySet[Product], name: str, value: str
    ) -> QuerySet[Product]:
        return products_matching(products, value)
