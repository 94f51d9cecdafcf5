"""Training runs: the list, and a page that shows one as it learns."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalog.admin.labels import state_badge
from catalog.admin.loss_curve import loss_curve
from catalog.admin.pages import ReadOnlyAdmin, own_page, refusals_as_messages
from catalog.admin.retrain_view import retrain_page
from catalog.choices import OPEN_RUN_STATES, LeftOut, TrainingRunState
from catalog.models import TrainingRun
from catalog.selectors.training_runs import run_examples, run_progress
from catalog.services import retraining as services
from catalog.transitions.training_run import run_cancel

STEPS = {
    "cancel": (run_cancel, _("Cancelled. The host stops at its next step.")),
    "retry": (services.training_run_retry, _("It goes on from its last checkpoint.")),
}
#: Lines of the log that the page shows, the latest.
LOG_LINES = 40


@admin.register(TrainingRun)
class TrainingRunAdmin(ReadOnlyAdmin):
    """Runs are asked for from products, or for all of them here."""

    list_display = [
        "name",
        "state_label",
        "captions",
        "host",
        "version",
        "created_by",
        "created_at",
    ]
    list_filter = ["state", "created_at"]
    list_select_related = ["created_by", "version"]
    change_list_template = "admin/catalog/trainingrun/change_list.html"
    empty_heading = _("No run yet")
    empty_state = _(
        "Approve descriptions, then choose “Retrain from approved captions” here, or in the "
        "product list for those that are ticked."
    )

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = {"may_retrain": request.user.has_perm("catalog.add_trainingrun")}
        return super().changelist_view(request, {**(extra_context or {}), **may})

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        step = wrap(require_POST(self.step_view))
        return [
            path("start/", wrap(self.start_view), name="catalog_trainingrun_start"),
            path("<int:run_id>/watch/", wrap(self.watch_view), name="catalog_trainingrun_watch"),
            path("<int:run_id>/<slug:step>/now/", step, name="catalog_trainingrun_step"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A run's page is the one on which it is watched."""
        return own_page("admin:catalog_trainingrun_watch", object_id)

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """From all approved captions: what would be learned first, then the run."""
        return retrain_page(request, None, site=self.admin_site)

    def watch_view(self, request: HttpRequest, run_id: int) -> HttpResponse:
        """The page; for a poll only its changing part, or "load all again" on a new state."""
        runs = TrainingRun.objects.select_related("created_by", "base", "version")
        run = get_object_or_404(runs, pk=run_id)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        if request.htmx and request.GET.get("state") != run.state:
            return HttpResponse(headers={"HX-Refresh": "true"})
        epochs = list(run.epochs.all())
        context = {
            **self.admin_site.each_context(request),
            "title": str(run),
            "opts": self.opts,
            "run": run,
            "state_label": state_badge(run.state, run.get_state_display()),
            "progress": run_progress(run),
            "epochs": epochs,
            "curve": loss_curve(epochs, total=_epochs_in_all(run, len(epochs))),
            "examples": run_examples(epochs),
            "log": list(run.log.order_by("-id")[:LOG_LINES]),
            "left_out": [(LeftOut(key).label, count) for key, count in run.left_out.items()],
            "is_open": run.state in OPEN_RUN_STATES,
            "may_control": request.user.has_perm("catalog.change_trainingrun"),
            "may_retry": run.state == TrainingRunState.FAILED,
        }
        part = "parts/training_progress" if request.htmx else "trainingrun/watch"
        return TemplateResponse(request, f"admin/catalog/{part}.html", context)

    def step_view(self, request: HttpRequest, run_id: int, step: str) -> HttpResponse:
        """Cancel or try again, then back to the page."""
        if step not in STEPS:
            raise Http404
        if not request.user.has_perm("catalog.change_trainingrun"):
            raise PermissionDenied
        service, done = STEPS[step]
        with refusals_as_messages(request):
            service(run=get_object_or_404(TrainingRun, pk=run_id), actor=request.user)
            messages.success(request, str(done))
        return redirect("admin:catalog_trainingrun_watch", run_id)

    @admin.display(description=_("Run"), ordering="id")
    def name(self, run: TrainingRun) -> str:
        return str(run)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, run: TrainingRun) -> SafeString:
        return state_badge(run.state, run.get_state_display())

    @admin.display(description=_("Captions"), ordering="caption_count")
    def captions(self, run: TrainingRun) -> int:
        return run.caption_count


def _epochs_in_all(run: TrainingRun, done: int) -> int:
    """What the run asks for, else as many as its steps tell once an epoch is done."""
    return int(run.options.get("epochs") or max(done, services.EPOCHS))
