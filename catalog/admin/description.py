"""Texts: the list of drafts that await review, and the review of one after another."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.defaultfilters import truncatechars
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString

from catalog.admin.badges import confidence_percent, state_badge
from catalog.admin.refusals import refusals_as_messages
from catalog.admin.review_view import review_page
from catalog.admin.thumbnails import product_thumbnail
from catalog.admin.version_label import version_label
from catalog.choices import DescriptionState
from catalog.models import Description
from catalog.services.descriptions import description_approve, description_reject


class ReviewStateFilter(admin.SimpleListFilter):
    """Drafts, unless another state is asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [choice for choice in DescriptionState.choices if choice[0] != "draft"]
        return [*others, ("all", "All")]

    def choices(self, changelist: Any) -> Iterator[dict[str, Any]]:
        stock = super().choices(changelist)
        yield {**next(stock), "display": "Awaiting review"}  # the stock "All" is our default
        yield from stock

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Description]
    ) -> QuerySet[Description]:
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() or DescriptionState.DRAFT)


@admin.register(Description)
class DescriptionAdmin(admin.ModelAdmin):
    """A text is opened from here for review; it is written on its product's page."""

    list_display = ["thumbnail", "product_name", "text", "confidence_label", "version"]
    list_display_links = ["product_name"]
    list_filter = [ReviewStateFilter, "model_version", "product__category"]
    list_per_page = 50
    ordering = [F("confidence").asc(nulls_last=True), "id"]  # the most in doubt first
    list_select_related = ["product", "model_version"]
    search_fields = ["product__sku", "product__title", "standard"]
    search_help_text = "Search SKU, title or words of the text"
    actions = ["approve_selected", "reject_selected"]
    empty_heading = "No text awaits review"
    empty_state = "Choose products in the product list and the action “Describe selected”."

    def get_queryset(self, request: HttpRequest) -> QuerySet[Description]:
        return super().get_queryset(request).prefetch_related("product__images")

    def get_list_display(self, request: HttpRequest) -> list[str]:
        """The state is a column only where the list may hold more than drafts."""
        return [*self.list_display, *(["status"] if "state" in request.GET else [])]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The review panel of the text's product, with this draft in the editor."""
        description = self.get_object(request, object_id)
        if description is None:
            raise Http404("No such description.")
        if not self.has_view_permission(request, description):
            raise PermissionDenied
        return review_page(
            request,
            description.product,
            site=self.admin_site,
            focus=description,
            return_to="queue",
        )

    @admin.action(description="Approve selected drafts", permissions=["change"])
    def approve_selected(self, request: HttpRequest, queryset: QuerySet[Description]) -> None:
        self._each(request, queryset, description_approve, "approved")

    @admin.action(description="Reject selected drafts", permissions=["change"])
    def reject_selected(
        self, request: HttpRequest, queryset: QuerySet[Description]
    ) -> HttpResponse | None:
        """Asks for a reason first."""
        if "confirmed" in request.POST:
            reason = request.POST.get("reason", "")
            self._each(request, queryset, description_reject, "rejected", reason=reason)
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": "Reject drafts",
            "opts": self.opts,
            "count": queryset.count(),
            "ticked": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/catalog/description/reject.html", context)

    def _each(
        self,
        request: HttpRequest,
        queryset: QuerySet[Description],
        service: Any,
        done: str,
        **given: Any,
    ) -> None:
        """One by one, each in its own transaction: a refused one does not hold up the rest."""
        count = 0
        for description in queryset:
            with refusals_as_messages(request, about=str(description.product.sku)):
                service(description=description, actor=request.user, **given)
                count += 1
        if count:
            messages.success(request, f"{count} draft{'s' if count > 1 else ''} {done}.")

    @admin.display(description="Photo")
    def thumbnail(self, description: Description) -> SafeString:
        return product_thumbnail(description.product)

    @admin.display(description="Product", ordering="product__sku")
    def product_name(self, description: Description) -> str:
        return str(description.product)

    @admin.display(description="Text")
    def text(self, description: Description) -> str:
        return truncatechars(description.standard, 160)

    @admin.display(description="Confidence", ordering="confidence")
    def confidence_label(self, description: Description) -> str:
        return confidence_percent(description.confidence)

    @admin.display(description="Model", ordering="model_version__name")
    def version(self, description: Description) -> SafeString | str:
        if description.model_version is None:
            return "a person"
        return version_label(description.model_version)

    @admin.display(description="State", ordering="state")
    def status(self, description: Description) -> SafeString:
        return state_badge(description.state, description.get_state_display())
