"""Where an import keeps its files."""

import shutil
from pathlib import Path

from django.conf import settings

from catalog.models import ProductImport


def upload_folder() -> Path:
    """Uploads, by random names."""
    return Path(settings.IMPORT_DIRECTORY) / ".uploads"


def work_folder(product_import: ProductImport) -> Path:
    """The staged rows of an import and what its dry run has to remember; made when asked for."""
    folder = Path(settings.IMPORT_DIRECTORY) / ".work" / str(product_import.pk)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def staged_rows(product_import: ProductImport) -> Path:
    """The file of rows, whatever the source was."""
    return work_folder(product_import) / "rows.jsonl"


def import_files_remove(product_import: ProductImport) -> None:
    """What only the steps until the end need: the staged rows, and an upload."""
    shutil.rmtree(work_folder(product_import), ignore_errors=True)
    upload = Path(product_import.path).parent
    if product_import.uploaded and upload.parent == upload_folder():
        shutil.rmtree(upload, ignore_errors=True)
