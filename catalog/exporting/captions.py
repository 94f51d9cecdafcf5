"""Writes approved texts and training captions with their photos, as a packed imagefolder."""

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from catalog.category_tree import CategoryTree
from catalog.choices import DescriptionState
from catalog.exporting.tables import chunks
from catalog.models import Description, Product, ProductImage, TrainingCaption
from catalog.tables.imagefolder import METADATA
from catalog.tables.record import CATEGORY_SEPARATOR


def captions_write(
    *,
    target: Path,
    products: QuerySet[Product],
    language: str,
    told: Callable[[int], None],
) -> None:
    """A ZIP file with `metadata.jsonl` and `images/`: a line a text, the main photo of each.

    Products without a text or without a photo are left out. `told(count)` after each chunk.
    """
    tree = CategoryTree()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive,
        tempfile.TemporaryFile("w+", encoding="utf-8") as lines,
    ):
        for ids in chunks(products):
            for image, rows in _chunk(ids, language, tree):
                with image.file.open() as photo:
                    archive.writestr(rows[0]["file_name"], photo.read())
                lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            told(len(ids))
        lines.seek(0)
        with archive.open(METADATA, "w") as metadata:
            for line in lines:
                metadata.write(line.encode())


def _chunk(
    ids: list[int], language: str, tree: CategoryTree
) -> Iterator[tuple[ProductImage, list[dict[str, Any]]]]:
    texts: dict[int, list[str]] = {}
    approved = Description.objects.filter(
        product__in=ids, language=language, state=DescriptionState.APPROVED
    )
    captions = TrainingCaption.objects.filter(product__in=ids, language=language)
    for pk, text in (
        *approved.order_by("pk").values_list("product", "standard"),
        *captions.values_list("product", "text"),
    ):
        texts.setdefault(pk, []).append(text)
    images = {
        image.product_id: image
        for image in ProductImage.objects.filter(product__in=list(texts)).order_by("-position")
    }
    for product in Product.objects.filter(pk__in=list(images)).order_by("sku"):
        image = images[product.pk]
        facts = caption_facts(product, tree)
        extension = image.file.name.rpartition(".")[2]
        name = f"images/{product.sku}.{extension}"
        yield (
            image,
            [
                {"file_name": name, "text": text, **facts}
                for text in dict.fromkeys(texts[product.pk])
            ],
        )


def caption_facts(product: Product, tree: CategoryTree) -> dict[str, Any]:
    """What evaluation and training read beside the text."""
    return {
        "id": product.sku,
        "title": product.title,
        "brand": product.brand,
        "gender": product.gender,
        **caption_category(product, tree),
        "colour": product.colour,
        "product_type": product.attributes.get("product_type", ""),
        "usage": product.attributes.get("usage", ""),
        "attributes": product.attributes,
    }


def caption_category(product: Product, tree: CategoryTree) -> dict[str, str]:
    """The first and the further names of the category's path; empty where there is none."""
    category, _, sub_category = tree.path(product.category_id).partition(CATEGORY_SEPARATOR)
    return {"category": category, "sub_category": sub_category}
