"""The shapes that the API answers with. Read-only: nothing here takes input."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.choices import Gender
from catalog.models import Category, Description, Product, ProductImage
from catalog.selectors.provenance import Provenance, description_provenance


class CategorySerializer(serializers.ModelSerializer):
    """A shelf, by name and by the slug that the filter takes."""

    class Meta:
        model = Category
        fields = ["name", "slug"]
        read_only_fields = fields


class ImageSerializer(serializers.ModelSerializer):
    """One photo: absolute addresses, size in pixels, position 0 for the main photo."""

    url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField()

    class Meta:
        model = ProductImage
        fields = ["url", "thumbnail_url", "width", "height", "position"]
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, image: ProductImage) -> str:
        return self.context["request"].build_absolute_uri(image.file.url)

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_thumbnail_url(self, image: ProductImage) -> str:
        return self.context["request"].build_absolute_uri(image.thumbnail.url)


class DescriptionSerializer(serializers.ModelSerializer):
    """The approved text of a product. Plain text: escape it where it meets HTML."""

    provenance = serializers.SerializerMethodField(
        help_text="`generated` by a model, generated and then `edited`, or written by a `human`."
    )
    model_version = serializers.SerializerMethodField(help_text="Null for a text by a person.")
    approved_at = serializers.DateTimeField(source="reviewed_at", read_only=True, allow_null=True)

    class Meta:
        model = Description
        fields = [
            "language",
            "standard",
            "alt_text",
            "detailed",
            "provenance",
            "model_version",
            "approved_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=[value.value for value in Provenance]))
    def get_provenance(self, description: Description) -> str:
        return description_provenance(description).value

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_model_version(self, description: Description) -> str | None:
        return description.model_version.name if description.model_version else None


class ProductSerializer(serializers.ModelSerializer):
    """A published product. `description` is the approved text, or null; drafts never show."""

    gender = serializers.ChoiceField(
        choices=[("", "Not said"), *Gender.choices], read_only=True, allow_blank=True
    )
    category = CategorySerializer(read_only=True, allow_null=True)
    attributes = serializers.DictField(read_only=True, help_text="Further facts, name to value.")
    images = ImageSerializer(many=True, read_only=True)
    description = serializers.SerializerMethodField()

    class Meta:
        model = Product
        fields = [
            "sku",
            "title",
            "brand",
            "category",
            "colour",
            "gender",
            "attributes",
            "images",
            "description",
            "updated_at",
        ]
        read_only_fields = fields

    @extend_schema_field(DescriptionSerializer(allow_null=True))
    def get_description(self, product: Product) -> dict[str, Any] | None:
        # `approved_descriptions` is prefetched by `products_for_storefront`: no query here.
        approved = product.approved_descriptions  # type: ignore[attr-defined]
        return DescriptionSerializer(approved[0]).data if approved else None


class ErrorSerializer(serializers.Serializer):
    """Why a request was not answered, in a sentence."""

    detail = serializers.CharField(read_only=True)
