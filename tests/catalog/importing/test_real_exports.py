"""Exports as real shops have them go in with all they say, and come out again cell by cell."""

from pathlib import Path

import pytest

from catalog.choices import ExportFormat
from catalog.models import Description, Product, ProductCategory, ProductTranslation
from tests.catalog.importing.test_formats import export, facts, rows_of
from tests.catalog.tables import workbooks

FILES = Path(__file__).parents[1] / "tables" / "exports"
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def no_fetches(monkeypatch):
    """No shop is asked for its photos here."""

    def refuse(address, *, attempts):
        from catalog.exceptions import PhotoRefused

        raise PhotoRefused("No network in this test.")

    monkeypatch.setattr("catalog.importing.photo_step.photo_fetch", refuse)


@pytest.fixture
def taken(import_text):
    """Imports a file that is of this format, and gives its report."""

    def run(content, format_, name=""):
        if isinstance(content, str):
            content, name = (FILES / content).read_bytes(), content
        report = import_text(content, name=name)
        assert report.product_import.format == format_
        return report

    return run


def photos(report, sku):
    rows = report.product_import.photos.filter(row__sku=sku).order_by("number")
    return list(rows.values_list("name", flat=True))


def faults(report):
    """(line, reason) of rows that were refused for themselves."""
    rows = report.product_import.rows.filter(outcome="faulty").order_by("number")
    return list(rows.values_list("line", "reason"))


def test_shopifys_template_with_linked_options_and_metafields(taken):
    report = taken("shopify_template.csv", "shopify")
    assert (report.created, faults(report)) == (1, [])
    found, attributes, texts = facts("WD-NVY-S")
    assert found == {
        "title": "Wrap Dress",
        "brand": "Acme",
        "category": "Apparel & Accessories > Clothing > Dresses",
        "colour": "navy",
        "gender": "women",
        "state": "published",
    }
    assert attributes == {
        "product_type": "Dress",
        "color": "Navy, White",
        "size": "S, M",
        "material": "Viscose, Elastane",
        "neckline": "V-neck, Wrap",
    }
    assert texts == ["Wrap dress.\nWith belt.", "Front", ""]
    assert photos(report, "WD-NVY-S") == [
        "https://cdn.example.com/wd.jpg?v=17",
        "https://cdn.example.com/wd2.jpg?v=17",
    ]


def test_a_metafield_that_was_edited_goes_back_to_its_column(taken, tmp_path):
    taken("shopify_template.csv", "shopify")
    product = Product.objects.get()
    product.attributes["material"] = "Silk"
    product.save()
    came = rows_of(FILES / "shopify_template.csv")
    went = rows_of(export(tmp_path, ExportFormat.SHOPIFY))
    column = came[0].index("Material (product.metafields.custom.material)")
    came[1][column] = "Silk"
    assert went == came


def test_shopify_saved_again_by_excel(taken):
    report = taken("shopify_from_excel.csv", "shopify")
    found, _, texts = facts("00123")
    assert (found["title"], found["brand"]) == ("Hut „Größe“", "Müller")
    assert found["state"] == "published"
    assert texts == ["Für Köpfe ab 58 cm", "", ""]
    assert faults(report) == [
        (
            3,
            "A spreadsheet has rounded a number (4,00638E+12): format its column as text, and "
            "export again.",
        )
    ]


def test_shopify_with_rows_out_of_order(taken):
    report = taken("shopify_odd_rows.csv", "shopify")
    found, attributes, texts = facts("0042")
    assert (found["colour"], found["state"], attributes) == ("Rot", "draft", {"tags": "a,b"})
    assert texts == ["Soft tee", "", ""]
    assert photos(report, "0042") == [f"https://cdn.example.com/{n}.jpg" for n in (1, 2)]
    assert facts("gift")[0]["title"] == "Gift Card"


def test_a_german_woocommerce(taken):
    report = taken("woocommerce_german.csv", "woocommerce")
    assert faults(report) == []
    found, attributes, texts = facts("MANTEL")
    assert found == {
        "title": "Mantel",
        "colour": "Blau, hell",
        "category": "Damen > Mäntel > Wolle",
        "state": "published",
    }
    assert attributes == {"woocommerce_type": "variable", "Größe": "36, 38"}
    assert texts == ["Ein Mantel.\nWarm.", "", ""]
    assert facts("MANTEL-36")[1] == {
        "woocommerce_type": "variation",
        "parent": "MANTEL",
        "Größe": "36",
    }
    found, _, texts = facts("woo-12")
    assert (found["state"], texts[0]) == ("draft", "Ein Gutschein.")


