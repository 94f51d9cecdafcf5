"""Model versions: the list, the page that puts one into use, and the log of deployments."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_stubs_ext import StrOrPromise

from catalog.admin.labels import badge, gate_badge, scope_label, state_badge
from catalog.admin.pages import ReadOnlyAdmin, refusals_as_messages, site_page, user_of
from catalog.choices import DeploymentAction, ModelVersionState
from catalog.models import Deployment, ModelVersion
from catalog.selectors.model_version_reports import version_report
from catalog.selectors.model_versions import model_version_in_scope
from catalog.services import model_versions as services

#: Earlier versions that the page of the active one offers.
EARLIER = 3


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin[ModelVersion]):
    """What each version is, what it was trained from, how good it is, and what it is used for."""

    list_display = ["name", "state_label", "who_for", "written", "gate", "terms", "created_at",
                    "activated_at"]  # fmt: skip
    list_filter = ["state", "way"]
    search_fields = ["name"]
    empty_state = _("Register a model version first; without one, nothing can be described.")

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
        """A version's page stands in for Django's form."""
        if not object_id.isdecimal():
            raise Http404
        return self.judge_view(request, int(object_id))

    def judge_view(self, request: HttpRequest, version_id: int) -> HttpResponse:
        """What is known of a version, beside the one in use, and what the account may do."""
        versions = ModelVersion.objects.select_related("base", "run", "run__created_by")
        version = get_object_or_404(versions, pk=version_id)
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        active = model_version_in_scope(version.scope)
        steps = STEPS_OPEN[version.state] if self.has_manage_permission(request) else ()
        return site_page(
            request,
            "catalog/modelversion/judge",
            title=str(version),
            opts=self.opts,
            version=version,
            state_label=state_badge(version.state, version.get_state_display()),
            scope=scope_label(version.scope),
            active=active,
            # A promotion replaces the scope's own version, not the one that it falls back to.
            over=active if active and active.scope == version.scope else None,
            report=version_report(version, active),
            # The version for the whole catalog cannot be taken out of use.
            earlier=self._earlier(version) if steps else [],
            roll_back=STEPS["roll-back"],
            steps=[(name, STEPS[name]) for name in steps if name != "retire" or version.scope],
        )

    def _earlier(self, version: ModelVersion) -> list[ModelVersion]:
        """What the active version may be rolled back to, the latest in use first."""
        if version.state != ModelVersionState.ACTIVE:
            return []
        retired = ModelVersion.objects.filter(scope=version.scope, state=ModelVersionState.RETIRED)
        return list(retired.order_by("-activated_at", "-pk")[:EARLIER])

    def step_view(self, request: HttpRequest, version_id: int, step: str) -> HttpResponse:
        """Promote, roll back, try, end, retire or reject; then show the version's page."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        version = get_object_or_404(ModelVersion, pk=version_id)
        if step not in STEPS:
            raise Http404
        with refusals_as_messages(request):
            step_take(request, version, STEPS[step])
            messages.success(request, str(STEPS[step].done))
        return redirect("admin:catalog_modelversion_judge", version_id)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, version: ModelVersion) -> SafeString:
        words = version.get_state_display()
        if version.canary_share:
            words += " " + _("%(share)s%%") % {"share": version.canary_share}
        return state_badge(version.state, words)

    @admin.display(description=_("Used for"), ordering="scope")
    def who_for(self, version: ModelVersion) -> str:
        return scope_label(version.scope)

    @admin.display(description=_("Languages"))
    def written(self, version: ModelVersion) -> str:
        return ", ".join(version.languages)

    @admin.display(description=_("Gate"))
    def gate(self, version: ModelVersion) -> SafeString | str:
        return gate_badge(version.judgement) or "–"

    @admin.display(description=_("Licence"), ordering="licence")
    def terms(self, version: ModelVersion) -> SafeString | str:
        if version.non_commercial:
            return badge(f"{version.licence} – {_('non-commercial')}", "warn")
        return version.licence or "–"


