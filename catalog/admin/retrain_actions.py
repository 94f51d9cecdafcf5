"""The action that starts a training run from the products that are ticked, or that match."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from catalog.admin.retrain_view import retrain_page
from catalog.models import Product


class RetrainActions:
    """Mixed into the products' admin."""

    admin_site: admin.AdminSite
    opts: Any

    def has_retrain_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.add_trainingrun")

    @admin.action(description=_("Retrain from approved captions"), permissions=["retrain"])
    def retrain_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        # The list's own query sorts, joins and annotates; a run needs none of it.
        products = Product.objects.filter(pk__in=queryset.order_by().values("pk"))
        return retrain_page(request, products, site=self.admin_site)
