"""Takes products and photos from a folder."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from pathlib import Path

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from catalog.choices import ProductState
from catalog.exceptions import PhotoRefused
from catalog.models import Category, Product
from catalog.photos import NormalisedPhoto, photo_normalise
from catalog.services.images import product_image_store
from catalog.services.import_source import RefusedRow, SourceRow, source_rows
from catalog.services.products import product_create, product_publish


class ImportOutcome(Enum):
    """What became of a product that the source names."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(slots=True)
class ImportReport:
    """What an import did. `products` holds the SKUs of the source, in its order.

    `images` counts the photos added; `refused` lists files or lines, each with its reason.
    """

    products: dict[str, ImportOutcome] = field(default_factory=dict)
    images: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def created(self) -> int:
        return list(self.products.values()).count(ImportOutcome.CREATED)

    @property
    def updated(self) -> int:
        return list(self.products.values()).count(ImportOutcome.UPDATED)


def products_import(
    *,
    source: Path,
    actor: User | None = None,
    publish: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> ImportReport:
    """Import a folder of photos (named by SKU: `SKU`, `SKU_1`, …) or one with a `metadata.jsonl`.

    What the source says of a product that exists already replaces what is stored; what it does not
    say stays. Importing twice changes nothing. A photo that is refused is in the report, the rest
    goes on, and a product is not made for a refused photo alone. `publish` shows the products to
    storefronts. `progress(done, total)` is called after each photo. Raises `ImportRefused` when the
    folder cannot be read at all.
    """
    report = ImportReport()
    rows = source_rows(source)
    for done, row in enumerate(rows, start=1):
        if isinstance(row, RefusedRow):
            report.refused.append((row.name, row.reason))
        else:
            _import_row(row, report, actor=actor, publish=publish)
        if progress is not None:
            progress(done, len(rows))
    return report


def _import_row(
    row: SourceRow,
    report: ImportReport,
    *,
    actor: User | None,
    publish: bool,
) -> None:
    """Import one photo; whatever is wrong with it ends in the report."""
    try:
        photo = _read_photo(row)
        product = Product.objects.filter(sku=row.sku).first()
        if product is None:
            product = _create(row, actor, publish=publish)
            report.products[row.sku] = ImportOutcome.CREATED
        elif row.sku not in report.products:
            report.products[row.sku] = _update(product, row, actor, publish=publish)
        before = product.images.count()
        product_image_store(product=product, photo=photo, actor=actor)
        report.images += product.images.count() - before
    except (PhotoRefused, OSError) as error:
        report.refused.append((row.name, str(error)))
    except ValidationError as error:
        report.refused.append((row.name, _sentence(error)))


def _read_photo(row: SourceRow) -> NormalisedPhoto:
    with row.path.open("rb") as file:
        return photo_normalise(file, name=row.name)


def _create(row: SourceRow, actor: User | None, *, publish: bool) -> Product:
    # One transaction, so that a product that is refused leaves no category behind.
    with transaction.atomic():
        return product_create(
            actor=actor,
            sku=row.sku,
            title=row.title or row.fallback_title,
            brand=row.brand,
            category=_category(row),
            colour=row.colour,
            gender=row.gender,
            attributes=row.attributes,
            state=ProductState.PUBLISHED if publish else ProductState.DRAFT,
        )


def _update(
    product: Product, row: SourceRow, actor: User | None, *, publish: bool
) -> ImportOutcome:
    """Take over what the source says, if anything is new."""
    with transaction.atomic():
        said = {
            "title": row.title,
            "brand": row.brand,
            "category": _category(row),
            "colour": row.colour,
            "gender": row.gender,
            "attributes": {**product.attributes, **row.attributes},
        }
        fields = [name for name, value in said.items() if value and value != getattr(product, name)]
        for name in fields:
            setattr(product, name, said[name])
        if fields:
            product.full_clean()
            product.save(update_fields=[*fields, "updated_at"])
        hidden = publish and product.state == ProductState.DRAFT
        if hidden:
            product_publish(product=product, actor=actor)
    return ImportOutcome.UPDATED if fields or hidden else ImportOutcome.UNCHANGED


def _category(row: SourceRow) -> Category | None:
    """The category named by the row, made where it is new; `sub_category` nests in `category`."""
    category = None
    for name in filter(None, (row.category, row.sub_category)):
        path = f"{category.slug}-{name}" if category else name
        slug = slugify(path)[:140] or f"category-{sha256(path.encode()).hexdigest()[:8]}"
        category, _ = Category.objects.get_or_create(
            slug=slug, defaults={"name": name[:120], "parent": category}
        )
    return category


def _sentence(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(
        f"{name}: {message}"
        for name, messages in error.message_dict.items()
        for message in messages
    )
