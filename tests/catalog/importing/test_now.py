"""Imports: both forms of a source, bad rows among good ones, and importing twice."""

import json
import os
from pathlib import Path

import pytest
from PIL import Image

from catalog.choices import ProductState
from catalog.exceptions import ImportRefused
from catalog.importing.now import products_import
from catalog.models import Category, Product, ProductImage
from tests.factories import ProductFactory, photo_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

NO_PHOTO = "is not a JPEG, PNG or WebP picture, whatever its name says."


@pytest.fixture
def source(tmp_path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    return folder


def put_photo(path: Path, number: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(photo_bytes(colour=(number * 10, 0, 0), encoding="PNG"))


def put_metadata(source: Path, *rows: dict | str) -> None:
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    (source / "metadata.jsonl").write_text("\n".join(lines) + "\n")


def products() -> list[tuple[str, str, int]]:
    return [
        (product.sku, product.title, product.images.count()) for product in Product.objects.all()
    ]


# A folder of photos


def test_file_names_are_skus_with_a_number_for_further_photos(source):
    names = ["shirt.png", "shirt_1.png", "shirt_10.png", "shirt_2.png", "IMG_2024.png", "a-b.png"]
    for number, name in enumerate(names):
        put_photo(source / name, number)

    report = products_import(source=source)

    assert products() == [("IMG_2024", "IMG 2024", 1), ("a-b", "a b", 1), ("shirt", "shirt", 4)]
    assert (report.created, report.updated, report.images) == (3, 0, 6)
    assert report.refused == []
    colours = {number * 10: name for number, name in enumerate(names)}
    order = []
    for image in Product.objects.get(sku="shirt").images.all():
        with image.file.open() as file, Image.open(file) as picture:
            order.append(colours[picture.getpixel((0, 0))[0]])
    assert order == ["shirt.png", "shirt_1.png", "shirt_2.png", "shirt_10.png"]


def test_a_name_is_the_sku_as_it_is(source):
    put_photo(source / "My red  dress (final).PNG")

    products_import(source=source)

    assert products() == [("My red  dress (final)", "My red dress (final)", 1)]


def test_a_name_that_is_not_utf_8_is_imported_under_a_readable_one(source):
    path = Path(os.fsdecode(os.fsencode(source) + b"/shirt\xff.png"))
    put_photo(path)

    report = products_import(source=source)

    assert report.refused == []
    assert products() == [("shirt?", "shirt?", 1)]


def test_names_in_any_script_and_of_any_length_are_skus(source):
    put_photo(source / "写真.png")
    put_photo(source / ("x" * 65 + ".png"))

    assert products_import(source=source).refused == []
    assert products() == [("x" * 65, "x" * 65, 1), ("写真", "写真", 1)]


def test_a_refused_photo_is_reported_and_the_rest_goes_on(source, media_directory):
    put_photo(source / "a.png")
    (source / "b.png").write_bytes(b"%!PS-Adobe-3.0")
    (source / "c.jpg").write_bytes(b"")
    (source / "d.png").write_bytes(photo_bytes(encoding="PNG")[:-20])
    put_photo(source / "e.png")

    report = products_import(source=source)

    assert [product[0] for product in products()] == ["a", "e"]
    assert report.refused == [
        ("b.png", f"b.png {NO_PHOTO}"),
        ("c.jpg", "c.jpg is empty: the file holds no bytes."),
        ("d.png", "d.png cannot be read: it is damaged or cut off. Upload it again."),
    ]
    assert len([path for path in media_directory.rglob("*") if path.is_file()]) == 4


def test_folders_and_hidden_files_are_passed_over(source):
    put_photo(source / "a.png")
    put_photo(source / "below" / "b.png")
    (source / ".DS_Store").write_bytes(b"x")

    report = products_import(source=source)

    assert ([product[0] for product in products()], report.refused) == (["a"], [])


@pytest.mark.parametrize("make", ["missing", "file", "empty"])
def test_a_source_that_cannot_be_read_is_refused(source, make):
    path = {"missing": source / "x", "file": source / "f", "empty": source}[make]
    if make == "file":
        path.write_bytes(b"")

    with pytest.raises(ImportRefused) as caught:
        products_import(source=path)

    sentences = {
        "missing": f"{path} is not a folder, and there is no such file.",
        "file": "f is empty.",
        "empty": "source holds no photos.",
    }
    assert str(caught.value) == sentences[make]


def test_importing_twice_changes_nothing(source):
    put_photo(source / "a.png")
    products_import(source=source, publish=True)
    before = [*Product.objects.values(), *ProductImage.objects.values()]

    report = products_import(source=source, publish=True)

    assert (report.created, report.updated, report.images) == (0, 0, 0)
    assert list(report.products) == ["a"]
    assert [*Product.objects.values(), *ProductImage.objects.values()] == before


def test_a_folder_of_names_does_not_rename_a_product(source):
    ProductFactory(sku="a", title="A good title")
    put_photo(source / "a.png")

    products_import(source=source)

    assert products() == [("a", "A good title", 1)]


@pytest.mark.parametrize(
    ("publish", "state"), [(True, ProductState.PUBLISHED), (False, ProductState.DRAFT)]
)
def test_publish_shows_new_and_known_products(source, publish, state):
    put_photo(source / "known.png")
    put_photo(source / "new.png")
    ProductFactory(sku="known", state=ProductState.DRAFT)

    report = products_import(source=source, publish=publish)

    assert set(Product.objects.values_list("state", flat=True)) == {state}
    assert (report.created, report.updated) == (1, int(publish))


def test_without_publish_a_published_product_stays_so(source):
    put_photo(source / "known.png")
    ProductFactory(sku="known", state=ProductState.PUBLISHED)

    products_import(source=source)

    assert Product.objects.get().state == ProductState.PUBLISHED


def test_tells_its_progress(source):
    for name in ("a.png", "b.png"):
        put_photo(source / name)
    told = []

    products_import(source=source, progress=lambda done, total: told.append((done, total)))

    assert told == [(1, 2), (2, 2)]


# An imagefolder


def test_facts_go_to_columns_and_attributes(source):
    put_photo(source / "images" / "7.png")
    put_metadata(
        source,
        {
            "file_name": "images/7.png",
            "id": 7,
            "title": "Acme Men Blue Shirt",
            "brand": "Acme",
            "category": "Apparel",
            "sub_category": "Topwear",
            "colour": "Blue",
            "gender": "Men",
            "product_type": "Shirts",
            "pattern": "striped",
            "usage": "NA",
            "text": "Blue Casual Shirts for Men - Apparel Topwear",
            "description": "A merchandiser's prose.",
            "attributes": {"Fabric": "Linen", "Fit": "NA", "Deep": {"a": 1}, "Pockets": 2},
        },
    )

    products_import(source=source)

    product = Product.objects.get()
    assert (product.sku, product.title) == ("7", "Acme Men Blue Shirt")
    assert (product.brand, product.colour, product.gender) == ("Acme", "Blue", "men")
    assert product.attributes == {
        "product_type": "Shirts",
        "pattern": "striped",
        "Fabric": "Linen",
        "Pockets": "2",
    }
    assert (product.category.name, product.category.slug) == ("Topwear", "apparel-topwear")
    assert product.category.parent == Category.objects.get(slug="apparel", name="Apparel")


def test_a_row_needs_no_more_than_a_file_name(source):
    put_photo(source / "blue_shirt.png")
    put_photo(source / "2.png")
    put_metadata(
        source,
        {"file_name": "blue_shirt.png"},
        {"file_name": "2.png", "colour": "Red", "product_type": "Skirt", "gender": "Dolls"},
    )

    products_import(source=source)

    assert products() == [("2", "Red Skirt", 1), ("blue_shirt", "blue shirt", 1)]
    skirt = Product.objects.get(sku="2")
    assert (skirt.gender, skirt.attributes) == ("", {"product_type": "Skirt", "gender": "Dolls"})


def test_rows_of_one_sku_are_photos_of_one_product(source):
    for number in range(3):
        put_photo(source / f"{number}.png", number)
    put_metadata(source, *({"file_name": f"{number}.png", "sku": "A"} for number in range(3)))

    report = products_import(source=source)

    assert [(sku, images) for sku, _, images in products()] == [("A", 3)]
    assert (report.created, report.updated, report.images) == (1, 0, 3)


def test_what_the_source_says_replaces_and_what_it_does_not_say_stays(source):
    ProductFactory(
        sku="A", title="Old", brand="Kept", colour="Red", attributes={"fit": "slim", "usage": "old"}
    )
    put_photo(source / "a.png")
    put_metadata(
        source, {"file_name": "a.png", "sku": "A", "title": "New", "brand": "", "usage": "Formal"}
    )

    report = products_import(source=source)

    product = Product.objects.get()
    assert (product.title, product.brand, product.colour) == ("New", "Kept", "Red")
    assert product.attributes == {"fit": "slim", "usage": "Formal"}
    assert (report.created, report.updated) == (0, 1)


def test_bad_lines_are_reported_and_the_rest_goes_on(source):
    put_photo(source / "good.png")
    put_photo(source.parent / "outside.png")
    put_photo(source / "dogs.png")
    put_metadata(
        source,
        "{not json",
        "[1, 2]",
        '{"file_name": "good.png", "title": "a\\u0000b"}',
        '{"file_name": "good.png", "title": "\\ud800"}',
        "[" * 100_000,
        '{"file_name": "good.png", "attributes": {"a\\u0000": "b"}}',
        {"file_name": "../outside.png"},
        {"file_name": str(source.parent / "outside.png")},
        {"file_name": "missing.png"},
        {"title": "no file"},
        {"file_name": "dogs.png", "sku": "a\tb"},
        "",
        {"file_name": "good.png", "sku": "good"},
    )

    report = products_import(source=source)

    not_json = "This line is not JSON in UTF-8."
    not_storable = "This line holds characters that cannot be stored."
    elsewhere = "`file_name` does not name a file of this folder."
    assert report.refused == [
        ("metadata.jsonl, line 1", not_json),
        ("metadata.jsonl, line 2", "This line is not a JSON object."),
        ("metadata.jsonl, line 3", not_storable),
        ("metadata.jsonl, line 4", not_storable),
        ("metadata.jsonl, line 5", not_json),
        ("metadata.jsonl, line 6", not_storable),
        ("../outside.png", elsewhere),
        (str(source.parent / "outside.png"), elsewhere),
        ("missing.png", "There is no such file."),
        ("metadata.jsonl, line 10", elsewhere),
        (
            "dogs.png",
            "sku: Use no control characters and no blanks at its ends.",
        ),
    ]
    assert [product[0] for product in products()] == ["good"]


def test_a_link_out_of_the_folder_is_refused(source):
    put_photo(source.parent / "outside.png")
    (source / "link.png").symlink_to(source.parent / "outside.png")
    put_metadata(source, {"file_name": "link.png"})

    report = products_import(source=source)

    assert [name for name, _ in report.refused] == ["link.png"]
    assert Product.objects.count() == 0


def test_a_refused_product_leaves_no_category(source):
    put_photo(source / "a.png")
    row = {"file_name": "a.png", "sku": "x" * 256, "title": "a", "category": "Apparel"}
    put_metadata(source, row)

    report = products_import(source=source)

    assert "at most 255 characters" in report.refused[0][1]
    assert Category.objects.count() == 0


def test_a_category_in_another_script_has_a_slug_too(source):
    put_photo(source / "a.png")
    put_metadata(source, {"file_name": "a.png", "category": "服"})

    products_import(source=source)

    assert Category.objects.get().name == "服"
    assert Category.objects.get().slug == "服"


@pytest.mark.shared_data
def test_imports_real_photos(shared_data, tmp_path):
    """The first photos of the shared set, both as an imagefolder and as a folder of photos."""
    real = shared_data / "fashion-2906" / "test"
    lines = (real / "metadata.jsonl").read_text().splitlines()[:5]
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "metadata.jsonl").write_text("\n".join(lines))
    names = [json.loads(line)["file_name"] for line in lines]
    (tmp_path / "real" / "images").mkdir()
    for name in names:
        (tmp_path / "real" / name).write_bytes((real / name).read_bytes())

    report = products_import(source=tmp_path / "real")
    again = products_import(source=tmp_path / "real" / "images")

    assert (report.created, report.images, report.refused) == (5, 5, [])
    assert (again.created, again.updated, again.images, again.refused) == (0, 0, 0, [])
    assert all(product.colour for product in Product.objects.all())
