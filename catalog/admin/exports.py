"""Exports: ask for one, watch it, download its file while its link works."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from catalog.admin.pages import WatchedAdmin, permitted, rows_of, site_page, ticked_rows, user_of
from catalog.choices import ExportFormat, ExportState
from catalog.exporting.exports import (
    export_name,
    export_path,
    export_type,
    product_export_create,
)
from catalog.models import Product, ProductExport
from catalog.tables.language_codes import LANGUAGE_LENGTH, LANGUAGE_PATTERN


class ExportForm(forms.Form):
    """The format of the file, and its language."""

    export_format = forms.ChoiceField(choices=ExportFormat.choices, label=_("Format"))
    language = forms.RegexField(
        regex=LANGUAGE_PATTERN,
        initial=lambda: settings.SHOP_LANGUAGE,
        max_length=LANGUAGE_LENGTH,
        label=_("Language of the file"),
    )
    byte_order_mark = forms.BooleanField(
        required=False,
        label=_("For a spreadsheet"),
        help_text=_(
            "Begin CSV and TSV files with a byte order mark, so that it reads them as UTF-8."
        ),
    )


class ExportActions(admin.ModelAdmin[Product]):
    """The action of the product list that makes an export."""

    has_export_permission = permitted("catalog.add_productexport")

    @admin.action(description=_("Export selected products"), permissions=["export"])
    def export_selected(self, request: HttpRequest, queryset: QuerySet[Product]) -> HttpResponse:
        products = rows_of(queryset)
        form = ExportForm(request.POST if "export_format" in request.POST else None)
        if form.is_bound and form.is_valid():
            export = product_export_create(
                products=products,
                export_format=ExportFormat(form.cleaned_data["export_format"]),
                language=form.cleaned_data["language"],
                byte_order_mark=form.cleaned_data["byte_order_mark"],
                site=request.build_absolute_uri("/"),
                actor=user_of(request),
            )
            return redirect(f"admin:{ProductExportAdmin.page}", export.pk)
        return site_page(
            request,
            "catalog/product/export",
            title=_("Export products"),
            opts=self.opts,
            form=form,
            total=products.count(),
            **ticked_rows(request),
        )


@admin.register(ProductExport)
class ProductExportAdmin(WatchedAdmin[ProductExport]):
    """Exports are made from the product list; here people watch and download them."""

    page = "catalog_productexport_progress"
    part = "export_progress"
    row_name = "export"
    list_display = ["name", "format", "state_label", "total", "created_by", "created_at"]
    list_filter = ["state", "format"]
    empty_state = _("Select products in the product list and choose “Export selected products”.")

    def get_urls(self) -> list[URLPattern]:
        file = self.admin_site.admin_view(self.file_view)
        return [
            path("file/<str:secret>/", file, name="catalog_productexport_file"),
            *super().get_urls(),
        ]

    def watched_context(self, request: HttpRequest, row: ProductExport) -> dict[str, Any]:
        return {"is_working": row.state in (ExportState.QUEUED, ExportState.RUNNING)}

    def file_view(self, request: HttpRequest, secret: str) -> HttpResponseBase:
        """The file, for people who may see exports; 410 once the link has expired."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        export = get_object_or_404(ProductExport, secret=secret)
        if not export.is_ready:
            return HttpResponse("This link has expired. Export the products again.\n", status=410)
        file = export_path(export).open("rb")
        return FileResponse(
            file,
            as_attachment=True,
            filename=export_name(export),
            content_type=export_type(export),
        )

    @admin.display(description=_("Export"), ordering="id")
    def name(self, export: ProductExport) -> str:
        return str(export)
