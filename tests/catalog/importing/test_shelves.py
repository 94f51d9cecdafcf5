"""Products on several shelves: all paths are kept, whichever format brings them."""

import pytest

from catalog.category_tree import CategoryTree
from catalog.choices import ExportFormat
from catalog.importing.running import import_run_one
from catalog.importing.services import product_import_undo
from catalog.importing.shelves import further_write
from catalog.models import Category, Product, ProductCategory
from catalog.tables.shelves import shelves_merged
from tests.catalog.importing.test_formats import export, no_fetches, rows_of
from tests.catalog.importing.test_oddities import table

__all__ = ["no_fetches"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

WOO = ["ID", "Type", "SKU", "Name", "Published", "Categories"]
MAGENTO = ["sku", "product_type", "name", "categories"]


def woo(categories):
    return table(WOO, ["7", "simple", "A", "Shirt", "1", categories])


def shelves(sku="A"):
    """The paths of a product, the main one first."""
    tree = CategoryTree()
    product = Product.objects.get(sku=sku)
    further = ProductCategory.objects.filter(product=product).order_by("position")
    ids = [product.category_id, *further.values_list("category_id", flat=True)]
    return [tree.path(pk) for pk in ids]


@pytest.mark.parametrize(
    ("before", "after", "former", "merged"),
    [
        ("A", "B > C\nA", None, ("A\nB > C", False)),
        ("A\nOurs", "A\nS\nNew", "A\nS", ("A\nOurs\nNew", False)),
        ("A\nS\nOurs", "A", "A\nS", ("A\nOurs", False)),
        ("A\nS", "S", "A\nS", ("S", False)),
        ("X\nS", "B\nS", "A\nS", ("X\nS\nB", True)),
        ("", "A\nB", "A\nB", ("", False)),
        ("A\nS", "", None, ("", False)),
    ],
)
def test_both_sides_move_a_product(before, after, former, merged):
    assert shelves_merged(before, after, former, several=True, theirs=False) == merged


@pytest.mark.parametrize(
    ("before", "after", "former", "theirs", "merged"),
    [
        ("A\nS", "B", None, False, ("B\nS", False)),
        ("X\nS", "A", "A", False, ("X\nS", False)),
        ("X\nS", "B", "A", False, ("X\nS", True)),
        ("X\nS", "B", "A", True, ("B\nS", True)),
    ],
)
def test_a_format_of_one_category_leaves_the_further_ones(before, after, former, theirs, merged):
    assert shelves_merged(before, after, former, several=False, theirs=theirs) == merged


def test_all_categories_come_in_and_leave_as_they_came(import_text, tmp_path):
    cell = "Sale, Men > Shirts, Last\\, chance, 男装 > T恤, 女装 > T恤, Обувь 2025, Сумки 2025"
    import_text(woo(cell))
    assert shelves() == [
        "Men > Shirts", "Sale", "Last, chance", "男装 > T恤", "女装 > T恤", "Обувь 2025",
        "Сумки 2025",
    ]  # fmt: skip
    assert Category.objects.filter(name="T恤").count() == 2
    assert rows_of(export(tmp_path, ExportFormat.WOOCOMMERCE))[1][5] == cell
    assert import_text(woo(cell)).unchanged == 1


def test_a_shelf_that_was_added_here_stays_and_leaves_with_the_others(import_text, tmp_path):
    import_text(woo("Sale, Men > Shirts"))
    tree, product = CategoryTree(), Product.objects.get()
    sale, gifts = tree.find("Sale"), tree.make("Gifts, small")[0]
    further_write({product.pk: [sale, gifts]}, main={product.pk: product.category_id})
    product.save()
    assert import_text(woo("Sale, Men > Shirts, New")).updated == 1
    assert shelves() == ["Men > Shirts", "Sale", "Gifts, small", "New"]
    assert rows_of(export(tmp_path, ExportFormat.WOOCOMMERCE))[1][5] == (
        "Sale, Men > Shirts, New, Gifts\\, small"
    )
    assert import_text(woo("Men > Shirts, New")).updated == 1
    assert shelves() == ["Men > Shirts", "Gifts, small", "New"]


def test_another_main_category_chosen_here_stays(import_text, tmp_path):
    import_text(woo("Sale, Men > Shirts"))
    tree, product = CategoryTree(), Product.objects.get()
    product.category_id = tree.find("Sale")
    product.save()
    further_write({product.pk: [tree.find("Men > Shirts")]}, main={product.pk: product.category_id})
    assert rows_of(export(tmp_path, ExportFormat.WOOCOMMERCE))[1][5] == "Sale, Men > Shirts"
    import_text(woo("Sale, Men > Shirts, New"))
    assert shelves() == ["Sale", "Men > Shirts", "New"]


def test_roots_leave_as_they_came(import_text, tmp_path):
    cell = "Default Category/Men,Default Category/Men/Shirts,Brand Shop/Acme"
    import_text(table(MAGENTO, ["A", "simple", "Shirt", cell]))
    assert shelves() == ["Men > Shirts", "Men", "Brand Shop > Acme"]
    assert rows_of(export(tmp_path, ExportFormat.MAGENTO))[1][3] == cell
    tree, product = CategoryTree(), Product.objects.get()
    kept = [tree.find("Brand Shop > Acme"), tree.make("Sale")[0]]
    further_write({product.pk: kept}, main={product.pk: product.category_id})
    assert rows_of(export(tmp_path, ExportFormat.MAGENTO))[1][3] == (
        "Default Category/Sale,Default Category/Men/Shirts,Brand Shop/Acme"
    )


def test_a_shopify_file_changes_the_main_category_alone(import_text):
    import_text(woo("Sale, Men > Shirts"))
    header = ["Handle", "Title", "Product Category", "Variant SKU", "Variant Price"]
    import_text(table(header, ["shirt", "Shirt", "Apparel > Tops", "A", "20.00"]))
    assert shelves() == ["Apparel > Tops", "Sale"]


def test_our_own_table_and_google_have_all_of_them(import_text, tmp_path):
    import_text(woo("Sale, Men > Shirts, Bars | Grills"))
    header, row = rows_of(export(tmp_path, ExportFormat.MODA_CSV))
    assert (row[header.index("category")], row[header.index("further_categories")]) == (
        "Men > Shirts", "Sale | Bars \\| Grills",
    )  # fmt: skip
    google, feed = rows_of(export(tmp_path, ExportFormat.GOOGLE_TSV))
    assert feed[google.index("product_type")] == "Men > Shirts,Sale,Bars | Grills"
    own = table(header, row)
    further_write({Product.objects.get().pk: []}, main={})
    import_text(own, name="own.csv")
    assert shelves() == ["Men > Shirts", "Sale", "Bars | Grills"]


def test_undo_brings_the_shelves_back(import_text):
    import_text(woo("Sale, Men > Shirts"))
    second = import_text(woo("Women > Shirts > Long, New")).product_import
    assert shelves() == ["Women > Shirts > Long", "New"]
    product_import_undo(product_import=second, actor=None)
    assert import_run_one(go_on=lambda: True, only=second.pk)
    assert shelves() == ["Men > Shirts", "Sale"]
    assert not Category.objects.filter(name__in=["New", "Long"]).exists()


@pytest.mark.parametrize(
    ("cell", "edited", "written"),
    [
        ("Red\\, dark", "Red, light", "Red\\, light"),
        ("a\\, b, c", "a, b, d", "a\\, b, d"),
        ("a, b", "a, b, c", "a, b, c"),
    ],
)
def test_a_comma_inside_a_value_of_an_attribute(import_text, tmp_path, cell, edited, written):
    header = [*WOO, "Attribute 1 name", "Attribute 1 value(s)"]
    import_text(table(header, ["7", "simple", "A", "Shirt", "1", "Men", "Lining", cell]))
    product = Product.objects.get()
    assert product.attributes["Lining"] == cell.replace("\\,", ",")
    product.attributes["Lining"] = edited
    product.save()
    assert rows_of(export(tmp_path, ExportFormat.WOOCOMMERCE))[1][7] == written
