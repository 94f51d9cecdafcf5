"""Django's admin site under our name, with the catalog before accounts and log-in records.

Django imports this module before models are loaded, so methods import the pages.
"""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import Resolver404, URLPattern, URLResolver, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise


class CatalogAdminConfig(AdminConfig):
    """Replaces Django's admin site by ours; INSTALLED_APPS names it."""

    default_site = "catalog.admin_site.CatalogAdminSite"


class CatalogAdminSite(AdminSite):
    """The site that merchandisers and managers work on."""

    site_header = "MODA"
    site_title = "MODA"
    index_title = _("Catalog at a glance")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Django's own pages, after those that belong to no single model."""
        from catalog.admin.channels import urlpatterns as channel_urls
        from catalog.admin.desk import urlpatterns as desk_urls
        from catalog.admin.figures import urlpatterns as figures_urls
        from catalog.admin.grid import urlpatterns as grid_urls

        return [*desk_urls, *figures_urls, *grid_urls, *channel_urls, *super().get_urls()]

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The start page, with a card for each thing that the account may see."""
        from catalog.admin.pages import user_of
        from catalog.selectors.home import home_cards

        return super().index(request, {**home_cards(user_of(request)), **(extra_context or {})})

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The log-in; it leads to a page of the site, and to the start page from anywhere else."""
        from axes.helpers import get_lockout_response

        if request.method == "POST" and _is_spraying(request.META.get("REMOTE_ADDR", "")):
            locked: HttpResponse = get_lockout_response(request)
            return locked
        wanted = request.POST.get("next") or request.GET.get("next")
        if wanted and not _is_page(request, wanted):
            given, sent = request.GET.copy(), request.POST.copy()
            given.pop("next", None)
            sent.pop("next", None)
            request.GET, request.POST = given, sent  # type: ignore[assignment]
        return super().login(request, extra_context)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """The catalog first, in the order of use; the other applications by name."""
        apps = super().get_app_list(request, app_label)
        order = ["Product", "Description", "DescriptionJob", "ProductImport",
                 "ImportSource", "ProductExport", "Category", "Channel",
                 "ApprovalCertificate", "StyleRule", "BrandVoice", "TrainingRun",
                 "ModelVersion", "Deployment", "Forgetting",
                 "TrainingExample", "ApiKey", "PersonToken", "WebhookEndpoint",
                 "WebhookDelivery"]  # fmt: skip
        for app in apps:
            if app["app_label"] == "catalog":
                app["models"].sort(key=lambda model: order.index(model["object_name"]))
                if request.user.has_perm("catalog.view_description"):
                    app["models"].insert(0, _entry(_("Review"), "Review", "admin:review"))
                if request.user.has_perm("catalog.view_product"):
                    app["models"].insert(1, _entry(_("Grid"), "Grid", "admin:grid"))
                    page = _entry(_("Completeness"), "Completeness", "admin:completeness")
                    app["models"].insert(2, page)
        return sorted(apps, key=lambda app: app["app_label"] != "catalog")


def _is_spraying(address: str) -> bool:
    """Whether one address failed so often, whatever the names, that no more is tried from there.

    A name and an address together are locked much earlier. This counts one password tried on many
    names, and allows for an office behind one address.
    """
    from axes.models import AccessAttempt

    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    attempts = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=since)
    failures = attempts.aggregate(failures=Sum("failures_since_start"))["failures"]
    return bool((failures or 0) >= settings.LOGIN_FAILURES_OF_ADDRESS)


def _is_page(request: HttpRequest, address: str) -> bool:
    """Whether it is a page of this site. The admin's last pattern, without a name, fits all."""
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return False
    try:
        return resolve(urlsplit(address).path).url_name is not None
    except Resolver404:
        return False


def _entry(name: StrOrPromise, object_name: str, page: str) -> dict[str, Any]:
    """A page of its own as an entry among the models, because most people go there."""
    return {
        "name": name,
        "object_name": object_name,
        "model": None,
        "perms": {},
        "admin_url": reverse(page),
        "add_url": None,
        "view_only": True,
    }
