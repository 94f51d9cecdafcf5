"""Publish and unpublish many products; those that cannot be are named, the rest goes on."""

from collections.abc import Callable

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.admin.pages import refusals_as_messages
from catalog.models import Product
from catalog.transitions.product import product_publish, product_unpublish


class PublishActions:
    """Mixed into the products' admin."""

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.publish_product")

    @admin.action(description=_("Publish selected products"), permissions=["publish"])
    def publish_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        _each(request, queryset, product_publish, _published)

    @admin.action(description=_("Unpublish selected products"), permissions=["publish"])
    def unpublish_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> None:
        _each(request, queryset, product_unpublish, _unpublished)


def _each(
    request: HttpRequest,
    queryset: QuerySet[Product],
    service: Callable[..., Product],
    done: Callable[[int], str],
) -> None:
    count = 0
    for product in Product.objects.filter(pk__in=queryset.order_by().values("pk")):
        with refusals_as_messages(request):
            service(product=product, actor=request.user)
            count += 1
    if count:
        messages.success(request, done(count))


def _published(count: int) -> str:
    said = ngettext("%(count)s product published.", "%(count)s products published.", count)
    return said % {"count": count}


def _unpublished(count: int) -> str:
    said = ngettext("%(count)s product unpublished.", "%(count)s products unpublished.", count)
    return said % {"count": count}
