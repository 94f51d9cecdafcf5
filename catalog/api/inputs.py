"""What bodies of requests may hold. This module checks each body by itself; whether what it names
exists (a category, say) is checked by the views."""

from typing import Any

from rest_framework import serializers

from catalog.api import fields
from catalog.api.queries import BOOLEANS, LANGUAGE, STATES
from catalog.choices import (
    Availability,
    Gender,
    KnownSource,
    PageText,
    ProductState,
    TextLength,
)
from catalog.models import WebhookEventType
from catalog.models.product import SKU_LENGTH
from catalog.services.products import MOST_CATEGORIES, MOST_ROWS, MOST_VARIANTS


class ProductChangeInput(fields.StrictInput):
    """Facts of a product; members that are left out stay as they are."""

    title = fields.TextField(max_length=200, required=False)
    brand = fields.TextField(max_length=120, required=False, allow_blank=True)
    category = fields.SlugOrNullField(required=False)
    colour = fields.TextField(max_length=60, required=False, allow_blank=True)
    gender = serializers.ChoiceField(choices=["", *Gender.values], required=False, allow_blank=True)
    attributes = fields.AttributesField(required=False)
    state = serializers.ChoiceField(choices=ProductState.choices, required=False)


class OptionInput(fields.StrictInput):
    """An option of a variant, such as Size: M."""

    name = fields.TextField(max_length=100)
    value = fields.TextField(max_length=200, allow_blank=True)


class VariantInput(fields.StrictInput):
    """What a customer buys of a product: its SKU, or its options, or both."""

    sku = fields.TextField(max_length=SKU_LENGTH, required=False, allow_blank=True)
    options = OptionInput(many=True, required=False)
    price = fields.AmountField(required=False, allow_null=True)
    compare_at_price = fields.AmountField(required=False, allow_null=True)
    currency = serializers.RegexField(r"^([A-Z]{3})?$", required=False, allow_blank=True)
    barcode = fields.TextField(max_length=64, required=False, allow_blank=True)
    availability = serializers.ChoiceField(
        choices=["", *Availability.values], required=False, allow_blank=True
    )


class TranslationInput(fields.StrictInput):
    """What a product is called in one further language; what is left out is empty."""

    title = fields.TextField(max_length=200, default="", allow_blank=True)
    colour = fields.TextField(max_length=60, default="", allow_blank=True)
    attributes = fields.AttributesField(default=dict)


class ProductPatchInput(ProductChangeInput):
    """What to change of one product; `variants`, `further_categories` and the translation of each
    language replace those that it has."""

    further_categories = serializers.ListField(
        child=fields.SlugField(), required=False, max_length=MOST_CATEGORIES
    )
    translations = fields.TranslationsField(child=TranslationInput(allow_null=True), required=False)

    # With `many` it takes what a list takes, which the stubs do not know.
    variants = VariantInput(many=True, required=False, max_length=MOST_VARIANTS)  # type: ignore[call-arg]


class ProductInput(ProductPatchInput):
    """A new product; a draft unless `state` says otherwise."""

    sku = fields.SkuField()
    title = fields.TextField(max_length=200)


class ProductRowInput(ProductChangeInput):
    """A product to create or change. A new one needs a title."""

    sku = fields.SkuField()


class RowsField(serializers.ListField):
    """Rows of any kind: each is judged by itself."""


class BulkInput(fields.StrictInput):
    """Up to a thousand products."""

    products = RowsField(
        child=serializers.JSONField(allow_null=True),
        min_length=1,
        max_length=MOST_ROWS,
        help_text="What a row leaves out stays as it is. A faulty row is refused by itself.",
    )


class PhotoUrlInput(fields.StrictInput):
    """A photo by its address on the public internet."""

    url = fields.TextField(max_length=2_000)


class PhotoFileInput(fields.StrictInput):
    """A photo as a file: JPEG, PNG or WebP, up to 20 MB and 30 megapixels."""

    photo = serializers.FileField()


class FactsInput(fields.StrictInput):
    """What is known about a photo."""

    facts = fields.TextField(
        max_length=500,
        default="",
        allow_blank=True,
        help_text="Known facts, for example brand and fabric, as plain text.",
    )


class LoosePhotoUrlInput(PhotoUrlInput, FactsInput):
    """A photo by its address, and what is known about it."""


class LoosePhotoFileInput(PhotoFileInput):
    """A photo as a file, and what is known about it."""

    facts = serializers.CharField(max_length=500, required=False, allow_blank=True)


class WebhookInput(fields.StrictInput):
    """Which events go where. The address has to be on the public internet."""

    url = fields.TextField(max_length=2_000)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEventType.choices), min_length=1, max_length=10
    )


class WebhookChangeInput(fields.StrictInput):
    """What to change in a webhook. Enabling it sends the messages that have waited."""

    url = fields.TextField(max_length=2_000, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=WebhookEventType.choices),
        min_length=1,
        max_length=10,
        required=False,
    )
    enabled = fields.FlagField(required=False)


class FilterInput(fields.StrictInput):
    """Products by their facts; members combine with *and*."""

    category = serializers.SlugField(allow_unicode=True, required=False, max_length=140)
    brand = fields.TextField(required=False, max_length=120)
    colour = fields.TextField(required=False, max_length=60)
    gender = serializers.ChoiceField(required=False, choices=Gender.values)
    state = serializers.ChoiceField(choices=STATES, default="any")
    has_description = serializers.ChoiceField(required=False, choices=BOOLEANS)
    search = fields.TextField(required=False, max_length=200)


class DescribeInput(fields.StrictInput):
    """How to describe. `again` asks for a new draft where there is a text already."""

    again = fields.FlagField(default=False)
    sources = serializers.ListField(
        child=serializers.ChoiceField(choices=KnownSource.choices),
        max_length=len(KnownSource),
        required=False,
        help_text=(
            "What of the catalog's knowledge the texts are conditioned on. Left out: all of it. "
            "Empty: the photo alone."
        ),
    )
    slots = serializers.ListField(
        child=serializers.ChoiceField(choices=[TextLength.DETAILED, *PageText.values]),
        max_length=len(PageText) + 1,
        required=False,
        help_text="What is written beside description and alt text. Left out: nothing.",
    )
    catalog_facts = fields.FlagField(
        required=False,
        help_text="Former name: `false` is `sources: []`, `true` all sources. `sources` wins.",
    )
    language = serializers.RegexField(
        LANGUAGE,
        required=False,
        help_text="By default English if the model version in use writes it, else its first "
        "language.",
    )


class SkusJobInput(DescribeInput):
    """The products to describe, by their SKUs."""

    skus = serializers.ListField(child=fields.SkuField(), min_length=1, max_length=10_000)


class FilterJobInput(DescribeInput):
    """The products to describe, by their facts."""

    filter = FilterInput()


def read_body(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The checked members of a body. Raises `ValidationError`."""
    body = kind(data=data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)