def test_a_french_woocommerce(taken):
    report = taken("woocommerce_french.csv", "woocommerce")
    assert facts("ROBE-1") == (
        {
            "title": "Robe d'été",
            "colour": "Rouge",
            "category": "Femmes > Robes",
            "state": "published",
        },
        {"woocommerce_type": "simple"},
        ["Une robe légère.", "", ""],
    )
    assert photos(report, "ROBE-1") == ["https://boutique.example.com/r.jpg"]


def test_a_german_table_of_no_shop_still_waits_for_its_columns(import_text):
    from catalog.tables.formats import recognise

    assert recognise(["Typ", "Artikelnummer", "Name", "Bilder", "Kategorien"]) is None


def test_woocommerce_with_meta_columns_and_escapes(taken):
    report = taken("woocommerce_meta.csv", "woocommerce")
    found, attributes, texts = facts("B-1")
    assert (found["title"], found["category"]) == ('Bag, "Big"', "Bags, Cases > Big")
    assert attributes == {"woocommerce_type": "variable", "Color": "Red, Blue"}
    assert texts == ['Holds 5" books.\n\nLine two.', "", ""]
    assert photos(report, "B-1") == [
        "https://shop.example.com/a%2Cb.jpg?x=1,2",
        "https://shop.example.com/c.jpg",
    ]
    assert facts("woo-8")[1]["parent"] == "id:7"


def test_magento_with_its_fields_enclosed(taken):
    report = taken("magento_enclosed.csv", "magento")
    assert faults(report) == []
    found, attributes, _ = facts("ENC-1")
    assert (found["colour"], found["category"]) == ("Red, dark", "Men")
    assert attributes == {
        "product_type": "simple",
        "note": "a, size=not this",
        "size": "M",
        "title_tag": '5" heel',
    }
    found, attributes, _ = facts("ENC-2")
    assert (found["colour"], attributes["style"]) == ("Blue", "Slim, long")


def test_an_edited_value_is_enclosed_where_the_others_are(taken, tmp_path):
    taken("magento_enclosed.csv", "magento")
    product = Product.objects.get(sku="ENC-1")
    product.attributes["size"] = 'L, "long"'
    product.save()
    rows = rows_of(export(tmp_path, ExportFormat.MAGENTO, Product.objects.filter(sku="ENC-1")))
    assert rows[1][-1] == (
        'color="Red, dark",note="a, size=not this",size="L, ""long""",title_tag="5"" heel"'
    )


def test_magento_with_rows_of_store_views_without_a_sku(taken):
    report = taken("magento_stores.csv", "magento")
    assert (report.created, faults(report)) == (2, [(7, "The SKU is empty.")])
    found, attributes, texts = facts("ST-1")
    assert (found["title"], found["colour"], found["category"]) == ("Top", "Red", "Women > Tops")
    assert attributes["description_more"] == '<a href="x?a=1,b 2">x</a>'
    assert texts == ["A top.", "", ""]
    assert len(photos(report, "ST-1")) == 3
    spoken = ProductTranslation.objects.filter(product__sku="ST-1")
    assert list(spoken.values_list("language", "title")) == [("de", "Oberteil"), ("fr", "Haut")]
    german = Description.objects.get(product__sku="ST-1", language="de")
    assert (german.standard, german.state) == ("Ein Oberteil.", "approved")
    further = ProductCategory.objects.filter(product__sku="ST-1")
    assert list(further.values_list("category__name", flat=True)) == ["Women", "Sale"]
    assert facts("ST-2")[0] == {
        "title": "Set",
        "gender": "unisex",
        "category": "Women",
        "state": "draft",
    }


def test_magentos_configurable_products(taken):
    report = taken("magento_configurable.csv", "magento")
    assert faults(report) == []
    found, attributes, texts = facts("MH01")
    assert found == {"title": "Hoodie", "category": "Men > Tops", "state": "published"}
    assert attributes["climate"] == "All-Weather, Cool"
    assert "brand" not in attributes
    assert texts == ["Ideal.", "Image", ""]
    assert facts("MH01-XS-Black")[2][0] == 'Ideal.\nSecond line, with "quotes".'
    assert facts("MH01-XS-Black")[0]["state"] == "draft"
    assert photos(report, "MH01") == ["m/h/mh01.jpg", "m/h/mh01_2.jpg"]


def test_woocommerce_with_semicolons(taken):
    report = taken("woocommerce_semicolons.csv", "woocommerce")
    assert faults(report) == []
    assert facts("SEMI-1")[2][0] == "Boils; whistles."
    assert facts("SEMI-2")[0]["category"] == "Kitchen > Books"


