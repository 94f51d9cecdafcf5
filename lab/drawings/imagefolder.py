"""Writes drawn products as a folder of pictures with a metadata file, ready for import."""

import os
from collections.abc import Iterable
from pathlib import Path

from lab.drawings.catalog import DemoProduct
from lab.drawings.illustrator import draw
from lab.drawings.specification import DrawingSpecification
from moda_engine.imagefolder import write_metadata

_SINGULAR = {
    "Tshirts": "T-shirt",
    "Shirts": "shirt",
    "Dresses": "dress",
    "Skirts": "skirt",
    "Trousers": "trousers",
    "Jeans": "jeans",
    "Shorts": "shorts",
    "Sweaters": "jumper",
    "Jackets": "jacket",
    "Sports Shoes": "trainers",
    "Boots": "boots",
    "Sandals": "sandals",
    "Flip Flops": "flip-flops",
    "Handbags": "handbag",
    "Backpacks": "backpack",
    "Caps": "cap",
}


def caption(specification: DrawingSpecification) -> str:
    """Return a plain caption, such as "Navy blue striped T-shirt"."""
    words = [specification.colour.lower()]
    if specification.pattern != "Solid":
        words.append(specification.pattern.lower())
    words.append(_SINGULAR[specification.retail_type])
    text = " ".join(words)
    return text[0].upper() + text[1:]


def write_imagefolder(
    products: Iterable[DemoProduct], folder: str | os.PathLike[str], size: int = 768
) -> Path:
    """Write `images/<sku>.png` (size pixels square) and `metadata.jsonl`; return the latter.

    The metadata comes last, after all pictures.
    """
    root = Path(folder)
    images = root / "images"
    images.mkdir(parents=True, exist_ok=True)
    records = []
    for product in products:
        name = f"images/{product.sku}.png"
        draw(product.specification, size).save(root / name)
        records.append(_metadata(product, name))
    return write_metadata(root, records)


def _metadata(product: DemoProduct, file_name: str) -> dict[str, str]:
    specification = product.specification
    return {
        "file_name": file_name,
        "text": caption(specification),
        "sku": product.sku,
        "title": product.title,
        "brand": product.brand,
        "category": product.category,
        "product_type": specification.retail_type,
        "colour": specification.colour,
        "pattern": specification.pattern,
    }
