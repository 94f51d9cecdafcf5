"""The list of texts: drafts that await review, and by filter all others."""

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import truncatechars
from django.utils.formats import number_format
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from catalog.admin.desk.many import sample_page
from catalog.admin.desk.selection import MOST, selection_of
from catalog.admin.labels import (
    CategoryFilter,
    confidence_percent,
    product_thumbnail,
    state_badge,
    version_label,
)
from catalog.admin.marks import findings
from catalog.admin.pages import own_page, permitted, refusals_as_messages, user_of
from catalog.choices import DescriptionState
from catalog.models import Description


class ReviewStateFilter(admin.SimpleListFilter):
    """Drafts, unless another state is asked for."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        others = [state for state in DescriptionState if state != DescriptionState.DRAFT]
        return [*((state.value, str(state.label)) for state in others), ("all", str(_("All")))]

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        stock = super().choices(changelist)
        yield {**next(stock), "display": _("Awaiting review")}  # the stock "All" is our default
        yield from stock

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Description]
    ) -> QuerySet[Description]:
        if self.value() == "all":
            return queryset
        return queryset.filter(state=self.value() or DescriptionState.DRAFT)


class FindingFilter(admin.SimpleListFilter):
    """Texts that disagree with the catalog."""

    title = _("disagreement")
    parameter_name = "finding"
    CHOICES = {
        "contradiction": (_("Text contradicts the catalog"), Q(contradictions__gt=0)),
        "photo": (_("Photo and title disagree"), Q(photo_disagrees=True)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, StrOrPromise]]:
        return [(value, label) for value, (label, _condition) in self.CHOICES.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Description]
    ) -> QuerySet[Description]:
        _label, condition = self.CHOICES.get(self.value() or "", ("", Q()))
        return queryset.filter(condition)


@admin.register(Description)
class DescriptionAdmin(admin.ModelAdmin[Description]):
    """A text opens at the review desk; it is written on its product's page."""

    list_display = ["thumbnail", "product_name", "text", "confidence_label", "version"]
    list_display_links = ["product_name"]
    list_filter = [
        ReviewStateFilter,
        FindingFilter,
        "model_version",
        ("product__category", CategoryFilter),
    ]
    list_per_page = 50
    # The least confident first. The stubs know no expressions here.
    ordering = [F("confidence").asc(nulls_last=True), "id"]  # type: ignore[list-item]
    list_select_related = ["product", "model_version"]
    search_fields = ["product__sku", "product__title", "standard"]
    search_help_text = _("Search SKU, title or words of the text")
    actions = ["approve_selected", "reject_selected"]
    empty_heading = _("No text awaits review")
    empty_state = _("Choose products in the product list and the action “Describe selected”.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Description]:
        return super().get_queryset(request).prefetch_related("product__images")

    def get_list_display(self, request: HttpRequest) -> list[str | Callable[..., str | bool]]:
        """The state is a column only where the list may hold more than drafts."""
        columns: list[str | Callable[..., str | bool]] = list(self.list_display)
        if "finding" in request.GET:
            columns[columns.index("text") + 1 :] = ["disagreement", "confidence_label"]
        return [*columns, *(["status"] if "state" in request.GET else [])]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """A job's page leads here."""
        return lookup == "job_item__job__id__exact" or super().lookup_allowed(
            lookup, value, request
        )

    has_review_many_permission = permitted("catalog.review_many_descriptions")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """A text is read and reviewed at the desk."""
        return own_page("admin:review_item", object_id)

    @admin.action(description=_("Approve selected drafts"), permissions=["review_many"])
    def approve_selected(
        self, request: HttpRequest, queryset: QuerySet[Description]
    ) -> HttpResponse | None:
        return self._judge(request, queryset, "approve")

    @admin.action(description=_("Reject selected drafts"), permissions=["review_many"])
    def reject_selected(
        self, request: HttpRequest, queryset: QuerySet[Description]
    ) -> HttpResponse | None:
        return self._judge(request, queryset, "reject")

    def _judge(
        self, request: HttpRequest, queryset: QuerySet[Description], step: str
    ) -> HttpResponse | None:
        """Judge many as everywhere: after a sample, and undone as one step."""
        drafts = Description.objects.filter(
            state=DescriptionState.DRAFT, pk__in=queryset.order_by().values("pk")
        )
        with refusals_as_messages(request):
            selection = selection_of(drafts, user_of(request))
            if selection.count == MOST and drafts.count() > MOST:
                messages.warning(
                    request,
                    _("These are the first %(most)s: “Many at once” at the review desk takes more.")
                    % {"most": number_format(MOST, force_grouping=True)},
                )
            return sample_page(request, selection, step=step)
        return None

    @admin.display(description=_("Photo"))
    def thumbnail(self, description: Description) -> SafeString:
        return product_thumbnail(description.product)

    @admin.display(description=_("Product"), ordering="product__sku")
    def product_name(self, description: Description) -> str:
        return str(description.product)

    @admin.display(description=_("Text"))
    def text(self, description: Description) -> str:
        return truncatechars(description.standard, 160)

    @admin.display(description=_("Against the catalog"))
    def disagreement(self, description: Description) -> SafeString:
        return format_html_join(mark_safe("<br>"), "{}", ((one,) for one in findings(description)))

    @admin.display(description=_("Confidence"), ordering="confidence")
    def confidence_label(self, description: Description) -> str:
        return confidence_percent(description.confidence)

    @admin.display(description=_("Model"), ordering="model_version__name")
    def version(self, description: Description) -> SafeString | str:
        if description.model_version is None:
            return str(_("a person"))
        return version_label(description.model_version)

    @admin.display(description=_("State"), ordering="state")
    def status(self, description: Description) -> SafeString:
        return state_badge(description.state, description.get_state_display())
