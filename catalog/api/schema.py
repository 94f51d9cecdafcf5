"""What the generator of the schema has to know about our fields, bodies and credentials."""

import re
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.utils import Direction

from catalog.api import fields
from catalog.api.inputs import ProductRowInput
from catalog.models.product import SKU_PATTERN
from catalog.services.products import MOST_ROWS
from catalog.tables.language_codes import WRITTEN_CODE


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How machines authenticate."""

    target_class = "catalog.api.access.ApiKeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return _authorization("`Api-Key ` and the key of a machine.")


class PersonTokenScheme(OpenApiAuthenticationExtension):
    """How people authenticate."""

    target_class = "catalog.api.access.PersonTokenAuthentication"
    name = "PersonToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        return _authorization("`Token ` and the token of a person.")


def _authorization(description: str) -> dict[str, Any]:
    return {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": description,
    }


ANY_TYPE = ["object", "array", "string", "number", "boolean", "null"]

#: Text without NUL, with at least one character that is not white space.
SAID = r"^[^\x00]*[^\x00\s][^\x00]*$"


class TextSchema(OpenApiSerializerFieldExtension):
    """Texts without NUL, SKUs, slugs."""

    target_class = "catalog.api.fields.TextField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        field = self.target
        schema: dict[str, Any] = {"type": "string", "maxLength": field.max_length}
        if isinstance(field, fields.SkuField):
            return {**schema, "pattern": SKU_PATTERN.replace(r"\Z", "$")}
        if isinstance(field, fields.AmountField):
            return {**schema, "pattern": f"^{fields.AMOUNT}$"}
        if isinstance(field, fields.SlugField):
            return {**schema, "pattern": f"^{fields.SLUG}$"}  # null is added where allowed
        said = field.trim_whitespace and not field.allow_blank
        if not field.allow_blank:
            schema["minLength"] = 1
        return {**schema, "pattern": SAID if said else fields.NO_NUL}


class TranslationsSchema(OpenApiSerializerFieldExtension):
    """Translations by the code of a language, as it is written, and not that of the shop."""

    target_class = "catalog.api.fields.TranslationsField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema = auto_schema._map_serializer_field(self.target, direction, bypass_extensions=True)
        names = {"pattern": WRITTEN_CODE, "not": {"const": settings.SHOP_LANGUAGE}}
        return {**schema, "maxProperties": fields.MOST_LANGUAGES, "propertyNames": names}


class RowsSchema(OpenApiSerializerFieldExtension):
    """Rows of a bulk request: products, or anything else, which the answer refuses row by row.

    A request with a faulty row is answered with 200, so it has to be valid here. Clients that are
    generated from the schema take the fields of a row from the first alternative.
    """

    target_class = "catalog.api.inputs.RowsField"

    def map_serializer_field(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        product = auto_schema.resolve_serializer(ProductRowInput, direction)
        row = ResolvedComponent(
            name="BulkRowRequest",
            type=ResolvedComponent.SCHEMA,
            object=type(self),
            schema={
                "description": "A product. Anything else is accepted too and refused by itself, "
                "in the results.",
                "anyOf": [product.ref, {"type": ANY_TYPE}],
            },
        )
        auto_schema.registry.register_on_missing(row)
        return {"type": "array", "minItems": 1, "maxItems": MOST_ROWS, "items": row.ref}


class StrictInputSchema(OpenApiSerializerExtension):
    """Objects without unknown members."""

    target_class = "catalog.api.fields.StrictInput"
    match_subclasses = True

    def map_serializer(self, auto_schema: AutoSchema, direction: Direction) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "additionalProperties": False}


def blank_has_one_branch(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Where blank is allowed the generator adds a branch for it; often the other one has it too.

    `oneOf` refuses what two branches accept, so such a pair becomes its first branch.
    """
    _join_branches(result)
    return result


def _join_branches(node: Any) -> None:
    for inner in node.values() if isinstance(node, dict) else node:
        if isinstance(inner, dict | list):
            _join_branches(inner)
    if isinstance(node, dict) and len(branches := node.get("oneOf", ())) == 2:
        first, blank = branches
        if blank == {"type": "string", "maxLength": 0} and _accepts_blank(first):
            del node["oneOf"]
            node.update(first)


def _accepts_blank(schema: dict[str, Any]) -> bool:
    return (
        schema.get("type") == "string"
        and not schema.get("minLength")
        and re.search(schema.get("pattern", ""), "") is not None
    )


def alternatives_are_required(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Mark bodies that are one of several as required; the generator marks plain ones only."""
    schemas = result["components"]["schemas"]
    for methods in result["paths"].values():
        for operation in methods.values():
            body = operation.get("requestBody", {})
            for content in body.get("content", {}).values():
                name = content["schema"].get("$ref", "").rpartition("/")[2]
                if "oneOf" in schemas.get(name, {}):
                    body["required"] = True
    return result
