"""What a person may ask for with exports."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from catalog import wakeups
from catalog.bulk_insert import rows_insert
from catalog.choices import ExportFormat
from catalog.models import Product, ProductExport


def product_export_create(
    *,
    products: QuerySet[Product] | None,
    export_format: ExportFormat,
    language: str = "en",
    site: str = "",
    actor: User | None = None,
    api_owner: str = "",
) -> ProductExport:
    """Ask a worker to write products (None for all) to a file; its link lasts a day.

    `site` is the address that photos' addresses begin with.
    """
    with transaction.atomic():
        export = ProductExport.objects.create(
            format=export_format,
            language=language,
            everything=products is None,
            total=Product.objects.count(),
            site=site.rstrip("/"),
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
