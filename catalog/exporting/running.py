"""Writes exports that were asked for, and deletes those whose time is over."""

import logging
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from catalog.choices import ExportFormat, ExportState
from catalog.exceptions import LeaseLost
from catalog.exporting.captions import captions_write
from catalog.exporting.files import export_path
from catalog.exporting.tables import table_write
from catalog.models import Product, ProductExport
from catalog.transitions.product_export import (
    export_advance,
    export_expire,
    export_fail,
    export_finish,
    export_lease,
)

logger = logging.getLogger(__name__)

#: How long a finished file is kept, and its link works.
LINK_LASTS = timedelta(hours=24)


def export_run_one() -> bool:
    """Lease one export that is due and write it; False if none is due."""
    export = export_lease(seconds=settings.LEASE_SECONDS)
    if export is None:
        return False
    target = export_path(export)
    draft = target.with_name(f".{target.name}.{export.lease_token}")
    try:
        _write(export, draft)
        size = draft.stat().st_size
        draft.replace(target)
        export_finish(export=export, byte_size=size, expires_at=timezone.now() + LINK_LASTS)
    except LeaseLost as lost:
        logger.warning("Nothing more was written: %s", lost)
    except OSError as error:
        logger.exception("%s failed", export)
        export_fail(export=export, message=f"It could not be written: {error.strerror or error}.")
    finally:
        draft.unlink(missing_ok=True)
    return True


def _write(export: ProductExport, draft: Path) -> None:
    written = 0

    def told(count: int) -> None:
        nonlocal written
        written += count
        export_advance(export=export, written=written, seconds=settings.LEASE_SECONDS)

    products = products_of(export)
    if export.format == ExportFormat.IMAGEFOLDER:
        captions_write(target=draft, products=products, language=export.language, told=told)
        return
    table_write(
        target=draft,
        export_format=export.format,
        products=products,
        language=export.language,
        site=export.site,
        told=told,
    )


def products_of(export: ProductExport) -> QuerySet[Product]:
    """The products that were chosen."""
    if export.everything:
        return Product.objects.all()
    chosen = ProductExport.products.through.objects.filter(productexport=export.pk)
    return Product.objects.filter(pk__in=chosen.values("product"))


def exports_expire() -> int:
    """Delete files whose link is no longer valid; returns how many."""
    over = ProductExport.objects.filter(state=ExportState.DONE, expires_at__lt=timezone.now())
    count = 0
    for export in over:
        export_path(export).unlink(missing_ok=True)
        export_expire(export=export)
        count += 1
    return count
