"""Imports and exports as the API tells of them."""

from dataclasses import asdict
from typing import Any

from django.urls import reverse
from django.utils import timezone
from rest_framework.request import Request

from catalog.api.views.base import base_of
from catalog.choices import ExportState, ImportState
from catalog.exporting.exports import export_name
from catalog.models import ImportRow, ProductExport, ProductImport
from catalog.selectors.imports import import_progress, photo_counts, row_reason
from catalog.tables.formats.mapped import mapping_guess


def import_summary(request: Request, row: ProductImport) -> dict[str, Any]:
    """What the list holds; no further query."""
    return {
        "id": row.pk,
        "url": import_address(request, "import", row),
        "name": row.name,
        "state": row.state,
        "format": row.format,
        "new": row.new_count,
        "changed": row.changed_count,
        "unchanged": row.unchanged_count,
        "faulty": row.faulty_count,
        "created_at": row.created_at,
        "ended_at": row.ended_at,
    }


def import_document(request: Request, row: ProductImport) -> dict[str, Any]:
    """All that a client is told."""
    progress = import_progress(row)
    unmapped = row.state == ImportState.MAPPING
    return {
        **import_summary(request, row),
        "descriptions": row.descriptions,
        "language": row.language,
        "publish": row.publish,
        "message": row.message,
        "progress": asdict(progress) if progress is not None else None,
        "photos": asdict(photo_counts(row)),
        "columns": row.header,
        "mapping": mapping_guess(row.header) if unmapped else row.mapping,
        "rows_url": import_address(request, "import-rows", row),
        "faulty_rows_url": import_address(request, "import-faulty-rows", row),
    }


def import_address(request: Request, name: str, row: ProductImport) -> str:
    """The address of an import, or of a thing below it."""
    return base_of(request) + reverse(f"api:{name}", args=[row.pk])


def row_document(row: ImportRow) -> dict[str, Any]:
    """A row without its cells."""
    return {
        "number": row.number,
        "line": row.line,
        "sku": row.sku,
        "outcome": row.outcome,
        "state": row.state,
        "reason": row_reason(row),
        "changes": [
            {"fact": fact, "before": before, "after": after}
            for fact, (before, after) in row.changes.items()
        ],
    }


def export_document(request: Request, export: ProductExport) -> dict[str, Any]:
    """An export; the secret of its link in the admin stays here."""
    base = base_of(request)
    file_url = base + reverse("api:export-file", args=[export.pk])
    return {
        "id": export.pk,
        "url": base + reverse("api:export", args=[export.pk]),
        "state": export.state,
        "format": export.format,
        "language": export.language,
        "total": export.total,
        "written": export.written,
        "message": export.message,
        "file_name": export_name(export),
        "file_url": file_url if export_is_ready(export) else None,
        "byte_size": export.byte_size,
        "expires_at": export.expires_at,
        "created_at": export.created_at,
        "ended_at": export.ended_at,
    }


def export_is_ready(export: ProductExport) -> bool:
    """Whether its file can be had."""
    lasts = export.expires_at is not None and export.expires_at > timezone.now()
    return export.state == ExportState.DONE and lasts
