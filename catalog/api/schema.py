"""The API's description of itself, and a page that shows it without the network."""

from typing import Any

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from catalog.api.throttles import ClientThrottle
from catalog.selectors.product_documents import FIELDS


class ApiKeyScheme(OpenApiAuthenticationExtension):
    """How machines say who they are."""

    target_class = "catalog.api.principal.ApiKeyAuthentication"
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

    target_class = "catalog.api.principal.PersonTokenAuthentication"
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


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1 of `/api/v1/`, as YAML or (`?format=json`) JSON."""

    throttle_classes = (ClientThrottle,)


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files. Its set-up script is a request of its own, because the
    Content-Security-Policy allows no script in the page."""

    template_name = "api/docs.html"
    url_name = "api:schema"
