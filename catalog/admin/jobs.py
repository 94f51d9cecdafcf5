"""Jobs: the list, a progress page that keeps itself up to date, and the photos of a job."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import badge
from catalog.admin.pages import ReadOnlyAdmin, Steps, WatchedAdmin
from catalog.choices import JobItemState, KnownSource, PageText, TextLength
from catalog.models import DescriptionJob, DescriptionJobItem
from catalog.selectors.jobs import (
    failures_by_reason,
    job_counts,
    job_findings,
    job_progress,
    skips_by_reason,
)
from catalog.services import jobs as services
from catalog.transitions.job import job_pause

STEPS: Steps = {
    "pause": (job_pause, _("Paused. Photos that a worker has begun are still described.")),
    "resume": (services.description_job_resume, _("Resumed.")),
    "cancel": (services.description_job_cancel, _("Cancelled. Existing drafts stay.")),
    "retry": (services.description_job_retry_failed, _("Workers try the failed photos again.")),
}
#: Colours of the states of a photo; the same words mean something else for other rows.
ITEM_KINDS: dict[str, str] = {
    JobItemState.DONE: "good",
    JobItemState.FAILED: "bad",
    JobItemState.LEASED: "info",
}


class JobChangeList(ChangeList):
    """Counts the photos of the jobs on the page, in one query for all of them."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        self.result_list = list(self.result_list)
        counts = job_counts(self.result_list)
        for job in self.result_list:
            job.counts = counts[job.pk]


@admin.register(DescriptionJob)
class DescriptionJobAdmin(WatchedAdmin[DescriptionJob]):
    """Jobs are made from the product list; here people watch, pause and cancel them."""

    page = "catalog_descriptionjob_progress"
    part = "progress"
    row_name = "job"
    steps = STEPS
    list_display = ["name", "state_label", "progress", "failed", "created_by", "created_at"]
    list_filter = ["state", "created_at"]
    list_select_related = ["created_by", "model_version"]
    empty_state = _("Select products in the product list and choose “Describe selected products”.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return JobChangeList

    def watched_context(self, request: HttpRequest, row: DescriptionJob) -> dict[str, Any]:
        return {
            "progress": job_progress(row),
            "findings": job_findings(row),
            "failures": [
                (reason.value, reason.label, count)
                for reason, count in failures_by_reason(row).items()
            ],
            "skips": [
                (reason.value, reason.label, count)
                for reason, count in skips_by_reason(row).items()
            ],
            "untold": [
                source.label
                for source in KnownSource
                if source not in row.options.get("sources", KnownSource.values)
            ],
            "length": TextLength(row.options.get("length", TextLength.STANDARD)).label,
            "slots": [PageText(name).label for name in row.options.get("slots", ())],
        }

    @admin.display(description=_("Job"), ordering="id")
    def name(self, job: DescriptionJob) -> str:
        return str(job)

    @admin.display(description=_("Progress"))
    def progress(self, job: Any) -> SafeString:
        ended = job.counts.total()
        return format_html(
            '<progress class="moda-progress" value="{}" max="{}" aria-label="{}"></progress><br>{}',
            ended,
            max(job.total, 1),
            gettext("Progress of job %(number)s") % {"number": job.pk},
            gettext("%(ended)s of %(total)s") % {"ended": ended, "total": job.total},
        )

    @admin.display(description=_("Failed"))
    def failed(self, job: Any) -> int:
        failed: int = job.counts[JobItemState.FAILED]
        return failed


@admin.register(DescriptionJobItem)
class DescriptionJobItemAdmin(ReadOnlyAdmin[DescriptionJobItem]):
    """The links of a job's page lead here, so the start page does not list it."""

    list_display = ["item", "product_link", "job", "state_label", "why", "attempts", "ended_at"]
    list_display_links = ["item"]
    list_filter = ["state", "outcome", "failure_reason", "skip_reason"]
    list_select_related = ["product", "job"]
    show_full_result_count = False  # it would count the whole table
    search_fields = ["product__sku", "product__title"]
    fields = [
        "job",
        "product_link",
        "state_label",
        "why",
        "detail",
        "attempts",
        "model_version",
        "ended_at",
    ]
    readonly_fields = ["product_link", "state_label", "why"]
    empty_state = _("No photo matches this filter.")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in {"job", "job__id__exact"} or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("Photo"), ordering="id")
    def item(self, item: DescriptionJobItem) -> str:
        return gettext("Photo %(number)s") % {"number": item.pk}

    @admin.display(description=_("Product"), ordering="product__sku")
    def product_link(self, item: DescriptionJobItem) -> SafeString:
        url = reverse("admin:catalog_product_change", args=[item.product_id])
        return format_html('<a href="{}">{}</a>', url, item.product)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, item: DescriptionJobItem) -> SafeString:
        return badge(item.get_state_display(), ITEM_KINDS.get(item.state, "plain"))

    @admin.display(description=_("Reason"))
    def why(self, item: DescriptionJobItem) -> str:
        reasons = (item.get_failure_reason_display(), item.get_skip_reason_display())
        return next(filter(None, (item.get_outcome_display(), *reasons, item.detail)), "–")
