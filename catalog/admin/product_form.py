"""The form of a product: its facts, its photos, and room for new ones."""

import json
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import ForeignKey
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.category_fields import CategoryPathField
from catalog.models import (
    Product,
    ProductCategory,
    ProductImage,
    ProductTranslation,
    Variant,
)


class AttributesField(forms.CharField):
    """Attributes as people write them, one `Name: value` a line; a dict in the database."""

    widget = forms.Textarea(attrs={"rows": 4, "placeholder": "Fabric: cotton\nSleeve: short"})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{name}: {_as_text(fact)}" for name, fact in value.items())

    def clean(self, value: Any) -> dict[str, str]:
        facts: dict[str, str] = {}
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            name, colon, fact = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            if not colon or not name or not fact:
                raise forms.ValidationError(
                    _("Line %(number)s should read “Name: value”, for example “Fabric: cotton”.")
                    % {"number": number}
                )
            if name in facts:
                raise forms.ValidationError(_("“%(name)s” appears twice.") % {"name": name})
            facts[name] = fact
        return facts

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), (data or "").replace("\r", ""))


class PhotosInput(forms.ClearableFileInput):
    """A file field for several files."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Any number of files, unopened: `catalog.photos` alone decides what is a photo."""

    widget = PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [file for file in (data or []) if file]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.clean(data))  # no file is an empty list, which Django takes for a change


class ProductForm(forms.ModelForm[Product]):
    """Facts and new photos; the page that stores the photos says which were refused."""

    attributes = AttributesField(
        required=False, label=_("Attributes"), help_text=_("One per line, as “Name: value”.")
    )
    new_photos = PhotosField(
        required=False,
        label=_("Add photos"),
        help_text=_(
            "JPEG, PNG or WebP, up to 20 MB and 30 megapixels each. You can choose several files."
        ),
    )

    class Meta:
        model = Product
        fields = ["sku", "title", "brand", "category", "colour", "gender", "attributes"]

    def clean_attributes(self) -> dict[str, Any]:
        """Attributes that nobody changed keep their stored type, such as a number."""
        facts = self.cleaned_data["attributes"]
        stored = self.instance.attributes or {}
        return {
            name: stored[name] if name in stored and _as_text(stored[name]) == fact else fact
            for name, fact in facts.items()
        }


def _as_text(fact: Any) -> str:
    return fact if isinstance(fact, str) else json.dumps(fact, ensure_ascii=False)


class ProductImageInline(admin.StackedInline[ProductImage, Product]):
    """The photos as a gallery; a tick removes one, and nothing else can change."""

    model = ProductImage
    verbose_name = _("photo")
    template = "admin/catalog/product/photos.html"
    fields = readonly_fields = ("width", "height", "byte_size", "position")
    extra = 0
    max_num = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OptionsField(AttributesField):
    """Options as people write them, one `Name: value` a line; pairs in the database."""

    widget = forms.Textarea(attrs={"rows": 2, "placeholder": "Size: M\nColour: Navy"})

    def prepare_value(self, value: Any) -> Any:
        return super().prepare_value(dict(value) if isinstance(value, list) else value)

    def clean(self, value: Any) -> Any:
        return [[name, option] for name, option in super().clean(value).items()]


class VariantForm(forms.ModelForm[Variant]):
    """A variant; its photo is one of the product's."""

    options = OptionsField(required=False, label=_("Options"))

    class Meta:
        model = Variant
        fields = [
            *("sku", "options", "price", "compare_at_price", "currency", "barcode"),
            *("availability", "photo", "position"),
        ]


class PartFormSet(forms.BaseInlineFormSet[Any, Product, Any]):
    """Rows of a part of the product; a form that was sent without this part leaves it as it is."""

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        prefix = kwargs.get("prefix") or self.get_default_prefix()
        if data is not None and f"{prefix}-TOTAL_FORMS" not in data:
            data = data.copy()
            data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}
        super().__init__(data, *args, **kwargs)


class PartInline(admin.TabularInline[Any, Product]):
    """A part of the product as rows; who may change the product may change them."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("catalog.view_product")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("catalog.change_product")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request)


class TranslationForm(forms.ModelForm[ProductTranslation]):
    """What the product is called in one further language."""

    attributes = AttributesField(required=False, label=_("Attributes"))

    class Meta:
        model = ProductTranslation
        fields = ["language", "title", "colour", "attributes"]

    def clean_language(self) -> str:
        language = self.cleaned_data["language"]
        if language == settings.SHOP_LANGUAGE:
            raise forms.ValidationError(
                _("The title and attributes above are in this language. Change them there.")
            )
        return str(language)


class TranslationInline(PartInline):
    """The translations as rows."""

    model = ProductTranslation
    form = TranslationForm
    formset = PartFormSet


class FurtherCategoryInline(PartInline):
    """Where the product stands besides, as rows."""

    model = ProductCategory
    formset = PartFormSet
    fields = ["category", "position"]
    formfield_overrides = {ForeignKey: {"form_class": CategoryPathField}}


class VariantInline(PartInline):
    """The variants as rows."""

    model = Variant
    form = VariantForm

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The product's own photos."""
        if db_field.name == "photo":
            match = request.resolver_match
            product = match.kwargs.get("object_id") if match is not None else None
            kwargs["queryset"] = ProductImage.objects.filter(product=product or 0)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
