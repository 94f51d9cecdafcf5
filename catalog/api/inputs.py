"""What bodies of requests may hold. Members that nobody reads are refused: most likely mistyped."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.api.queries import BOOLEANS, LANGUAGE, STATES
from catalog.choices import Gender, ProductState
from catalog.models import Category, WebhookEventType
from catalog.models.product import SKU_PATTERN
from catalog.services.product_bulk import MOST_ROWS

_SKU = re.compile(SKU_PATTERN)
MOST_ATTRIBUTES = 100
LONGEST_NAME = 100
LONGEST_VALUE = 1_000
#: Of the schema, where `\\Z` of Python is written `$`.
SKU_SCHEMA = {
    "type": "string",
    "pattern": SKU_PATTERN.replace("\\Z", "$"),
    "minLength": 1,
    "maxLength": 64,
}
ATTRIBUTES_SCHEMA = {
    "type": "object",
    "maxProperties": MOST_ATTRIBUTES,
    "propertyNames": {"minLength": 1, "maxLength": LONGEST_NAME, "pattern": "^[^\\u0000]*$"},
    "additionalProperties": {
        "anyOf": [
            {"type": "string", "maxLength": LONGEST_VALUE, "pattern": "^[^\\u0000]*$"},
            {"type": "number"},
            {"type": "boolean"},
        ]
    },
    "description": "Further facts, name to text, number or boolean.",
}


class StrictInput(serializers.Serializer):
    """A JSON object whose members are all known."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else ()
        if unknown:
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                {str(name): [f"There is no such member; known: {known}."] for name in unknown}
            )
        return super().to_internal_value(data)


class TextField(serializers.CharField):
    """Text that was sent as text: DRF's own takes numbers and booleans too."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """True or false and nothing else: DRF's own takes words and numbers too."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


@extend_schema_field(SKU_SCHEMA)
class SkuField(TextField):
    """A SKU as products bear it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, trim_whitespace=False, **options)
        self.validators.append(_is_sku)


def _is_sku(value: str) -> None:
    if not _SKU.match(value):
        raise serializers.ValidationError(
            "Use letters, digits, dot, dash and underscore, and begin with a letter or digit."
        )


@extend_schema_field(ATTRIBUTES_SCHEMA)
class AttributesField(serializers.Field):
    """A flat object of facts."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Give an object of names and values.")
        if len(data) > MOST_ATTRIBUTES:
            raise serializers.ValidationError(f"Give {MOST_ATTRIBUTES} attributes at most.")
        for name, value in data.items():
            if not _is_text(name, LONGEST_NAME) or not name:
                raise serializers.ValidationError(
                    f"A name has 1 to {LONGEST_NAME} characters, none of them NUL."
                )
            if not (isinstance(value, int | float) or _is_text(value, LONGEST_VALUE)):
                raise serializers.ValidationError(
                    f"The value of {name!r} is neither a text of up to {LONGEST_VALUE:,} "
                    "characters (without NUL) nor a number nor a boolean."
                )
        return data

    def to_representation(self, value: Any) -> Any:
        return value


def _is_text(value: Any, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest and "\0" not in value


@extend_schema_field({"type": ["string", "null"], "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 140})
class CategoryField(serializers.Field):
    """A category by its slug. `known` (slug to row) saves a query where many are read."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)
        self.known: dict[str, Category] | None = None

    def to_internal_value(self, data: Any) -> Category:
        slug = data if isinstance(data, str) and "\0" not in data else ""
        if self.known is not None:
            found = self.known.get(slug)
        else:
            found = Category.objects.filter(slug=slug).first()
        if found is None:
            raise serializers.ValidationError("There is no category with this slug.")
        return found

    def to_representation(self, value: Category) -> str:
        return value.slug


class ProductChangeInput(StrictInput):
    """Facts of a product; what is left out stays as it is."""

    title = TextField(max_length=200, required=False)
    brand = TextField(max_length=120, required=False, allow_blank=True)
    category = CategoryField(required=False)
    colour = TextField(max_length=60, required=False, allow_blank=True)
    gender = serializers.ChoiceField(choices=["", *Gender.values], required=False, allow_blank=True)
    attributes = AttributesField(required=False)
    state = serializers.ChoiceField(choices=ProductState.choices, required=False)


class ProductInput(ProductChangeInput):
    """A new product; a draft unless `state` says otherwise."""

    sku = SkuField()
    title = TextField(max_length=200)


class ProductRowInput(ProductChangeInput):
    """A product to create or change. A new one needs a title."""

    sku = SkuField()


class BulkInput(StrictInput):
    """Up to a thousand products. Rows are judged one by one: a wrong one refuses itself alone."""

    products = serializers.ListField(
        child=serializers.JSONField(allow_null=True), min_length=1, max_length=MOST_ROWS
    )


class BulkInputShape(serializers.Serializer):
    """Up to a thousand products; a row that cannot be used refuses itself alone."""

    products = ProductRowInput(many=True, min_length=1, max_length=MOST_ROWS)


class PhotoUrlInput(StrictInput):
    """A photo by its address on the public internet."""

    url = TextField(max_length=2_000)


class PhotoFileInput(serializers.Serializer):
    """A photo as a file: JPEG, PNG or WebP, up to 20 MB and 30 megapixels."""

    photo = serializers.FileField()


class FactsInput(StrictInput):
    """What is known of a photo."""

    facts = TextField(
        max_length=500,
        default="",
        allow_blank=True,
        help_text="What is known already, for example brand and fabric, as plain text.",
    )


class LoosePhotoUrlInput(PhotoUrlInput, FactsInput):
    """A photo by its address, and what is known of it."""


class LoosePhotoFileInput(PhotoFileInput):
    """A photo as a file, and what is known of it."""

    facts = serializers.CharField(max_length=500, required=False, allow_blank=True)


class WebhookInput(StrictInput):
    """Where to tell of what. The address has to be on the public internet."""

    url = TextField(max_length=2_000)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEventType.choices), min_length=1, max_length=10
    )


class WebhookChangeInput(StrictInput):
    """What to change of a webhook. To enable it sends what waits since it was disabled."""

    url = TextField(max_length=2_000, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEventType.choices),
        min_length=1,
        max_length=10,
        required=False,
    )
    enabled = FlagField(required=False)


class FilterInput(StrictInput):
    """Products by what they are; members combine with *and*."""

    category = serializers.SlugField(required=False, max_length=140)
    brand = TextField(required=False, max_length=120)
    colour = TextField(required=False, max_length=60)
    gender = serializers.ChoiceField(required=False, choices=Gender.values)
    state = serializers.ChoiceField(choices=STATES, default="any")
    has_description = serializers.ChoiceField(required=False, choices=BOOLEANS)
    search = TextField(required=False, max_length=200)


class DescribeInput(StrictInput):
    """How to describe. `again` asks for a new draft where there is a text already."""

    again = FlagField(default=False)
    language = serializers.RegexField(LANGUAGE, default="en")


class JobInput(DescribeInput):
    """Which products to describe: either `skus` or `filter`."""

    skus = serializers.ListField(child=SkuField(), required=False, min_length=1, max_length=10_000)
    filter = FilterInput(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("skus" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError("Give either `skus` or `filter`.")
        return attrs


def read_body(kind: type[serializers.Serializer], data: Any) -> dict[str, Any]:
    """The checked members of a body. Raises `ValidationError`."""
    body = kind(data=data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def categories_by_slug(slugs: Collection[str]) -> dict[str, Category]:
    """The categories among these, in one query."""
    return {row.slug: row for row in Category.objects.filter(slug__in=slugs)}
