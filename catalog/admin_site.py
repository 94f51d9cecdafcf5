"""Django's admin site under our name, with the catalog before accounts and log-in records."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _


class CatalogAdminSite(AdminSite):
    """The merchandisers' site."""

    site_header = "MODA"
    site_title = "MODA"
    index_title = "Catalog at a glance"

    def get_urls(self) -> list[Any]:
        """The stock site's addresses and those of the review desk."""
        from catalog.admin.desk.urls import urlpatterns  # the models are loaded by now

        return [*urlpatterns, *super().get_urls()]

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """By name, as the stock site has it, but the catalog first and within it by use."""
        apps = super().get_app_list(request, app_label)
        order = ["Product", "Description", "DescriptionJob", "ProductImport", "ProductExport",
                 "Category", "ModelVersion", "ApiKey", "PersonToken", "WebhookEndpoint",
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
