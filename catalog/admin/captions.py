"""The captions that models learned from, and those that no model may learn any more."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from catalog.admin.pages import (
    ReadOnlyAdmin,
    asks_for,
    refusals_as_messages,
    site_page,
    user_of,
)
from catalog.models import Forgetting, Product, TrainingExample
from catalog.services.forgetting import forget, forget_preview


@admin.register(TrainingExample)
class TrainingExampleAdmin(ReadOnlyAdmin[TrainingExample]):
    """The manifests of runs: whose caption a version learned from, by ids and hashes."""

    list_display = ["number", "sku", "category", "use", "text_hash", "photo_hash", "author_key"]
    list_display_links = None
    list_filter = ["run", "use"]
    search_fields = ["sku", "text_sha256", "photo_sha256"]
    empty_state = _("No training run has learned from captions yet.")

    @admin.display(description=_("SHA-256 of the text"))
    def text_hash(self, example: TrainingExample) -> str:
        return example.text_sha256[:16]

    @admin.display(description=_("SHA-256 of the photo"))
    def photo_hash(self, example: TrainingExample) -> str:
        return example.photo_sha256[:16]


class ForgetForm(forms.Form):
    """A product by its SKU, or an author by user name."""

    sku = forms.ModelChoiceField(
        label=_("Product (SKU)"),
        queryset=Product.objects.all(),
        to_field_name="sku",
        required=False,
        widget=forms.TextInput,
    )
    author = forms.ModelChoiceField(
        label=_("Or author (user name)"),
        queryset=get_user_model().objects.all(),
        to_field_name="username",
        required=False,
        widget=forms.TextInput,
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned.get("sku")) == bool(cleaned.get("author")):
            raise forms.ValidationError(_("Enter a product or an author, not both."))
        return cleaned


@admin.register(Forgetting)
class ForgettingAdmin(ReadOnlyAdmin[Forgetting]):
    """Entries are permanent: nothing that was forgotten can be learned again."""

    list_display = ["__str__", "reason", "removed", "created_by", "created_at"]
    list_display_links = None
    list_select_related = ["product", "author", "created_by"]
    change_list_template = "admin/catalog/forgetting/change_list.html"
    empty_heading = _("Nothing has been forgotten")
    empty_state = _("Training runs may learn from every approved caption.")

    def get_urls(self) -> list[URLPattern]:
        begin = self.admin_site.admin_view(self.begin_view)
        return [path("begin/", begin, name="catalog_forgetting_begin"), *super().get_urls()]

    @asks_for("catalog.add_forgetting")
    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """Ask what to forget; show what goes and which versions have learned it; then do it."""
        form = ForgetForm(request.POST or None)
        preview = None
        if request.method == "POST" and form.is_valid():
            whom = {"product": form.cleaned_data["sku"], "author": form.cleaned_data["author"]}
            preview = forget_preview(**whom)
            if "confirmed" in request.POST:
                with refusals_as_messages(request):
                    forget(**whom, actor=user_of(request), reason=form.cleaned_data["reason"])
                    messages.success(
                        request, _("Forgotten. No training run learns from these captions again.")
                    )
                    return redirect("admin:catalog_forgetting_changelist")
        title = _("Forget captions")
        context = {"title": title, "opts": self.opts, "form": form, "preview": preview}
        return site_page(request, "catalog/forgetting/begin", **context)