def test_an_atom_feed_with_elements_of_both_kinds(taken):
    report = taken("google_atom.xml", "google")
    assert faults(report) == []
    found, _, texts = facts("AT-1")
    assert found == {
        "title": "Skirt & belt",
        "colour": "Red/Blue",
        "gender": "women",
        "category": "Women > Skirts",
        "state": "draft",
    }
    assert texts == ["A skirt.", "", ""]
    assert photos(report, "AT-1") == ["https://shop.example.com/1.jpg"]


@pytest.mark.parametrize(
    ("content", "sku", "title"),
    [("google_undeclared.xml", "UN-1", "Hat"), ("google_plain.xml", "PL-1", "Mütze")],
)
def test_feeds_that_were_written_by_hand(taken, content, sku, title):
    taken(content, "google")
    assert facts(sku)[0]["title"] == title


def test_quotes_between_tabs_are_signs(taken):
    report = taken("google_quotes.tsv", "google")
    assert faults(report) == []
    assert (facts("Q-1")[0]["title"], facts("Q-1")[2][0]) == ('5" heel', '"Best" shoes in town')
    assert facts("Q-2")[0]["title"] == "Quoted, whole"


def test_a_workbook_of_numbers_dates_and_merged_cells(taken):
    report = taken(workbooks.NUMBERS, "moda", "list.xlsx")
    assert (report.created, faults(report)) == (3, [])
    found, attributes, _ = facts("00123")
    assert (found["title"], attributes) == (
        "Zeros by format",
        {"since": "2024-03-01", "weight": "0.3"},
    )
    assert facts("00124")[1] == {"weight": "1"}
    assert "brand" not in facts("00124")[0]
    assert facts("125")[1] == {"since": "TRUE"}  # no value was saved with the formula


def test_a_workbook_with_a_title_above_its_header(taken):
    report = taken(workbooks.TITLE, "moda", "list.xlsx")
    assert (report.created, facts("T-1")[0]["brand"]) == (1, "Acme")
    assert report.product_import.rows.get().line == 4


def test_semicolons_with_decimal_commas_and_an_empty_column(taken):
    report = taken("semicolons.csv", "moda")
    assert (report.created, faults(report)) == (2, [])
    assert facts("A-1")[1] == {"Preis": "19,90", "Gewicht": "0,35"}
    assert facts("A-1")[2] == ["Ein Hemd; weiß.", "", ""]


EXPORTS = {
    "shopify": ExportFormat.SHOPIFY,
    "woocommerce": ExportFormat.WOOCOMMERCE,
    "magento": ExportFormat.MAGENTO,
    "google": ExportFormat.GOOGLE_TSV,
    "semicolons": ExportFormat.MODA_CSV,
}
#: What was refused does not go out, and what has no SKU was taken with the row above it.
WHOLE = [
    path.name
    for path in sorted(FILES.glob("*.?sv"))
    if path.name not in ("shopify_from_excel.csv", "magento_stores.csv")
]


@pytest.mark.parametrize("name", WHOLE)
def test_they_go_out_as_they_came(import_text, tmp_path, name):
    import_text((FILES / name).read_bytes())
    came = rows_of(FILES / name)
    went = rows_of(export(tmp_path, EXPORTS[name.partition("_")[0].partition(".")[0]]))
    assert went[0] == [column.strip() for column in came[0]]
    assert sorted(went[1:]) == sorted(came[1:])


def test_rows_without_a_sku_go_out_with_the_product_above_them(taken, tmp_path):
    taken("magento_stores.csv", "magento")
    came = rows_of(FILES / "magento_stores.csv")
    assert rows_of(export(tmp_path, ExportFormat.MAGENTO)) == came[:-1]


def test_products_of_two_languages_go_out_under_one_header(import_text, tmp_path):
    import_text((FILES / "woocommerce_german.csv").read_bytes())
    import_text((FILES / "woocommerce_french.csv").read_bytes())
    rows = rows_of(export(tmp_path, ExportFormat.WOOCOMMERCE))
    french = next(row for row in rows if "ROBE-1" in row)
    by_name = dict(zip(rows[0], french, strict=True))
    assert (by_name["Artikelnummer"], by_name["Bilder"]) == (
        "ROBE-1",
        "https://boutique.example.com/r.jpg",
    )
    assert by_name["Attribut 1 Wert(e)"] == "Rouge"
    assert "UGS" not in rows[0]
