"""Fields that accept only the JSON type they name. DRF's own also read numbers as texts, words as
booleans, and the digits of every script."""

import re
from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models.product import SKU_LENGTH, SKU_PATTERN, SKU_RULE
from catalog.tables.language_codes import language_code

_SKU = re.compile(SKU_PATTERN)
MOST_ATTRIBUTES = 100
LONGEST_NAME = 100
MOST_LANGUAGES = 50
LONGEST_VALUE = 1_000
AMOUNT = r"[0-9]{1,9}(\.[0-9]{1,4})?"
#: Letters of any script.
SLUG = r"[-\w]+"
#: Anything but NUL, which databases cannot store.
NO_NUL = r"^[^\x00]*$"


class TextField(serializers.CharField):
    """Text that was sent as text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class WholeNumberField(serializers.IntegerField):
    """Digits of a query: neither `1.0` nor `²`."""

    def to_internal_value(self, data: Any) -> int:
        if not (isinstance(data, str) and data.isascii() and data.isdigit()):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """True or false."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class SkuField(TextField):
    """The SKU of a product."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=SKU_LENGTH, trim_whitespace=False, **options)
        self.validators.append(_is_sku)


def _is_sku(value: str) -> None:
    if not _SKU.match(value):
        raise serializers.ValidationError(SKU_RULE)


class AmountField(TextField):
    """An amount of money as text, `19.90`; none is negative."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=14, trim_whitespace=False, **options)
        self.validators.append(_is_amount)


def _is_amount(value: str) -> None:
    if not re.fullmatch(AMOUNT, value):
        raise serializers.ValidationError("Give an amount such as 19.90.")


class SlugField(TextField):
    """The slug of a category."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=140, trim_whitespace=False, **options)
        self.validators.append(_is_slug)


class SlugOrNullField(SlugField):
    """The slug of a category, or null for none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)


def _is_slug(value: str) -> None:
    if not re.fullmatch(SLUG, value):
        raise serializers.ValidationError("This is not the slug of a category.")


@extend_schema_field(
    {
        "type": "object",
        "maxProperties": MOST_ATTRIBUTES,
        "propertyNames": {"minLength": 1, "maxLength": LONGEST_NAME, "pattern": NO_NUL},
        "additionalProperties": {
            "anyOf": [
                {"type": "string", "maxLength": LONGEST_VALUE, "pattern": NO_NUL},
                {"type": "number"},
                {"type": "boolean"},
            ]
        },
    }
)
class AttributesField(serializers.Field[Any, Any, Any, Any]):
    """A flat object: names with texts, numbers or booleans."""

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


class TranslationsField(serializers.DictField):
    """Translations by the code of their language; null takes one away."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().to_internal_value(data)
        if len(found) > MOST_LANGUAGES:
            raise serializers.ValidationError(f"Give {MOST_LANGUAGES} languages at most.")
        for code in found:
            if language_code(code) != code:
                raise serializers.ValidationError(
                    f"{code[:LONGEST_NAME]!r} is no code of a language, such as `de` or `pt-BR`."
                )
            if code == settings.SHOP_LANGUAGE:
                raise serializers.ValidationError(
                    f"The product's own title and attributes are in {code!r}."
                )
        return found


class StrictInput(serializers.Serializer[Any]):
    """A JSON object. Unknown members are refused: most likely one is mistyped."""

    def to_internal_value(self, data: Any) -> Any:
        unknown = set(data) - set(self.fields) if isinstance(data, dict) else ()
        if unknown:
            known = ", ".join(self.fields)
            raise serializers.ValidationError(
                {str(name): [f"There is no such member; known: {known}."] for name in unknown}
            )
        return super().to_internal_value(data)
