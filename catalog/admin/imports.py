"""Imports: begin one, map its columns, see its dry run, apply, cancel, undo."""

from pathlib import Path
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from catalog.admin.import_forms import ImportForm, MappingForm
from catalog.admin.pages import (
    Steps,
    WatchedAdmin,
    asks_for,
    is_htmx,
    refusals_as_messages,
    site_page,
    user_of,
)
from catalog.choices import (
    WORKING_IMPORT_STATES,
    ConflictUse,
    DescriptionUse,
    ImportState,
    RowOutcome,
)
from catalog.importing import services
from catalog.importing.staging import faulty_rows_csv, staged_preview
from catalog.models import ProductImport
from catalog.selectors.imports import (
    change_in_words,
    faulty_rows,
    import_progress,
    import_rows,
    photo_counts,
    row_reason,
)
from catalog.tables.formats import FORMATS
from catalog.tables.formats.plain import MappedFormat, mapping_guess

STEPS: Steps = {
    "apply": (services.product_import_apply, _("A worker applies the import now.")),
    "cancel": (services.product_import_cancel, _("Cancelled. Changes made so far stay.")),
    "undo": (
        services.product_import_undo,
        _("A worker undoes the import now. Later edits stay."),
    ),
}
_ROWS_A_PAGE = 25
_PREVIEW_ROWS = 5


@admin.register(ProductImport)
class ProductImportAdmin(WatchedAdmin[ProductImport]):
    """An import has pages of its own: one to start it, one to map columns, one to watch it."""

    page = "catalog_productimport_progress"
    part = "import_progress"
    row_name = "product_import"
    steps = STEPS
    list_display = ["name", "state_label", "new_count", "changed_count", "faulty_count",
                    "created_by", "created_at"]  # fmt: skip
    list_filter = ["state", "created_at"]
    empty_state = _("Import an export of your shop, or a folder of photos.")
    change_list_template = "admin/catalog/productimport/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        name = "catalog_productimport"
        return [
            path("begin/", wrap(self.begin_view), name=f"{name}_begin"),
            path("<int:object_id>/columns/", wrap(self.columns_view), name=f"{name}_columns"),
            path("<int:object_id>/faulty.csv", wrap(self.faulty_view), name=f"{name}_faulty"),
            *super().get_urls(),
        ]

    @asks_for("catalog.add_productimport")
    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """The form that starts an import, which begins with a dry run."""
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            with refusals_as_messages(request):
                return self._begin(request, form)
        title = _("Import products")
        return site_page(
            request, "catalog/productimport/begin", title=title, opts=self.opts, form=form
        )

    def _begin(self, request: HttpRequest, form: ImportForm) -> HttpResponse:
        cleaned = form.cleaned_data
        upload = cleaned.get("upload")
        product_import = services.product_import_create(
            path=(
                services.upload_store(upload=upload, name=upload.name)
                if upload
                else cleaned["checked_path"]
            ),
            # As the person knows it.
            name=upload.name if upload else Path(cleaned["path"].strip()).name,
            actor=user_of(request),
            uploaded=bool(upload),
            descriptions=DescriptionUse(cleaned["descriptions"]),
            language=cleaned["language"],
            publish=cleaned["publish"],
            encoding=cleaned["encoding"],
            conflicts=ConflictUse(cleaned["conflicts"] or ConflictUse.OURS),
        )
        return redirect(f"admin:{self.page}", product_import.pk)

    def columns_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Ask what each column holds, with a guess and the first rows beside it."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        product_import = self.row_watched(request, object_id)
        if not product_import.is_mappable:
            return redirect(f"admin:{self.page}", object_id)
        header = product_import.header
        known = product_import.mapping or mapping_guess(header)
        form = MappingForm(header, known, request.POST or None)
        if request.method == "POST" and form.is_valid():
            with refusals_as_messages(request):
                services.product_import_map(
                    product_import=product_import, mapping=form.mapping(), actor=user_of(request)
                )
                return redirect(f"admin:{self.page}", object_id)
        rows = staged_preview(product_import, _PREVIEW_ROWS)
        return site_page(
            request,
            "catalog/productimport/columns",
            title=_("Columns of %(name)s") % {"name": product_import.name},
            opts=self.opts,
            product_import=product_import,
            form=form,
            columns=[
                (field, [row[number] if number < len(row) else "" for row in rows])
                for number, field in enumerate(form.columns())
            ],
        )

    def watched_context(self, request: HttpRequest, row: ProductImport) -> dict[str, Any]:
        known = FORMATS.get(row.format, MappedFormat)
        return {
            "title": f"{row}: {row.name}",
            "format_label": known.label if row.format else "",
            "progress": import_progress(row),
            "photos": photo_counts(row),
            "is_read": row.state not in (ImportState.READING, ImportState.MAPPING),
            "may_apply": row.state == ImportState.CHECKED
            and row.new_count + row.changed_count + row.unchanged_count > 0,
            "is_working": row.state in WORKING_IMPORT_STATES,
            "has_faults": faulty_rows(row).exists(),
            **({} if is_htmx(request) else self._rows_context(request, row)),
        }

    def _rows_context(self, request: HttpRequest, product_import: ProductImport) -> dict[str, Any]:
        """Rows of one outcome, a page at a time, with what each changes."""
        counts = {
            RowOutcome.CHANGED: product_import.changed_count,
            RowOutcome.NEW: product_import.new_count,
            RowOutcome.FAULTY: faulty_rows(product_import).count(),
        }
        first = next((outcome for outcome, count in counts.items() if count), RowOutcome.NEW)
        shown = request.GET.get("rows", first)
        if shown not in counts:
            raise Http404
        rows = import_rows(product_import, outcome=shown)
        page = Paginator(rows, _ROWS_A_PAGE).get_page(request.GET.get("page"))
        return {
            "page": page,
            "shown": shown,
            "tabs": [(outcome.value, outcome.label, count) for outcome, count in counts.items()],
            "differences": [
                (
                    row,
                    row_reason(row),
                    [
                        (_words(name), *change_in_words(name, pair))
                        for name, pair in row.changes.items()
                    ],
                )
                for row in page
            ],
        }

    def faulty_view(self, request: HttpRequest, object_id: int) -> StreamingHttpResponse:
        """The faulty rows as CSV, to correct and import again."""
        product_import = self.row_watched(request, object_id)
        return StreamingHttpResponse(
            faulty_rows_csv(product_import),
            content_type="text/csv; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="import-{object_id}-faulty.csv"'
            },
        )


def _words(name: str) -> str:
    """The name of a fact for a reader."""
    labels = {"standard": "description", "detailed": "detailed description"}
    return labels.get(name, name.removeprefix("attributes.").replace("_", " "))
