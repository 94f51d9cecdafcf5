"""The two actions that ask for descriptions of many products, with a page that asks first."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from catalog.admin.refusals import refusals_as_messages
from catalog.choices import SkipReason
from catalog.models import Product
from catalog.services.jobs import description_job_create, description_job_preview


class DescribeActions:
    """Mixed into the products' admin."""

    admin_site: admin.AdminSite
    opts: Any

    def has_describe_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.add_descriptionjob")

    @admin.action(description="Describe selected products", permissions=["describe"])
    def describe_selected(
        self, request: HttpRequest, queryset: QuerySet[Product]
    ) -> HttpResponse | None:
        return self._describe(request, queryset, again=False)

    @admin.action(description="Describe again (makes new drafts)", permissions=["describe"])
    def describe_again(
        self, request: HttpRequest, queryset: QuerySet[Product]
    ) -> HttpResponse | None:
        return self._describe(request, queryset, again=True)

    def _describe(
        self, request: HttpRequest, queryset: QuerySet[Product], *, again: bool
    ) -> HttpResponse | None:
        # The list's own query sorts, joins and annotates; a job needs none of it.
        products = Product.objects.filter(pk__in=queryset.order_by().values("pk"))
        with refusals_as_messages(request):
            if "confirmed" not in request.POST:
                return self._ask_first(request, products, again=again)
            job = description_job_create(products=products, actor=request.user, again=again)
            messages.success(request, "The job was made. Workers take it up by themselves.")
            return redirect("admin:catalog_descriptionjob_progress", job.pk)
        return None

    def _ask_first(
        self, request: HttpRequest, products: QuerySet[Product], *, again: bool
    ) -> HttpResponse:
        preview = description_job_preview(products=products, again=again)
        context = {
            **self.admin_site.each_context(request),
            "title": "Describe again" if again else "Describe products",
            "opts": self.opts,
            "preview": preview,
            "skipped": [
                (SkipReason(reason).label, count)
                for reason, count in preview.skipped.items()
                if count
            ],
            "action": "describe_again" if again else "describe_selected",
            "again": again,
            # Only what was ticked is sent on; with "all across pages" the list's query selects.
            "ticked": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/catalog/product/describe.html", context)
