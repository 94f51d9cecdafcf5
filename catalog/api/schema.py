"""The API's description of itself, and a page that shows it without the network."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from catalog.api.throttles import CatalogThrottle


class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1 of `/api/v1/`, as YAML or (`?format=json`) JSON."""

    throttle_classes = (CatalogThrottle,)


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files. Its set-up script is a request of its own, because the
    Content-Security-Policy allows no script in the page."""

    template_name = "api/docs.html"
    url_name = "api:schema"
