"""The style sheet: what people write instead of a draft's words, each with its evidence."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from catalog.admin.pages import ReadOnlyAdmin, refusals_as_messages, site_page, user_of
from catalog.models import Description, StyleRule
from catalog.services.style_sheet import style_rule_switch, style_rules_find


@admin.register(StyleRule)
class StyleRuleAdmin(ReadOnlyAdmin[StyleRule]):
    """Preferences found in edits; a click has new drafts follow one, another click undoes it."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        find, switch = wrap(require_POST(self.find_view)), wrap(require_POST(self.switch_view))
        return [
            path("find/", find, name="catalog_stylerule_find"),
            path("<int:rule_id>/switch/", switch, name="catalog_stylerule_switch"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """All rules on one page, with their switches; there are never many."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return site_page(
            request,
            "catalog/stylerule/sheet",
            title=_("Style sheet"),
            opts=self.opts,
            rules=StyleRule.objects.select_related("decided_by"),
            may_switch=self.has_manage_permission(request),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """One rule with the texts that show it."""
        rule = get_object_or_404(StyleRule, pk=object_id if object_id.isdecimal() else 0)
        if not self.has_view_permission(request, rule):
            raise PermissionDenied
        return site_page(
            request,
            "catalog/stylerule/rule",
            title=str(rule),
            opts=self.opts,
            rule=rule,
            may_switch=self.has_manage_permission(request),
            texts=Description.objects.filter(pk__in=rule.examples).select_related("product"),
        )

    def find_view(self, request: HttpRequest) -> HttpResponse:
        """Read the edits again."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        found = style_rules_find()
        said = ngettext("%(count)d preference found.", "%(count)d preferences found.", found)
        messages.success(request, said % {"count": found})
        return redirect("admin:catalog_stylerule_changelist")

    def switch_view(self, request: HttpRequest, rule_id: int) -> HttpResponse:
        """Follow a rule from the next draft on, or no longer."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        rule = get_object_or_404(StyleRule, pk=rule_id)
        on = request.POST.get("on") == "yes"
        with refusals_as_messages(request):
            style_rule_switch(rule=rule, actor=user_of(request), on=on)
            done = _("New drafts follow it.") if on else _("New drafts no longer follow it.")
            messages.success(request, str(done))
        return redirect("admin:catalog_stylerule_changelist")
