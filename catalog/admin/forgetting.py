"""Whose captions are forgotten: the list, and the page that asks first."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from catalog.admin.pages import ReadOnlyAdmin, refusals_as_messages
from catalog.models import Forgetting, Product
from catalog.services.forgetting import forget, forget_preview


class ForgetForm(forms.Form):
    """A product by its SKU, or an author by the name of the account."""

    sku = forms.ModelChoiceField(
        label=_("Product, by its SKU"),
        queryset=Product.objects.all(),
        to_field_name="sku",
        required=False,
        widget=forms.TextInput,
    )
    author = forms.ModelChoiceField(
        label=_("Or author, by the name of the account"),
        queryset=get_user_model().objects.all(),
        to_field_name="username",
        required=False,
        widget=forms.TextInput,
    )
    reason = forms.CharField(label=_("Reason"), max_length=500)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned.get("sku")) == bool(cleaned.get("author")):
            raise forms.ValidationError(_("Name a product or an author, one of them."))
        return cleaned


@admin.register(Forgetting)
class ForgettingAdmin(ReadOnlyAdmin):
    """Entries are never taken back: whoever asked to be forgotten stays so."""

    list_display = ["__str__", "reason", "removed", "created_by", "created_at"]
    list_display_links = None
    list_select_related = ["product", "author", "created_by"]
    change_list_template = "admin/catalog/forgetting/change_list.html"
    empty_heading = _("Nothing was forgotten")
    empty_state = _("Every approved caption may be learned from.")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = {"may_forget": request.user.has_perm("catalog.add_forgetting")}
        return super().changelist_view(request, {**(extra_context or {}), **may})

    def get_urls(self) -> list[URLPattern]:
        begin = self.admin_site.admin_view(self.begin_view)
        return [path("begin/", begin, name="catalog_forgetting_begin"), *super().get_urls()]

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """Ask whom; say what would go and who has learned it; then do it."""
        if not request.user.has_perm("catalog.add_forgetting"):
            raise PermissionDenied
        form = ForgetForm(request.POST or None)
        preview = None
        if request.method == "POST" and form.is_valid():
            whom = {"product": form.cleaned_data["sku"], "author": form.cleaned_data["author"]}
            preview = forget_preview(**whom)
            if "confirmed" in request.POST:
                with refusals_as_messages(request):
                    forget(**whom, actor=request.user, reason=form.cleaned_data["reason"])
                    messages.success(request, _("No run learns from them any more."))
                    return redirect("admin:catalog_forgetting_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Forget captions"),
            "opts": self.opts,
            "form": form,
            "preview": preview,
        }
        return TemplateResponse(request, "admin/catalog/forgetting/begin.html", context)
