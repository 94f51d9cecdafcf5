"""Django's admin site under our name, with the catalog before accounts and log-in records."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest


class CatalogAdminSite(AdminSite):
    """The merchandisers' site."""

    site_header = "MODA"
    site_title = "MODA"
    index_title = "Catalog at a glance"

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
        return sorted(apps, key=lambda app: app["app_label"] != "catalog")
