"""Exports: ask for one, watch it, load its file while its link lasts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import state_badge
from catalog.admin.pages import ReadOnlyAdmin, own_page
from catalog.choices import ExportFormat, ExportState
from catalog.exporting.exports import export_name, export_path, product_export_create
from catalog.models import Product, ProductExport


class ExportForm(forms.Form):
    """In which form products leave."""

    export_format = forms.ChoiceField(choices=ExportFormat.choices, label=_("Format"))
    language = forms.RegexField(
        regex=r"^[a-z]{2}(-[A-Za-z]{2,4})?\Z",
        initial="en",
        max_length=10,
        label=_("Language of the descriptions"),
    )


class ExportActions:
    """Mixed into the products' admin: export what is ticked, or all that the list shows."""

    admin_site: admin.AdminSite
    opts: Any

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.add_productexport")

    @admin.action(description=_("Export selected products"), permissions=["export"])
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        products = Product.objects.filter(pk__in=queryset.order_by().values("pk"))
        form = ExportForm(request.POST if "export_format" in request.POST else None)
        if form.is_bound and form.is_valid():
            export = product_export_create(
                products=products,
                export_format=ExportFormat(form.cleaned_data["export_format"]),
                language=form.cleaned_data["language"],
                site=request.build_absolute_uri("/"),
                actor=request.user,
            )
            return redirect("admin:catalog_productexport_progress", export.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Export products"),
            "opts": self.opts,
            "form": form,
            "total": products.count(),
            "ticked": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/catalog/product/export.html", context)


@admin.register(ProductExport)
class ProductExportAdmin(ReadOnlyAdmin):
    """Exports are made from the product list."""

    list_display = ["name", "format", "state_label", "total", "created_by", "created_at"]
    list_filter = ["state", "format"]
    list_select_related = ["created_by"]
    empty_state = _("Choose products in the product list, then the action “Export selected”.")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = "catalog_productexport"
        return [
            path("<int:export_id>/progress/", wrap(self.progress_view), name=f"{name}_progress"),
            path("file/<str:secret>/", wrap(self.file_view), name=f"{name}_file"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """An export's page is its progress page."""
        return own_page("admin:catalog_productexport_progress", object_id)

    def progress_view(self, request: HttpRequest, export_id: int) -> HttpResponse:
        """The page, which loads its changing part again while a worker writes."""
        export = get_object_or_404(ProductExport, pk=export_id)
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(export),
            "export": export,
            "state_label": state_badge(export.state, export.get_state_display()),
            "is_working": export.state in (ExportState.QUEUED, ExportState.RUNNING),
            "is_ready": export.state == ExportState.DONE and export.expires_at > timezone.now(),
        }
        part = "parts/export_progress" if request.htmx else "productexport/progress"
        return TemplateResponse(request, f"admin/catalog/{part}.html", context)

    def file_view(self, request: HttpRequest, secret: str) -> HttpResponse:
        """The file, for people who may see products; 410 once the link's time is over."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = get_object_or_404(ProductExport, secret=secret)
        if export.state != ExportState.DONE or export.expires_at <= timezone.now():
            return HttpResponse("This link has expired: export again.\n", status=410)
        file = export_path(export).open("rb")
        return FileResponse(file, as_attachment=True, filename=export_name(export))

    @admin.display(description=_("Export"), ordering="id")
    def name(self, export: ProductExport) -> str:
        return str(export)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, export: ProductExport) -> SafeString:
        return state_badge(export.state, export.get_state_display())
