"""Where finished exports lie, and what they are called."""

from pathlib import Path

from django.conf import settings

from catalog.choices import ExportFormat
from catalog.models import ProductExport

_SUFFIXES = {
    ExportFormat.MODA_XLSX: "xlsx",
    ExportFormat.GOOGLE_TSV: "tsv",
    ExportFormat.GOOGLE_XML: "xml",
    ExportFormat.IMAGEFOLDER: "zip",
}


def export_path(export: ProductExport) -> Path:
    """Below the import folder, by the secret; the folder is made when asked for."""
    folder = Path(settings.IMPORT_DIRECTORY) / ".exports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{export.secret}.{export_suffix(export.format)}"


def export_suffix(export_format: str) -> str:
    """The ending of a file of this format."""
    return _SUFFIXES.get(ExportFormat(export_format), "csv")


def export_name(export: ProductExport) -> str:
    """What the file is called when somebody saves it."""
    date = export.created_at.date().isoformat()
    name = "captions" if export.format == ExportFormat.IMAGEFOLDER else "products"
    return f"moda-{name}-{export.format}-{date}.{export_suffix(export.format)}"
