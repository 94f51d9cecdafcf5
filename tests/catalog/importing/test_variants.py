"""Sizes and colours with their own SKU and price: in, edited, merged, found, and out again."""

import pytest
from django.urls import reverse

from catalog.choices import ConflictUse, ExportFormat, ImportState
from catalog.importing.running import import_run_one
from catalog.importing.services import product_import_undo
from catalog.models import ImportPhoto, Product, Variant
from catalog.services.products import product_create
from catalog.tables.variants import amount_of, availability_of, currency_of, variants_in_words
from tests.catalog.importing.test_every_day import flags
from tests.catalog.importing.test_formats import export, rows_of
from tests.catalog.importing.test_oddities import no_fetches, table  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

HEADER = [
    *("Handle", "Title", "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value"),
    *("Variant SKU", "Variant Price", "Variant Compare At Price", "Variant Barcode"),
    *("Variant Inventory Qty", "Variant Inventory Policy", "Variant Image"),
]
SMALL = ["tee", "Tee", "Size", "S", "Color", "Navy", "TEE/S", "19.90", "29.90", "'4006381333931",
         "3", "deny", ""]  # fmt: skip
MEDIUM = ["tee", "", "", "M", "", "Sand", "TEE/M", "19.90", "", "", "0", "deny", ""]


def stored():
    names = ("sku", "options", "price", "compare_at_price", "barcode", "availability")
    rows = Variant.objects.order_by("product", "position").values(*names)
    return [
        tuple(str(row[name]) if name.endswith("price") else row[name] for name in names)
        for row in rows
    ]


def test_the_rows_of_a_handle_are_variants(import_text, tmp_path):
    import_text(table(HEADER, SMALL, MEDIUM))
    assert stored() == [
        (
            "TEE/S",
            [["Size", "S"], ["Color", "Navy"]],
            "19.9000",
            "29.9000",
            "4006381333931",
            "in_stock",
        ),
        ("TEE/M", [["Size", "M"], ["Color", "Sand"]], "19.9000", "None", "", "out_of_stock"),
    ]
    assert Product.objects.get().attributes == {"size": "S, M", "color": "Navy, Sand"}
    again = import_text(table(HEADER, SMALL, MEDIUM))
    assert (again.unchanged, again.updated) == (1, 0)
    assert rows_of(export(tmp_path, ExportFormat.SHOPIFY)) == [HEADER, SMALL, MEDIUM]


def test_a_price_edited_here_leaves_in_its_own_row(import_text, tmp_path):
    import_text(table(HEADER, SMALL, MEDIUM))
    Variant.objects.filter(sku="TEE/M").update(price="17.5")
    written = rows_of(export(tmp_path, ExportFormat.SHOPIFY))
    assert written[1:] == [SMALL, [*MEDIUM[:7], "17.50", *MEDIUM[8:]]]


def test_both_sides_edit_the_same_product_cell_by_cell(import_text):
    import_text(table(HEADER, SMALL, MEDIUM))
    Variant.objects.filter(sku="TEE/M").update(price="17.5")
    Variant.objects.filter(sku="TEE/S").update(barcode="ours")
    large = ["tee", "", "", "L", "", "Navy", "TEE/L", "21", "", "", "", "", ""]
    report = import_text(table(HEADER, [*SMALL[:7], "18.90", *SMALL[8:]], MEDIUM, large))
    assert flags(report) == []
    prices = Variant.objects.order_by("position").values_list("sku", "price", "barcode")
    assert [(sku, f"{price:.2f}", barcode) for sku, price, barcode in prices] == [
        ("TEE/S", "18.90", "ours"),
        ("TEE/M", "17.50", ""),
        ("TEE/L", "21.00", ""),
    ]


@pytest.mark.parametrize(
    ("conflicts", "price", "kept"),
    [
        (ConflictUse.OURS, "17.50", "kept ours"),
        (ConflictUse.THEIRS, "15.00", "took that of the file"),
    ],
)
def test_a_price_that_both_changed_is_named(import_text, conflicts, price, kept):
    import_text(table(HEADER, SMALL, MEDIUM))
    Variant.objects.filter(sku="TEE/M").update(price="17.5")
    changed = [*MEDIUM[:7], "15", *MEDIUM[8:]]
    report = import_text(table(HEADER, SMALL, changed), conflicts=conflicts)
    assert flags(report) == [f"TEE/M price: Changed here and in the file; {kept}."]
    assert f"{Variant.objects.get(sku='TEE/M').price:.2f}" == price


