"""The variants of products as one fact, read from the catalog and written to it."""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from django.db.models import OuterRef, Subquery

from catalog.bulk_insert import rows_insert
from catalog.choices import ImportPhotoState
from catalog.models import ImportPhoto, ProductImport, Variant
from catalog.tables.variants import VariantRecord, amount_text, variants_of, variants_text


def variants_present(products: Collection[int]) -> dict[int, str]:
    """By key of a product that has variants, these as the text of the fact."""
    found: dict[int, list[Variant]] = {}
    rows = Variant.objects.filter(product__in=products).order_by("product", "position", "pk")
    for row in rows:
        found.setdefault(row.product_id, []).append(row)
    return {product: variants_text(map(record_of, rows)) for product, rows in found.items()}


def record_of(row: Variant) -> VariantRecord:
    """A stored variant as files have it."""
    return VariantRecord(
        sku=row.sku,
        options=[(name, value) for name, value in row.options],
        price=amount_text(row.price),
        compare_at_price=amount_text(row.compare_at_price),
        currency=row.currency,
        barcode=row.barcode,
        availability=row.availability,
        photo=row.photo_name,
    )


def variants_replace(wanted: Mapping[int, str]) -> None:
    """Give each product (by key) the variants of a fact's text; what it had goes.

    A variant that stays keeps its photo. The caller has locked the products.
    """
    former = Variant.objects.filter(product__in=wanted, photo__isnull=False)
    photos = {(row.product_id, row.photo_name): row.photo_id for row in former if row.photo_name}
    photos |= {(row.product_id, f"sku {row.sku}"): row.photo_id for row in former if row.sku}
    Variant.objects.filter(product__in=wanted).delete()
    rows_insert(Variant, _rows(wanted, photos))


def _rows(
    wanted: Mapping[int, str], photos: Mapping[tuple[int, str], int | None]
) -> Iterable[Variant]:
    for product, text in wanted.items():
        for position, record in enumerate(variants_of(text)):
            named = photos.get((product, record.photo)) if record.photo else None
            yield Variant(
                product_id=product,
                position=position,
                sku=record.sku,
                options=[list(option) for option in record.options],
                price=Decimal(record.price) if record.price else None,
                compare_at_price=(
                    Decimal(record.compare_at_price) if record.compare_at_price else None
                ),
                currency=record.currency,
                barcode=record.barcode,
                availability=record.availability,
                photo_name=record.photo,
                photo_id=named or photos.get((product, f"sku {record.sku}")),
            )


def variant_photos_link(product_import: ProductImport) -> None:
    """Give each variant the photo that its file names, now that this import has stored them."""
    stored = ImportPhoto.objects.filter(
        product_import=product_import,
        state__in=(ImportPhotoState.STORED, ImportPhotoState.KNOWN),
        image__isnull=False,
    )
    variants = Variant.objects.exclude(photo_name="").filter(
        product__in=stored.values("row__product")
    )
    own = stored.filter(name=OuterRef("photo_name"), row__product=OuterRef("product"))
    found = variants.annotate(found=Subquery(own.values("image")[:1])).exclude(found=None)
    for pk, image in found.values_list("pk", "found"):
        Variant.objects.filter(pk=pk).update(photo=image)
