"""Django's admin site under our name, with the catalog before accounts and log-in records."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.translation import gettext_lazy as _


class CatalogAdminSite(AdminSite):
    """The merchandisers' site."""

    site_header = "MODA"
    site_title = "MODA"
    index_title = _("Catalog at a glance")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Pages that belong to no one model come before the stock ones."""
        # Models are not loaded yet when this module is.
        from catalog.admin.desk.urls import urlpatterns as desk_urls
        from catalog.admin.figures import figures_urls
        from catalog.admin.many.views import many_urls

        return [*desk_urls, *figures_urls(self), *many_urls(self), *super().get_urls()]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The start page, with what the account may see of the catalog's state."""
        from catalog.admin.home import home_context  # likewise

        return super().index(request, {**home_context(request.user), **(extra_context or {})})

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """By name, as the stock site has it, but the catalog first and within it by use."""
        apps = super().get_app_list(request, app_label)
        order = ["Product", "Description", "DescriptionJob", "ProductImport", "ProductExport",
                 "Category", "TrainingRun", "ModelVersion", "Deployment", "Forgetting",
                 "TrainingExample", "ApiKey", "PersonToken", "WebhookEndpoint",
                 "WebhookDelivery"]  # fmt: skip
        for app in apps:
            if app["app_label"] == "catalog":
                app["models"].sort(key=lambda model: order.index(model["object_name"]))
                if request.user.has_perm("catalog.view_description"):
                    app["models"].insert(0, _desk())
        return sorted(apps, key=lambda app: app["app_label"] != "catalog")


def _desk() -> dict[str, Any]:
    """The desk as an entry among the models: it is where most people go."""
    return {
        "name": _("Review"),
        "object_name": "Review",
        "model": None,
        "perms": {},
        "admin_url": reverse("admin:review"),
        "add_url": None,
        "view_only": True,
    }
