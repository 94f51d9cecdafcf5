"""Exports: asked for by a person, written by a worker, and deleted after a day."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog import wakeups
from catalog.bulk_insert import rows_insert
from catalog.choices import ExportFormat, ExportState
from catalog.exceptions import LeaseLost
from catalog.exporting.captions import captions_write
from catalog.exporting.tables import DELIMITED, table_write
from catalog.models import Product, ProductExport
from catalog.transitions import import_export as transitions

logger = logging.getLogger(__name__)

#: How long a finished file is kept and its link works.
LINK_LASTS = timedelta(hours=24)


def export_run_one() -> bool:
    """Lease one export that is due and write its file; False if none is due."""
    export = transitions.export_lease(seconds=settings.LEASE_SECONDS)
    if export is None:
        return False
    target = export_path(export)
    draft = target.with_name(f".{target.name}.{export.lease_token}")
    try:
        _write(export, draft)
        size = draft.stat().st_size
        draft.replace(target)
        transitions.export_finish(
            export=export, byte_size=size, expires_at=timezone.now() + LINK_LASTS
        )
    except LeaseLost as lost:
        logger.warning("Nothing more was written: %s", lost)
    except OSError as error:
        logger.exception("%s failed", export)
        transitions.export_fail(
            export=export, message=f"It could not be written: {error.strerror or error}."
        )
    finally:
        draft.unlink(missing_ok=True)
    return True


def _write(export: ProductExport, draft: Path) -> None:
    written = 0

    def told(count: int) -> None:
        nonlocal written
        written += count
        transitions.export_advance(export=export, written=written, seconds=settings.LEASE_SECONDS)

    write: Callable[..., None] = captions_write
    if export.format != ExportFormat.IMAGEFOLDER:
        write = partial(
            table_write,
            export_format=export.format,
            site=export.site,
            byte_order_mark=export.byte_order_mark,
        )
    write(target=draft, products=products_of(export), language=export.language, told=told)


def products_of(export: ProductExport) -> QuerySet[Product]:
    """The chosen products."""
    if export.everything:
        return Product.objects.all()
    chosen = ProductExport.products.through.objects.filter(productexport=export.pk)
    return Product.objects.filter(pk__in=chosen.values("product"))


def exports_expire() -> int:
    """Delete the files of expired exports; returns how many."""
    over = ProductExport.objects.filter(state=ExportState.DONE, expires_at__lt=timezone.now())
    for export in over:
        export_path(export).unlink(missing_ok=True)
        transitions.export_expire(export=export)
    return len(over)


def product_export_create(
    *,
    products: QuerySet[Product] | None,
    export_format: ExportFormat,
    language: str = "",
    site: str = "",
    byte_order_mark: bool = False,
    actor: User | None = None,
    api_owner: str = "",
) -> ProductExport:
    """Ask a worker for a file of products (None for all); URLs of photos begin with `site`."""
    with transaction.atomic():
        export = ProductExport.objects.create(
            format=export_format,
            language=language or settings.SHOP_LANGUAGE,
            everything=products is None,
            total=Product.objects.count(),
            site=site.rstrip("/"),
            byte_order_mark=byte_order_mark,
            created_by=actor,
            api_owner=api_owner,
        )
        if products is not None:
            chosen = Product.objects.filter(pk__in=products.order_by().values("pk"))
            ids = chosen.order_by("pk").values_list("pk", flat=True)
            through = ProductExport.products.through
            rows = rows_insert(
                through, (through(productexport_id=export.pk, product_id=pk) for pk in ids)
            )
            export.total = len(rows)
            export.save(update_fields=["total"])
        transaction.on_commit(wakeups.wake_imports)
    return export


_SUFFIXES = {
    ExportFormat.MODA_XLSX: "xlsx",
    ExportFormat.GOOGLE_TSV: "tsv",
    ExportFormat.GOOGLE_XML: "xml",
    ExportFormat.IMAGEFOLDER: "zip",
}


def export_path(export: ProductExport) -> Path:
    """The path of an export's file, named by its secret; creates the folder."""
    folder = Path(settings.IMPORT_DIRECTORY) / ".exports"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{export.secret}.{_suffix(export.format)}"


def _suffix(export_format: str) -> str:
    """The suffix of files of this format."""
    return _SUFFIXES.get(ExportFormat(export_format), "csv")


def export_type(export: ProductExport) -> str:
    """The media type of an export's file; that of a text names its encoding."""
    if export.format in DELIMITED:
        kind = "tab-separated-values" if export.format == ExportFormat.GOOGLE_TSV else "csv"
        return f"text/{kind}; charset=utf-8"
    return "application/octet-stream"


def export_name(export: ProductExport) -> str:
    """The name under which a browser saves the file."""
    date = export.created_at.date().isoformat()
    name = "captions" if export.format == ExportFormat.IMAGEFOLDER else "products"
    return f"moda-{name}-{export.format}-{date}.{_suffix(export.format)}"
