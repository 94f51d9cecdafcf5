"""The page that says what a run would learn from, and starts it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite, helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog.admin.pages import refusals_as_messages
from catalog.choices import TrainingWay
from catalog.models import Product, TrainingRun
from catalog.services.retraining import retraining_preview, training_run_create


class RetrainForm(forms.Form):
    """What may be chosen. `counted` says for which choice the page has counted."""

    way = forms.ChoiceField(label=gettext_lazy("What learns"), choices=TrainingWay.choices)
    scope = forms.ChoiceField(label=gettext_lazy("For whom"), required=False)
    language = forms.CharField(label=gettext_lazy("Language of the texts"), max_length=10)
    counted = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].choices = _scopes()

    def choice(self) -> str:
        """All that changes what will happen, in one word."""
        return "/".join(self.cleaned_data[name] for name in ("way", "scope", "language"))

    def arguments(self) -> dict[str, Any]:
        """As the services take them."""
        return {name: self.cleaned_data[name] for name in ("way", "scope", "language")}


def retrain_page(
    request: HttpRequest, products: QuerySet[Product] | None, *, site: AdminSite
) -> HttpResponse:
    """Ask first, with the counts; then, if that is still what was counted, start the run.

    `products` are those chosen in a list, None for all.
    """
    if not request.user.has_perm("catalog.add_trainingrun"):
        raise PermissionDenied
    first = {"way": TrainingWay.FULL, "scope": "", "language": "en", "counted": ""}
    form = RetrainForm({name: request.POST.get(name, value) for name, value in first.items()})
    if not form.is_valid():
        messages.error(request, _("Choose one of the options that the page offers."))
        form = RetrainForm(first)
        form.is_valid()
    elif "confirmed" in request.POST and form.cleaned_data["counted"] == form.choice():
        with refusals_as_messages(request):
            run = training_run_create(products=products, actor=request.user, **form.arguments())
            messages.success(request, _("The run was made. A host takes it up by itself."))
            return redirect("admin:catalog_trainingrun_watch", run.pk)
    preview = retraining_preview(products=products, **form.arguments())
    context = {
        **site.each_context(request),
        "title": _("Retrain from approved captions"),
        "opts": TrainingRun._meta,
        "preview": preview,
        "left_out": [(reason.label, count) for reason, count in preview.left_out.items()],
        "form": RetrainForm({**form.data, "counted": form.choice()}),
        "chosen": products is not None,
        # Only what was ticked is sent on; with "all across pages" the list's query selects.
        "ticked": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "action": request.POST.get("action", ""),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/catalog/trainingrun/start.html", context)


def _scopes() -> Sequence[tuple[str, str]]:
    """The whole catalog, each brand, and each language that texts are in."""
    brands = Product.objects.exclude(brand="").order_by("brand").values_list("brand", flat=True)
    languages = Product.objects.filter(descriptions__isnull=False).order_by()
    found = languages.values_list("descriptions__language", flat=True).distinct()
    return [
        ("", _("The whole catalog")),
        *((f"brand:{brand}", _("Brand %s") % brand) for brand in brands.distinct()),
        *((f"market:{language}", _("Market %s") % language) for language in sorted(found)),
    ]
