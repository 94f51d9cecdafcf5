"""How far a product's text is: read for the list, shown as badges, offered as a filter."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.badges import badge, confidence_percent
from catalog.choices import OPEN_ITEM_STATES, DescriptionState
from catalog.models import Description, DescriptionJobItem, Product


def with_description_state(products: QuerySet[Product]) -> QuerySet[Product]:
    """Annotate `is_waiting`, `is_approved`, `draft_id` and `draft_confidence`; no further query."""
    texts = Description.objects.filter(product=OuterRef("pk"))
    drafts = texts.filter(state=DescriptionState.DRAFT).order_by("-id")
    return products.annotate(
        is_waiting=Exists(
            DescriptionJobItem.objects.filter(product=OuterRef("pk"), state__in=OPEN_ITEM_STATES)
        ),
        is_approved=Exists(texts.filter(state=DescriptionState.APPROVED)),
        draft_id=Subquery(drafts.values("id")[:1]),
        draft_confidence=Subquery(drafts.values("confidence")[:1]),
    )


def description_badges(product: Any) -> SafeString:
    """One badge, or more: an approved product may have a newer draft, or wait for one."""
    shown = []
    if product.is_approved:
        shown.append(badge(_("Approved"), "good"))
    if product.draft_id:
        percent = confidence_percent(product.draft_confidence)
        shown.append(badge("Draft" if percent == "–" else f"Draft {percent}", "warn"))
    if product.is_waiting:
        shown.append(badge(_("Waiting"), "info"))
    return format_html_join(" ", "{}", ((one,) for one in shown or [badge(_("None"))]))


class DescriptionStateFilter(admin.SimpleListFilter):
    """The badges as a filter; a product may be found under more than one."""

    title = _("description")
    parameter_name = "description"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("none", _("None")),
            ("waiting", _("Waiting")),
            ("draft", _("Draft to review")),
            ("approved", _("Approved")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        match self.value():
            case "none":
                return queryset.filter(is_approved=False, is_waiting=False, draft_id=None)
            case "waiting":
                return queryset.filter(is_waiting=True)
            case "draft":
                return queryset.filter(draft_id__isnull=False)
            case "approved":
                return queryset.filter(is_approved=True)
        return queryset
