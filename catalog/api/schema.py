"""What the generator of the schema has to know about our fields, bodies and credentials."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema

from catalog.api.fields import (
    LONGEST_NAME,
    LONGEST_VALUE,
    MOST_ATTRIBUTES,
    SkuField,
    SlugOrNullField,
)
from catalog.models.product import SKU_PATTERN
from catalog.selectors.product_documents import FIELDS


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How machines say who they are."""

    target_class = "catalog.api.access.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Api-Key ` and the key of a machine.",
        }


class PersonTokenScheme(OpenApiAuthenticationExtension):
    """How people say who they are."""

    target_class = "catalog.api.access.PersonTokenAuthentication"
    name = "PersonToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Token ` and the token of a person.",
        }


class SparseFieldsSchema(OpenApiSerializerFieldExtension):
    """`fields` takes names of fields alone."""

    target_class = "catalog.api.queries.SparseFieldsField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        name = "|".join(FIELDS)
        return {"type": "string", "pattern": f"^({name})(,({name}))*$"}


#: Anything but NUL, which databases cannot store.
NO_NUL = r"^[^\x00]*$"
#: The same with at least one character that is not white.
SAID = r"^[^\x00]*[^\x00\s][^\x00]*$"
ATTRIBUTES = {
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


class TextSchema(OpenApiSerializerFieldExtension):
    """Texts without NUL, SKUs, slugs."""

    target_class = "catalog.api.fields.TextField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        field = self.target
        schema: dict[str, Any] = {"type": "string", "maxLength": field.max_length}
        if isinstance(field, SkuField):
            return {**schema, "pattern": SKU_PATTERN.replace(r"\Z", "$")}
        if isinstance(field, SlugOrNullField):
            return {**schema, "type": ["string", "null"], "pattern": "^[-a-zA-Z0-9_]+$"}
        said = field.trim_whitespace and not field.allow_blank
        if not field.allow_blank:
            schema["minLength"] = 1
        return {**schema, "pattern": SAID if said else NO_NUL}


class AttributesSchema(OpenApiSerializerFieldExtension):
    """Flat objects of texts, numbers and booleans."""

    target_class = "catalog.api.fields.AttributesField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        return ATTRIBUTES


class StrictInputSchema(OpenApiSerializerExtension):
    """Objects without members that nobody knows."""

    target_class = "catalog.api.fields.StrictInput"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: str) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


def alternatives_are_required(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A body that is one of several has to be there; the generator says so of plain ones alone."""
    schemas = result["components"]["schemas"]
    for methods in result["paths"].values():
        for operation in methods.values():
            body = operation.get("requestBody", {})
            for content in body.get("content", {}).values():
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                if "oneOf" in schemas.get(name, {}):
                    body["required"] = True
    return result
