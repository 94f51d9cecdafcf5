"""Training runs: the page that starts one, the list, and a page that shows one as it learns."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from catalog.admin.charts import loss_curve
from catalog.admin.labels import scope_label
from catalog.admin.pages import (
    Steps,
    WatchedAdmin,
    asks_for,
    permitted,
    refusals_as_messages,
    rows_of,
    site_page,
    ticked_rows,
    user_of,
)
from catalog.choices import LeftOut, TrainingWay
from catalog.models import Product, TrainingRun
from catalog.selectors.training_runs import run_examples, run_progress
from catalog.services import retraining as services
from catalog.transitions.training_run import run_cancel

STEPS: Steps = {
    "cancel": (run_cancel, _("Cancelled. The host stops after its current step.")),
    "retry": (services.training_run_retry, _("The run continues from its last checkpoint.")),
}
#: How many of the latest lines of the log the page shows.
LOG_LINES = 40


@admin.register(TrainingRun)
class TrainingRunAdmin(WatchedAdmin[TrainingRun]):
    """A run starts here from all approved captions, or in the product list from some."""

    page = "catalog_trainingrun_watch"
    part = "training_progress"
    row_name = "run"
    steps = STEPS
    list_display = ["name", "state_label", "captions", "host", "version", "created_by",
                    "created_at"]  # fmt: skip
    list_filter = ["state", "created_at"]
    list_select_related = ["created_by", "base", "version"]
    change_list_template = "admin/catalog/trainingrun/change_list.html"
    empty_heading = _("No training runs yet")
    empty_state = _(
        "Approve descriptions, then choose “Retrain from approved captions” here, or in the "
        "product list for the selected products."
    )

    def get_urls(self) -> list[URLPattern]:
        start = self.admin_site.admin_view(self.start_view)
        return [path("start/", start, name="catalog_trainingrun_start"), *super().get_urls()]

    @asks_for("catalog.add_trainingrun")
    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Start a run from all approved captions, after a page that counts them."""
        return retrain_page(request, None)

    def watched_context(self, request: HttpRequest, row: TrainingRun) -> dict[str, Any]:
        epochs = list(row.epochs.all())
        # The usual number where the run asks for none, or more where more are done.
        total = int(row.options.get("epochs") or max(len(epochs), services.EPOCHS))
        return {
            "progress": run_progress(row),
            "epochs": epochs,
            "curve": loss_curve(epochs, total=total),
            "examples": run_examples(epochs),
            "log": list(row.log.order_by("-id")[:LOG_LINES]),
            "left_out": [(LeftOut(key).label, count) for key, count in row.left_out.items()],
        }

    @admin.display(description=_("Run"), ordering="id")
    def name(self, run: TrainingRun) -> str:
        return str(run)

    @admin.display(description=_("Captions"), ordering="caption_count")
    def captions(self, run: TrainingRun) -> int:
        return run.caption_count


class RetrainForm(forms.Form):
    """The options of a run. `counted` is the choice that the page has counted captions for."""

    way = forms.ChoiceField(label=_("What to train"), choices=TrainingWay.choices)
    scope = forms.ChoiceField(label=_("Use for"), required=False, choices=lambda: _scopes())
    language = forms.CharField(label=_("Language of the captions"), max_length=10)
    counted = forms.CharField(required=False, widget=forms.HiddenInput)

    def choice(self) -> str:
        """All that changes the outcome, in one word."""
        return "/".join(self.arguments().values())

    def arguments(self) -> dict[str, Any]:
        """The choice as the services take it."""
        return {name: self.cleaned_data[name] for name in ("way", "scope", "language")}


def retrain_page(request: HttpRequest, products: QuerySet[Product] | None) -> HttpResponse:
    """Count captions and ask; start the run if the choice is still the one that was counted.

    `products` are those selected in the list, None for all.
    """
    first = {"way": TrainingWay.FULL, "scope": "", "language": "en", "counted": ""}
    form = RetrainForm({name: request.POST.get(name, value) for name, value in first.items()})
    if not form.is_valid():
        messages.error(request, _("Choose one of the options on the page."))
        form = RetrainForm(first)
        form.is_valid()
    elif "confirmed" in request.POST and form.cleaned_data["counted"] == form.choice():
        with refusals_as_messages(request):
            run = services.training_run_create(
                products=products, actor=user_of(request), **form.arguments()
            )
            messages.success(request, _("Training run created. A host starts on it automatically."))
            return redirect(f"admin:{TrainingRunAdmin.page}", run.pk)
    preview = services.retraining_preview(products=products, **form.arguments())
    return site_page(
        request,
        "catalog/trainingrun/start",
        title=_("Retrain from approved captions"),
        opts=TrainingRun._meta,
        preview=preview,
        left_out=[(reason.label, count) for reason, count in preview.left_out.items()],
        form=RetrainForm({**form.data, "counted": form.choice()}),
        chosen=products is not None,
        **ticked_rows(request),
    )


def _scopes() -> Sequence[tuple[str, str]]:
    """The whole catalog, each brand, and each language that a description is in."""
    brands = Product.objects.exclude(brand="").order_by("brand").values_list("brand", flat=True)
    languages = Product.objects.filter(descriptions__isnull=False).order_by()
    found = languages.values_list("descriptions__language", flat=True).distinct()
    scopes = [
        "",
        *(f"brand:{brand}" for brand in brands.distinct()),
        *(f"market:{language}" for language in sorted(found)),
    ]
    return [(scope, scope_label(scope)) for scope in scopes]


class RetrainActions(admin.ModelAdmin[Product]):
    """The action of the product list that starts a run."""

    has_retrain_permission = permitted("catalog.add_trainingrun")

    @admin.action(description=_("Retrain from approved captions"), permissions=["retrain"])
    @asks_for("catalog.add_trainingrun")
    def retrain_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        return retrain_page(request, rows_of(queryset))