def test_a_variant_that_the_file_drops_goes_and_undo_brings_it_back(import_text, monkeypatch):
    monkeypatch.setattr("catalog.wakeups._send", lambda *_, **__: True)
    import_text(table(HEADER, SMALL, MEDIUM))
    before = stored()
    product_import = import_text(table(HEADER, SMALL)).product_import
    assert [row[0] for row in stored()] == ["TEE/S"]
    assert variants_in_words(product_import.rows.get().changes["variants"][0]) == (
        "TEE/S (Size: S, Color: Navy) 19.90 in stock; "
        "TEE/M (Size: M, Color: Sand) 19.90 out of stock"
    )
    product_import_undo(product_import=product_import, actor=None)
    while import_run_one(go_on=lambda: True):
        pass
    product_import.refresh_from_db()
    assert product_import.state == ImportState.UNDONE
    assert stored() == before


def test_any_sku_finds_the_product(import_text, client):
    import_text(table([*HEADER, "Published"], [*SMALL, "TRUE"], [*MEDIUM, ""]))
    found = client.get(reverse("api:product-detail", args=["TEE/M"])).json()
    assert (found["sku"], [one["sku"] for one in found["variants"]]) == (
        "TEE/S",
        ["TEE/S", "TEE/M"],
    )
    assert found["variants"][0] == {
        "sku": "TEE/S",
        "options": [{"name": "Size", "value": "S"}, {"name": "Color", "value": "Navy"}],
        "price": "19.90",
        "compare_at_price": "29.90",
        "currency": "",
        "barcode": "4006381333931",
        "availability": "in_stock",
        "image": None,
    }
    listed = client.get(reverse("api:product-list"), {"search": "TEE/M"}).json()
    assert [one["sku"] for one in listed["results"]] == ["TEE/S"]


def test_google_items_have_a_price_and_a_reduced_one(import_text, tmp_path):
    header = ["id", "title", "link", "price", "sale_price", "availability", "gtin", "size"]
    row = ["A", "Cap", "https://s.example.com", "25.00 EUR", "19.90 EUR", "in_stock", "12", "M"]
    import_text(table(header, row))
    assert stored() == [("A", [["size", "M"]], "19.9000", "25.0000", "12", "in_stock")]
    assert Variant.objects.get().currency == "EUR"
    assert rows_of(export(tmp_path, ExportFormat.GOOGLE_TSV)) == [header, row]
    Variant.objects.update(price="18", availability="preorder")
    written = rows_of(export(tmp_path, ExportFormat.GOOGLE_TSV))[1]
    assert written[3:6] == ["25.00 EUR", "18.00 EUR", "preorder"]


def test_new_products_leave_with_a_row_for_each_variant(tmp_path):
    sizes = [
        {"sku": f"N-{size}", "price": price, "options": [{"name": "Size", "value": size}]}
        for size, price in (("S", "5"), ("M", "6.5"))
    ]
    product_create(sku="N", title="New", variants=sizes)
    header, *rows = rows_of(export(tmp_path, ExportFormat.SHOPIFY))
    names = ("Handle", "Title", "Option1 Name", "Option1 Value", "Variant SKU", "Variant Price")
    assert [[row[header.index(name)] for name in names] for row in rows] == [
        ["n", "New", "Size", "S", "N-S", "5.00"],
        ["n", "", "", "M", "N-M", "6.50"],
    ]


def test_a_variant_has_its_own_photo_once_it_is_stored(import_text):
    from catalog.importing.variants import variant_photos_link
    from tests.factories import ProductImageFactory

    address = "https://cdn.example.com/navy.jpg"
    header = [*HEADER, "Image Src"]
    report = import_text(table(header, [*SMALL[:-1], address, address], [*MEDIUM, ""]))
    image = ProductImageFactory(product=Product.objects.get())
    ImportPhoto.objects.update(state="stored", image=image)
    variant_photos_link(report.product_import)
    assert list(Variant.objects.order_by("position").values_list("photo", flat=True)) == [
        image.pk,
        None,
    ]


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("19.90", "19.90"),
        ("19,90 €", "19.90"),
        ("1.299,00", "1299.00"),
        ("1,299.5", "1299.50"),
        ("1 299", "1299.00"),
        ("0.0125", "0.0125"),
        ("12,5", "12.50"),
        ("1,299", "1299.00"),
        ("-5", ""),
        ("on request", ""),
        ("", ""),
    ],
)
def test_amounts_in_the_ways_of_shops(cell, amount):
    assert amount_of(cell) == amount


def test_words_of_feeds():
    assert [currency_of(cell) for cell in ("25 EUR", "£5", "5")] == ["EUR", "GBP", ""]
    assert [availability_of(cell) for cell in ("in stock", "onbackorder", "soon")] == [
        "in_stock",
        "backorder",
        "",
    ]
