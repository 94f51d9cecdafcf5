"""The photos of a job, one row each: where the links of the progress page lead."""

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import badge
from catalog.admin.pages import ReadOnlyAdmin
from catalog.choices import JobItemState
from catalog.models import DescriptionJobItem

KINDS = {JobItemState.DONE: "good", JobItemState.FAILED: "bad", JobItemState.LEASED: "info"}


@admin.register(DescriptionJobItem)
class DescriptionJobItemAdmin(ReadOnlyAdmin):
    """Read-only; reached from a job, so it is not on the start page."""

    list_display = ["item", "product_link", "job", "state_label", "why", "attempts", "ended_at"]
    list_display_links = ["item"]
    list_filter = ["state", "failure_reason", "skip_reason"]
    list_select_related = ["product", "job"]
    show_full_result_count = False  # it would count the whole table beside what is shown
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
    empty_state = _("No photo of any job is in this state.")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return lookup in {"job", "job__id__exact"} or super().lookup_allowed(lookup, value, request)

    @admin.display(description=_("Item"), ordering="id")
    def item(self, item: DescriptionJobItem) -> str:
        return f"Photo {item.pk}"

    @admin.display(description=_("Product"), ordering="product__sku")
    def product_link(self, item: DescriptionJobItem) -> SafeString:
        url = reverse("admin:catalog_product_change", args=[item.product_id])
        return format_html('<a href="{}">{}</a>', url, item.product)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, item: DescriptionJobItem) -> SafeString:
        return badge(item.get_state_display(), KINDS.get(JobItemState(item.state), "plain"))

    @admin.display(description=_("Why"))
    def why(self, item: DescriptionJobItem) -> str:
        return item.get_failure_reason_display() or item.get_skip_reason_display() or "–"
