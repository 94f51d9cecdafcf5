"""The two actions that ask for descriptions of many products, with a page that asks first."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from catalog.admin.describe_form import AGAIN, USUAL, DescribeForm
from catalog.admin.pages import refusals_as_messages
from catalog.choices import TextLength
from catalog.exceptions import JobRefused
from catalog.models import Product
from catalog.services.jobs import description_job_create, description_job_preview


class DescribeActions:
    """Mixed into the products' admin."""

    admin_site: admin.AdminSite
    opts: Any

    def has_describe_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.add_descriptionjob")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, with a button for all that match its filter and search."""
        may = {"may_describe": self.has_describe_permission(request)}
        return super().changelist_view(request, {**(extra_context or {}), **may})  # type: ignore[misc]

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
        # The list's own query sorts, joins and annotates; a job needs none of it.
        products = Product.objects.filter(pk__in=queryset.order_by().values("pk"))
        first = {"which": which, "length": TextLength.STANDARD}
        names = DescribeForm.base_fields
        form = DescribeForm({name: request.POST.get(name, first.get(name, "")) for name in names})
        with refusals_as_messages(request):
            if not form.is_valid():
                raise JobRefused(_("Choose one of the options that the page offers."))
            # Options that were changed after the count are counted, and asked about, first.
            if "confirmed" not in request.POST or form.cleaned_data["counted"] != form.choice():
                return self._ask_first(request, products, form)
            job = description_job_create(products=products, actor=request.user, **form.arguments())
            messages.success(request, _("The job was made. Workers take it up by themselves."))
            return redirect("admin:catalog_descriptionjob_progress", job.pk)
        return None

    def _ask_first(
        self, request: HttpRequest, products: QuerySet[Product], form: DescribeForm
    ) -> HttpResponse:
        preview = description_job_preview(products=products, **form.arguments())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Describe products"),
            "opts": self.opts,
            "preview": preview,
            "skipped": [(reason.label, count) for reason, count in preview.skipped.items()],
            "form": DescribeForm({**form.data, "counted": form.choice()}),
            "again": form.cleaned_data["which"] == AGAIN,
            # Only what was ticked is sent on; with "all across pages" the list's query selects.
            "ticked": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/catalog/product/describe.html", context)
