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


def work_folder_remove(product_import: ProductImport) -> None:
    """What only the steps until completion need."""
    shutil.rmtree(work_folder(product_import), ignore_errors=True)
