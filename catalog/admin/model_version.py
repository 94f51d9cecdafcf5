"""Model versions: the list, and the page on which one is judged and put into use."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from catalog.admin.labels import badge, scope_label, state_badge
from catalog.admin.model_version_steps import step_take, steps_open
from catalog.admin.pages import ReadOnlyAdmin
from catalog.models import ModelVersion
from catalog.selectors.model_version_reports import version_report
from catalog.selectors.model_versions import model_version_in_scope


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    """What each version is, where from, how it measured, and who let it write."""

    list_display = ["name", "state_label", "who_for", "gate", "terms", "created_at", "activated_at"]
    list_filter = ["state", "way"]
    search_fields = ["name"]
    empty_state = _("No model version is registered, so nothing can be described yet.")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        judge, step = wrap(self.judge_view), wrap(require_POST(self.step_view))
        return [
            path("<int:version_id>/judge/", judge, name="catalog_modelversion_judge"),
            path("<int:version_id>/<slug:step>/now/", step, name="catalog_modelversion_step"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A version's page is the one on which it is judged."""
        if not object_id.isdecimal():
            raise Http404
        return self.judge_view(request, int(object_id))

    def judge_view(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """All that is known of a version, beside the one in use, and what may be done with it."""
        versions = ModelVersion.objects.select_related("base", "run", "run__created_by")
        version = get_object_or_404(versions, pk=version_id)
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        active = model_version_in_scope(version.scope)
        context = {
            **self.admin_site.each_context(request),
            "title": str(version),
            "opts": self.opts,
            "version": version,
            "state_label": state_badge(version.state, version.get_state_display()),
            "scope": scope_label(version.scope),
            "active": active,
            # What a promotion replaces: the scope's own version, not one that it falls back to.
            "over": active if active and active.scope == version.scope else None,
            "report": version_report(version, active),
            "steps": steps_open(version, request.user),
        }
        return TemplateResponse(request, "admin/catalog/modelversion/judge.html", context)

    def step_view(self, request: HttpRequest, version_id: int, step: str) -> HttpResponse:
        """Promote, roll back, try, end, retire or reject; then back to the page."""
        if not request.user.has_perm("catalog.change_modelversion"):
            raise PermissionDenied
        step_take(request, get_object_or_404(ModelVersion, pk=version_id), step)
        return redirect("admin:catalog_modelversion_judge", version_id)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, version: ModelVersion) -> SafeString:
        words = version.get_state_display()
        if version.canary_share:
            words += " " + _("%(share)s %%") % {"share": version.canary_share}
        return state_badge(version.state, words)

    @admin.display(description=_("For"), ordering="scope")
    def who_for(self, version: ModelVersion) -> str:
        return scope_label(version.scope)

    @admin.display(description=_("Gate"))
    def gate(self, version: ModelVersion) -> SafeString | str:
        gate = version.judgement.get("gate")
        if not gate:
            return "–"
        return (
            badge(str(_("Passed")), "good")
            if gate["passed"]
            else badge(pgettext("gate", "Failed"), "bad")
        )

    @admin.display(description=_("Licence"), ordering="licence")
    def terms(self, version: ModelVersion) -> SafeString | str:
        if version.non_commercial:
            return badge(f"{version.licence} – {_('non-commercial')}", "warn")
        return version.licence or "–"