@dataclass(frozen=True, slots=True)
class Step:
    """One form of the page: its button, and what it asks for besides the reason."""

    service: Callable[..., object]
    label: StrOrPromise
    done: StrOrPromise
    kind: str = "main"
    share: bool = False
    #: Asks to override a gate that has not passed, and to confirm the licence.
    gate: bool = False
    #: Tells the service which version was in use when the page was made.
    over: bool = False


STEPS = {
    "promote": Step(
        services.model_version_promote,
        _("Promote"),
        _("Promoted. Workers use it from their next batch."),
        gate=True,
        over=True,
    ),
    "canary": Step(
        services.model_version_canary,
        _("Try on a share of new drafts"),
        _("The trial has begun. The version writes its share of new drafts."),
        "plain",
        share=True,
        gate=True,
    ),
    "reject": Step(
        services.model_version_reject,
        _("Reject"),
        _("Rejected. The version cannot be used."),
        "bad",
    ),
    "roll-back": Step(
        services.model_version_roll_back,
        _("Roll back to this version"),
        _("Rolled back. Workers use it from their next batch."),
        over=True,
    ),
    "canary-end": Step(
        services.model_version_canary_end,
        _("End the trial"),
        _("The trial has ended. The version writes no more drafts."),
        "plain",
    ),
    "retire": Step(
        services.model_version_retire,
        _("Take out of use"),
        _("Taken out of use. The version for the whole catalog writes these drafts again."),
        "bad",
    ),
}
STEPS_OPEN: dict[str, tuple[str, ...]] = {
    ModelVersionState.CANDIDATE: ("promote", "canary", "reject"),
    ModelVersionState.CANARY: ("promote", "canary-end", "reject"),
    ModelVersionState.RETIRED: ("roll-back",),
    ModelVersionState.ACTIVE: ("retire",),
    ModelVersionState.REJECTED: (),
}


def step_take(request: HttpRequest, version: ModelVersion, step: Step) -> None:
    """Give the service of a form what the form asks for. Raises `CatalogError`."""
    given = request.POST
    asked: dict[str, Any] = {"reason": given.get("reason", "")}
    if step.gate:
        asked["override"] = "override" in given
        asked["confirmed_licence"] = "confirmed_licence" in given
    if step.over:
        over = given.get("over", "")
        asked["over"] = ModelVersion.objects.filter(pk=over).first() if over.isdecimal() else None
    if step.share:
        share = given.get("share", "")
        asked["share"] = int(share) if share.isdecimal() else 0
    step.service(version=version, actor=user_of(request), **asked)


DEPLOYMENT_KINDS: dict[str, str] = {
    DeploymentAction.PROMOTED: "good",
    DeploymentAction.ROLLED_BACK: "warn",
    DeploymentAction.CANARY_STARTED: "info",
    DeploymentAction.REJECTED: "bad",
}


@admin.register(Deployment)
class DeploymentAdmin(ReadOnlyAdmin[Deployment]):
    """Who put which version into use, when and why; entries are only ever added, by services."""

    list_display = ["at", "what", "version", "former", "who_for", "reason", "actor"]
    list_display_links = None
    list_filter = ["action", "override", "at"]
    list_select_related = ["version", "former", "actor"]
    search_fields = ["version__name", "reason"]
    empty_state = _("No version has been put into use yet.")

    @admin.display(description=_("Action"), ordering="action")
    def what(self, entry: Deployment) -> SafeString:
        words = entry.get_action_display()
        if entry.share:
            words += " (" + _("%(share)s%%") % {"share": entry.share} + ")"
        shown = badge(words, DEPLOYMENT_KINDS.get(entry.action, "plain"))
        if not entry.override:
            return shown
        return format_html("{}<br>{}", shown, badge(_("Gate overridden"), "bad"))

    @admin.display(description=_("Used for"), ordering="scope")
    def who_for(self, entry: Deployment) -> str:
        return scope_label(entry.scope)
