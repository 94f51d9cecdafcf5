"""The form of a product's facts, with room for new photos."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Product


class AttributesField(forms.CharField):
    """Further facts as people write them, one `Name: value` a line; a dict in the database."""

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
                raise forms.ValidationError(_("“%(name)s” is there twice.") % {"name": name})
            facts[name] = fact
        return facts

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), (data or "").replace("\r", ""))


class PhotosInput(forms.ClearableFileInput):
    """A file field that takes many."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """Any number of files, unopened: `catalog.photos` alone decides what is a photo."""

    widget = PhotosInput(attrs={"accept": "image/jpeg,image/png,image/webp"})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [file for file in (data or []) if file]


class ProductForm(forms.ModelForm):
    """Facts and new photos. An empty photo file is kept in the list: its refusal is told later."""

    attributes = AttributesField(
        required=False, label=_("Further facts"), help_text=_("One a line: name, colon, value.")
    )
    new_photos = PhotosField(
        required=False,
        label=_("Add photos"),
        help_text=_(
            "JPEG, PNG or WebP, up to 20 MB and 30 megapixels each. Choose several at once."
        ),
    )

    class Meta:
        model = Product
        fields = ["sku", "title", "brand", "category", "colour", "gender", "attributes"]

    def clean_attributes(self) -> dict[str, Any]:
        """Facts that were not touched keep their stored type, such as a number."""
        facts = self.cleaned_data["attributes"]
        stored = self.instance.attributes or {}
        return {
            name: stored[name] if name in stored and _as_text(stored[name]) == fact else fact
            for name, fact in facts.items()
        }


def _as_text(fact: Any) -> str:
    return fact if isinstance(fact, str) else json.dumps(fact, ensure_ascii=False)
