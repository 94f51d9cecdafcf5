"""The demo catalog is whole, and its folder can be read back."""

import json
from pathlib import Path

from PIL import Image

from lab.drawings import (
    COLOURS,
    PATTERNS,
    PRODUCT_TYPES,
    demo_catalog,
    write_imagefolder,
)


def test_the_catalog_is_varied_and_distinct() -> None:
    products = demo_catalog()
    keys = {
        (item.specification.product_type, item.specification.colour, item.specification.pattern)
        for item in products
    }
    assert len(products) == len(keys) == 40
    assert len({item.title for item in products}) == 40
    assert {kind for kind, _, _ in keys} == set(PRODUCT_TYPES)
    assert {colour for _, colour, _ in keys} == set(COLOURS)
    assert {pattern for _, _, pattern in keys} == set(PATTERNS)
    assert [item.sku for item in products] == [f"DEMO-{number:03d}" for number in range(1, 41)]


def test_titles_leave_the_colour_unsaid() -> None:
    for product in demo_catalog():
        words = product.title.lower().replace("-", " ").split()
        assert product.specification.colour.lower() not in words, product.title


def test_the_catalog_is_always_the_same() -> None:
    assert demo_catalog() == demo_catalog()


def test_the_folder_can_be_read_back(tmp_path: Path) -> None:
    products = demo_catalog()[:3]
    metadata = write_imagefolder(products, tmp_path / "demo", size=32)
    rows = [json.loads(line) for line in metadata.read_text(encoding="utf-8").splitlines()]
    assert rows[0] == {
        "file_name": "images/DEMO-001.png",
        "text": "Navy blue striped T-shirt",
        "sku": "DEMO-001",
        "title": "Harbour crew T-shirt",
        "brand": "Northlane",
        "category": "Tops",
        "product_type": "Tshirts",
        "colour": "Navy Blue",
        "pattern": "Striped",
    }
    assert [row["sku"] for row in rows] == ["DEMO-001", "DEMO-002", "DEMO-003"]
    for row in rows:
        with Image.open(tmp_path / "demo" / row["file_name"]) as picture:
            assert (picture.size, picture.mode) == ((32, 32), "RGB")


def test_writing_again_replaces_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    products = demo_catalog()
    write_imagefolder(products[:2], tmp_path, size=16)
    write_imagefolder(products[2:3], tmp_path, size=16)
    assert len((tmp_path / "metadata.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["images", "metadata.jsonl"]
