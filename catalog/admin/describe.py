"""Asking for descriptions of many products: the options, and a page that counts first."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import VersionChoiceField, language_label
from catalog.admin.pages import (
    permitted,
    refusals_as_messages,
    rows_of,
    site_page,
    ticked_rows,
    user_of,
)
from catalog.choices import KnownSource, PageText, TextLength
from catalog.exceptions import JobRefused
from catalog.models import Product
from catalog.selectors.model_versions import model_versions_for_jobs
from catalog.services.jobs import description_job_create, description_job_preview

USUAL, WITHOUT_TEXT, AGAIN = "usual", "without_text", "again"
WHICH = [
    (
        USUAL,
        _("Skip products that this model version has described or whose text a person wrote"),
    ),
    (WITHOUT_TEXT, _("Only products without any description")),
    (AGAIN, _("All products; those with a description get a new draft")),
]


class DescribeForm(forms.Form):
    """The options of a job. `counted` is the choice that the page has counted products for.

    `language` is asked for only where model versions write more than one.
    """

    which = forms.ChoiceField(label=_("Which products"), choices=WHICH, widget=forms.RadioSelect)
    length = forms.ChoiceField(
        label=_("What to write"), choices=TextLength.choices, initial=TextLength.STANDARD
    )
    slots = forms.MultipleChoiceField(
        label=_("And for the product's page"),
        choices=PageText.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    model_version = VersionChoiceField(
        label=_("Model version"),
        queryset=model_versions_for_jobs(),
        required=False,
        empty_label=_("The version in use when a photo is described"),
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    sources = forms.MultipleChoiceField(
        label=_("What the catalog knows, and the model is told"),
        choices=KnownSource.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    counted = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lists = model_versions_for_jobs().values_list("languages", flat=True)
        codes = sorted({code for languages in lists for code in languages})
        if len(codes) < 2:
            del self.fields["language"]
        else:
            language: Any = self.fields["language"]
            automatic = ("", _("English if the model version writes it, else its first language"))
            language.choices = [automatic, *((code, language_label(code)) for code in codes)]

    def choice(self) -> str:
        """All that changes the outcome, in one word."""
        version = self.cleaned_data["model_version"]
        chosen = {**self.cleaned_data, "model_version": version and version.pk, "counted": ""}
        return "/".join(str(part or "") for part in chosen.values())

    def arguments(self) -> dict[str, Any]:
        """The choice as the services of jobs take it."""
        length, sources = self.cleaned_data["length"], self.cleaned_data["sources"]
        # Only what differs from the defaults: the idempotency key stays that of no choice.
        options = {} if length == TextLength.STANDARD else {"length": length}
        return {
            "again": self.cleaned_data["which"] == AGAIN,
            "only_without_text": self.cleaned_data["which"] == WITHOUT_TEXT,
            "model_version": self.cleaned_data["model_version"],
            "language": self.cleaned_data.get("language", ""),
            "options": {**options, "slots": self.cleaned_data["slots"], "sources": sources},
        }


class DescribeActions(admin.ModelAdmin[Product]):
    """The two actions of the product list that make a job."""

    has_describe_permission = permitted("catalog.add_descriptionjob")

    @admin.action(description=_("Describe selected products"), permissions=["describe"])
    def describe_selected(
        self, request: HttpRequest, queryset: QuerySet[Product]
    ) -> HttpResponse | None:
        return self._describe(request, queryset, USUAL)

    @admin.action(description=_("Describe again (makes new drafts)"), permissions=["describe"])
    def describe_again(
        self, request: HttpRequest, queryset: QuerySet[Product]
    ) -> HttpResponse | None:
        return self._describe(request, queryset, AGAIN)

    def _describe(
        self, request: HttpRequest, queryset: QuerySet[Product], which: str
    ) -> HttpResponse | None:
        products = rows_of(queryset)
        asked = request.POST.copy()
        asked.setdefault("which", which)
        asked.setdefault("length", TextLength.STANDARD)
        if "counted" not in asked:  # the list knows no boxes; on the page one may be unticked
            asked.setlistdefault("sources", KnownSource.values)
        form = DescribeForm(asked)
        with refusals_as_messages(request):
            if not form.is_valid():
                raise JobRefused(_("Choose one of the options on the page."))
            # Options that changed after the count are counted, and asked about, first.
            if "confirmed" not in request.POST or form.cleaned_data["counted"] != form.choice():
                return self._ask_first(request, products, form, asked)
            job = description_job_create(
                products=products, actor=user_of(request), **form.arguments()
            )
            messages.success(request, _("Job created. A worker starts on it automatically."))
            return redirect("admin:catalog_descriptionjob_progress", job.pk)
        return None

    def _ask_first(
        self,
        request: HttpRequest,
        products: QuerySet[Product],
        form: DescribeForm,
        asked: QueryDict,
    ) -> HttpResponse:
        preview = description_job_preview(products=products, **form.arguments())
        asked["counted"] = form.choice()
        return site_page(
            request,
            "catalog/product/describe",
            title=_("Describe products"),
            opts=self.opts,
            preview=preview,
            skipped=[(reason.label, count) for reason, count in preview.skipped.items()],
            form=DescribeForm(asked),
            again=form.cleaned_data["which"] == AGAIN,
            **ticked_rows(request),
        )
