"""What a person may ask for with exports."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from catalog import wakeups
from catalog.import_choices import ExportFormat
from catalog.models import Product, ProductExport


def product_export_create(
    *,
    products: QuerySet[Product] | None,
    export_format: ExportFormat,
    language: str = "en",
    site: str = "",
    actor: User | None = None,
) -> ProductExport:
    """Ask a worker to write products (None for all) to a file; its link lasts a day.

    `site` is the address that photos' addresses begin with.
    """
    with transaction.atomic():
        ids = None
        if products is not None:
            chosen = Product.objects.filter(pk__in=products.order_by().values("pk"))
            ids = list(chosen.order_by("pk").values_list("pk", flat=True))
        export = ProductExport.objects.create(
            format=export_format,
            language=language,
            product_ids=ids,
            total=len(ids) if ids is not None else Product.objects.count(),
            site=site.rstrip("/"),
            created_by=actor,
        )
        transaction.on_commit(wakeups.wake_imports)
    return export
