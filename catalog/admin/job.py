"""Jobs: the list, and a progress page that keeps itself up to date."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from catalog.admin.labels import state_badge
from catalog.admin.pages import ReadOnlyAdmin, own_page, refusals_as_messages
from catalog.choices import OPEN_JOB_STATES, JobItemState, JobState, TextLength
from catalog.models import DescriptionJob
from catalog.selectors.jobs import (
    failures_by_reason,
    job_counts,
    job_progress,
    skips_by_reason,
)
from catalog.services import jobs as services
from catalog.transitions.job import job_pause

STEPS = {
    "pause": (job_pause, _("Paused. Photos already being described finish.")),
    "resume": (services.description_job_resume, _("Going on.")),
    "cancel": (services.description_job_cancel, _("Cancelled. Drafts made so far stay.")),
    "retry": (services.description_job_retry_failed, _("The failed photos are tried again.")),
}


def _jobs() -> QuerySet[DescriptionJob]:
    return DescriptionJob.objects.select_related("created_by", "model_version")


class JobChangeList(ChangeList):
    """Gives the jobs of the page their counts, in one query for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        counts = job_counts(self.result_list)
        for job in self.result_list:
            job.counts = counts[job.pk]


@admin.register(DescriptionJob)
class DescriptionJobAdmin(ReadOnlyAdmin):
    """Jobs are made from the product list; here they are watched, paused and cancelled."""

    list_display = ["name", "state_label", "progress", "failed", "created_by", "created_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["created_by"]
    empty_state = _("Choose products in the product list, then the action “Describe selected”.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return JobChangeList

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path(
                "<int:job_id>/progress/",
                wrap(self.progress_view),
                name="catalog_descriptionjob_progress",
            ),
            path(
                "<int:job_id>/<slug:step>/now/",
                wrap(require_POST(self.step_view)),
                name="catalog_descriptionjob_step",
            ),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A job's page is its progress page."""
        return own_page("admin:catalog_descriptionjob_progress", object_id)

    def progress_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """The page; for a poll only its changing part, or "load all again" on a new state."""
        job = get_object_or_404(_jobs(), pk=job_id)
        if not self.has_view_permission(request, job):
            raise PermissionDenied
        if request.htmx and request.GET.get("state") != job.state:
            # The buttons stand outside the polled part, lest a click be lost when it is replaced.
            return HttpResponse(headers={"HX-Refresh": "true"})
        context = {
            **self.admin_site.each_context(request),
            "title": f"Job {job.pk}",
            "opts": self.opts,
            "job": job,
            "state_label": state_badge(job.state, job.get_state_display()),
            "progress": job_progress(job),
            "failures": [
                (reason.value, reason.label, count)
                for reason, count in failures_by_reason(job).items()
            ],
            "skips": [
                (reason.value, reason.label, count)
                for reason, count in skips_by_reason(job).items()
            ],
            "length": TextLength(job.options.get("length", TextLength.STANDARD)).label,
            "is_open": job.state in OPEN_JOB_STATES,
            "may_control": request.user.has_perm("catalog.change_descriptionjob"),
            "may_retry": job.state != JobState.CANCELLED,
        }
        part = "parts/progress" if request.htmx else "descriptionjob/progress"
        return TemplateResponse(request, f"admin/catalog/{part}.html", context)

    def step_view(self, request: HttpRequest, job_id: int, step: str) -> HttpResponse:
        """Pause, resume, cancel or retry, then back to the progress page."""
        if step not in STEPS:
            raise Http404
        if not request.user.has_perm("catalog.change_descriptionjob"):
            raise PermissionDenied
        service, done = STEPS[step]
        with refusals_as_messages(request):
            service(job=get_object_or_404(DescriptionJob, pk=job_id), actor=request.user)
            messages.success(request, done)
        return redirect("admin:catalog_descriptionjob_progress", job_id)

    @admin.display(description=_("Job"), ordering="id")
    def name(self, job: DescriptionJob) -> str:
        return str(job)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, job: DescriptionJob) -> SafeString:
        return state_badge(job.state, job.get_state_display())

    @admin.display(description=_("Progress"))
    def progress(self, job: Any) -> SafeString:
        ended = job.counts.total()
        return format_html(
            '<progress class="moda-progress" value="{}" max="{}" aria-label="{}"></progress>'
            "<br>{} of {}",
            ended,
            max(job.total, 1),
            f"Progress of job {job.pk}",
            ended,
            job.total,
        )

    @admin.display(description=_("Failed"))
    def failed(self, job: Any) -> int:
        return job.counts[JobItemState.FAILED]
