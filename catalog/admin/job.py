"""Jobs: the list, and a progress page that keeps itself up to date."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from catalog.admin.badges import state_badge
from catalog.admin.read_only import ReadOnlyAdmin
from catalog.admin.refusals import refusals_as_messages
from catalog.choices import OPEN_ITEM_STATES, OPEN_JOB_STATES, JobItemState, JobState
from catalog.models import DescriptionJob
from catalog.selectors.jobs import failures_by_reason, job_progress
from catalog.services import jobs as services

STEPS = {
    "pause": (services.description_job_pause, "Paused. Photos already being described finish."),
    "resume": (services.description_job_resume, "Going on."),
    "cancel": (services.description_job_cancel, "Cancelled. Drafts made so far stay."),
    "retry": (services.description_job_retry_failed, "The failed photos are tried again."),
}


@admin.register(DescriptionJob)
class DescriptionJobAdmin(ReadOnlyAdmin):
    """Jobs are made from the product list; here they are watched, paused and cancelled."""

    list_display = ["name", "state_label", "progress", "failed", "created_by", "created_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["created_by"]
    empty_state = "Choose products in the product list, then the action “Describe selected”."

    def get_queryset(self, request: HttpRequest) -> QuerySet[DescriptionJob]:
        left = Q(items__state__in=OPEN_ITEM_STATES)
        return (
            super()
            .get_queryset(request)
            .annotate(
                total_count=Count("items"),
                left_count=Count("items", filter=left),
                failed_count=Count("items", filter=Q(items__state=JobItemState.FAILED)),
            )
        )

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
        return redirect("admin:catalog_descriptionjob_progress", object_id)

    def progress_view(self, request: HttpRequest, job_id: int) -> HttpResponse:
        """The page; for a poll only its changing part, or "load all again" on a new state."""
        job = get_object_or_404(DescriptionJob.objects.select_related("created_by"), pk=job_id)
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

    @admin.display(description="Job", ordering="id")
    def name(self, job: DescriptionJob) -> str:
        return str(job)

    @admin.display(description="State", ordering="state")
    def state_label(self, job: DescriptionJob) -> SafeString:
        return state_badge(job.state, job.get_state_display())

    @admin.display(description="Progress")
    def progress(self, job: Any) -> SafeString:
        ended = job.total_count - job.left_count
        return format_html(
            '<progress class="moda-progress" value="{}" max="{}" aria-label="{}"></progress>'
            "<br>{} of {}",
            ended,
            max(job.total_count, 1),
            f"Progress of job {job.pk}",
            ended,
            job.total_count,
        )

    @admin.display(description="Failed", ordering="failed_count")
    def failed(self, job: Any) -> int:
        return job.failed_count
