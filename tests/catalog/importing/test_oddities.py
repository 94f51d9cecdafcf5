"""What real exports hold beside the plain cases: sorted rows, long cells, other languages."""

import csv
import io
import json
import socket

import pytest
from django.core.management import call_command

from catalog.category_tree import CategoryTree
from catalog.choices import ExportFormat, ImportPhotoState, ImportState
from catalog.exceptions import FetchRefused
from catalog.importing.photo_finish import photos_finish
from catalog.importing.photo_step import photos_run
from catalog.importing.running import import_run_one
from catalog.importing.services import product_import_create
from catalog.models import ImportPhoto, Product
from catalog.tables.formats.plain import mapping_guess
from tests.catalog.importing.test_formats import export, facts, rows_of
from tests.factories import ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def no_fetches(monkeypatch):
    """No shop is asked for its photos here."""

    def refuse(address, *, attempts):
        from catalog.exceptions import PhotoRefused

        raise PhotoRefused("No network in this test.")

    monkeypatch.setattr("catalog.importing.photo_step.photo_fetch", refuse)


def table(*rows, delimiter=","):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


SHOPIFY = ["Handle", "Title", "Option1 Name", "Option1 Value", "Variant SKU", "Published"]


def test_the_rows_of_a_handle_are_one_product_wherever_they_stand(import_text):
    report = import_text(
        table(
            SHOPIFY,
            ["tee", "", "", "M", "TEE-M", ""],
            ["cap", "Cap", "", "", "CAP", "TRUE"],
            ["tee", "Tee", "Size", "S", "TEE-S", "TRUE"],
        )
    )
    assert (report.created, report.refused) == (2, [])
    assert list(Product.objects.values_list("sku", "title", "state")) == [
        ("CAP", "Cap", "published"),
        ("TEE-M", "Tee", "published"),
    ]
    assert facts("TEE-M")[1] == {"size": "M, S"}


def test_store_views_may_stand_before_and_apart_from_their_product(import_text, tmp_path):
    header = ["sku", "store_view_code", "product_type", "name", "categories", "product_online"]
    rows = [
        ["A", "de", "", "Hemd", "", ""],
        ["B", "", "simple", "Cap", "", "1"],
        ["A", "", "simple", "Shirt", "Default Category/Men,Default Category/Men/Shirts", "1"],
        ["A", "fr", "", "Chemise", "", ""],
    ]
    assert import_text(table(header, *rows)).refused == []
    assert facts("A")[0] == {"title": "Shirt", "state": "published", "category": "Men > Shirts"}
    written = rows_of(export(tmp_path, ExportFormat.MAGENTO))[1:]
    assert written == [rows[0], rows[2], rows[3], rows[1]]


def test_a_changed_category_leaves_the_other_shelves(import_text, tmp_path):
    import_text(
        table(
            ["sku", "product_type", "name", "categories"],
            ["A", "simple", "A", "Default Category/Sale,Default Category/Men/Shirts,Other/Men"],
        )
    )
    tree = CategoryTree()
    Product.objects.update(category=tree.make("Men > Polos")[0])
    assert rows_of(export(tmp_path, ExportFormat.MAGENTO))[1][3] == (
        "Default Category/Sale,Default Category/Men/Polos,Other/Men"
    )
    import_text(
        table(
            ["Type", "SKU", "Name", "Published", "Categories"],
            ["simple", "W", "W", "1", "Sale, Men > Shirts, Last\\, chance"],
        )
    )
    Product.objects.filter(sku="W").update(category=tree.make("Men > Polos")[0])
    (row,) = (row for row in rows_of(export(tmp_path, ExportFormat.WOOCOMMERCE)) if row[1] == "W")
    assert row[4] == "Sale, Men > Polos, Last\\, chance"


def test_long_values_are_taken_and_flagged_and_leave_whole(import_text, tmp_path):
    title, body = "Shirt " * 33 + "ends.", "word " * 1_199 + "end."
    sku = "S" * 70
    report = import_text(
        table(
            ["Handle", "Title", "Body (HTML)", "Variant SKU", "Image Src", "Image Alt Text"],
            ["a", title, body, sku, "https://shop.example.com/" + "x" * 2_000, "alt " * 50],
        )
    )
    assert report.as_json()["refused"] == []
    (flagged,) = report.as_json()["flagged"]
    assert flagged["line"] == 2
    assert flagged["reason"] == (
        "A photo's address is longer than 2,000 characters: left out. "
        "title: Shortened from 203 to 198 characters; exports have the whole of it. "
        "description: Shortened from 5,999 to 4,995 characters; exports have the whole of it. "
        "alt text: Shortened from 199 to 120 characters; exports have the whole of it."
    )
    product = Product.objects.get(sku=sku)
    assert product.title == ("Shirt " * 33).strip() + "…"
    written = rows_of(export(tmp_path, ExportFormat.SHOPIFY))[1]
    assert written[1:3] == [title, body]
    again = import_text(table(["Handle", "Title", "Variant SKU"], ["a", title, sku]))
    assert (again.unchanged, again.updated) == (1, 0)


@pytest.mark.parametrize(
    "names",
    [
        ("男装 T恤", "女装 T恤"),
        ("Обувь 2025", "Сумки 2025"),
        ("Tops & Tees", "Tops / Tees!"),
        ("Höschen", "Hoschen"),
    ],
)
def test_categories_of_any_script_stay_apart(names):
    made = [CategoryTree().make(name)[0] for name in names]
    assert len(set(made)) == 2
    assert [CategoryTree().find(name) for name in names] == made
    assert CategoryTree().make(names[0].upper()) == (made[0], [])


def test_a_renamed_or_moved_category_is_found_by_its_former_path():
    from catalog.models import Category

    shirts = CategoryTree().make("Men > Shirts")[0]
    Category.objects.filter(pk=shirts).update(name="Tops", parent=CategoryTree().make("New")[0])
    assert CategoryTree().path(shirts) == "New > Tops"
    assert CategoryTree().find("Men > Shirts") == shirts


def test_skus_stay_as_the_shop_writes_them(import_text, client):
    skus = ["КУРТКА-1", "ПАЛЬТО-1", "AB/12", "AB-12", "Größe 5 (rot)", "#7"]
    report = import_text(
        table(["Type", "SKU", "Name", "Published"], *[["simple", sku, sku, "1"] for sku in skus])
    )
    assert (report.created, report.refused) == (6, [])
    assert sorted(Product.objects.values_list("sku", flat=True)) == sorted(skus)
    from django.urls import reverse

    for sku in skus:
        response = client.get(reverse("api:product-detail", args=[sku]))
        assert (response.status_code, response.json()["sku"]) == (200, sku)
        assert client.get(reverse("storefront:product", args=[sku])).status_code == 200


def test_the_exact_name_of_a_column_wins():
    assert mapping_guess(["id", "name", "sku"]) == {"id": "", "name": "title", "sku": "sku"}
    assert mapping_guess(["id", "name"]) == {"id": "sku", "name": "title"}
    assert mapping_guess(["Details", "text", "description"])["description"] == "standard"


@pytest.mark.parametrize(
    ("cell", "state"),
    [
        ("publish", "published"),
        ("enabled", "published"),
        ("on", "published"),
        ("Aktiv", "published"),
        ("oui", "published"),
        ("entwurf", "draft"),
        ("0", "draft"),
        ("-1", "draft"),
    ],
)
def test_states_in_the_words_of_shops(import_text, cell, state):
    import_text(table(["sku", "title", "state"], ["A", "A", cell]))
    assert facts("A")[0]["state"] == state


@pytest.mark.parametrize(
    ("cell", "gender"),
    [
        ("U", "unisex"),
        ("masculine", "men"),
        ("Damen", "women"),
        ("Мужской", "men"),
        ("女", "women"),
    ],
)
def test_genders_in_the_usual_languages(import_text, cell, gender):
    import_text(table(["sku", "title", "gender"], ["A", "A", cell]))
    assert facts("A")[0]["gender"] == gender


def test_unknown_words_stay_as_facts(import_text):
    report = import_text(
        table(["sku", "title", "gender", "state"], ["A", "A", "kids", "coming soon"])
    )
    assert report.refused == []
    assert facts("A") == (
        {"title": "A", "state": "draft"},
        {"gender": "kids", "state": "coming soon"},
        [],
    )


def test_google_attributes_as_its_specification_says(import_text, tmp_path):
    feed = """<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel>
<item><g:id>A</g:id><title>Cap</title><g:colour>Red</g:colour><g:gender>male</g:gender>
<g:age_group>kids</g:age_group><g:image_link>https://s.example.com/a,b.jpg</g:image_link>
<g:additional_image_link>https://s.example.com/c,d.jpg</g:additional_image_link>
<g:additional_image_link>https://s.example.com/e.jpg</g:additional_image_link>
<g:product_highlight>Soft, warm</g:product_highlight>
<g:product_highlight>Says "hello"</g:product_highlight>
<g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping>
<g:shipping><g:country>AT</g:country><g:service>Night: fast</g:service></g:shipping></item>
</channel></rss>"""
    report = import_text(feed, name="feed.xml")
    assert facts("A")[0] == {
        "title": "Cap",
        "colour": "Red",
        "gender": "boys",
        "state": "draft",
    }
    photos = report.product_import.photos.order_by("number").values_list("name", flat=True)
    assert list(photos) == [
        "https://s.example.com/a,b.jpg",
        "https://s.example.com/c,d.jpg",
        "https://s.example.com/e.jpg",
    ]
    written = export(tmp_path, ExportFormat.GOOGLE_XML).read_text()
    for line in feed.splitlines()[3:]:
        for element in line.split("<g:")[1:]:
            assert f"<g:{element.removesuffix('</item>')}".rstrip() in written, element


def test_new_products_leave_for_google_as_they_are(tmp_path):
    ProductFactory(sku="D", gender="boys", state="draft")
    ProductFactory(sku="P", gender="women", state="published")
    header, *rows = rows_of(export(tmp_path, ExportFormat.GOOGLE_TSV))
    named = [dict(zip(header, row, strict=True)) for row in rows]
    assert [(row["id"], row["availability"], row["gender"], row["age_group"]) for row in named] == [
        ("D", "out_of_stock", "male", "kids"),
        ("P", "in_stock", "female", "adult"),
    ]


def test_metafields_by_key_in_any_language(import_text, tmp_path):
    header = [
        *("Handle", "Title", "Variant SKU"),
        "Farbe (product.metafields.shopify.color-pattern)",
        "Stoff (product.metafields.shopify.fabric)",
        "Zielgeschlecht (product.metafields.shopify.target-gender)",
    ]
    import_text(
        table(
            header,
            ["a", "A", "A", "striped; green", "Leinen", "weiblich"],
            ["b", "B", "B", "red; blue", "", "Unisex"],
        )
    )
    assert facts("A")[0]["colour"] == "green"
    assert facts("A")[0]["gender"] == "women"
    assert facts("A")[1] == {"pattern": "striped", "fabric": "Leinen"}
    assert facts("B")[1] == {"color": "red, blue"}
    Product.objects.filter(sku="A").update(colour="navy")
    assert rows_of(export(tmp_path, ExportFormat.SHOPIFY))[1][3] == "striped; navy"


@pytest.mark.parametrize(
    "header",
    [
        ["ID", "Type", "Varenummer", "Navn", "Udgivet", "Kort beskrivelse", "Kategorier",
         "Attribut 1 navn", "Attribut 1 værdi(er)"],
        ["ID", "Typ", "Katalogové číslo", "Název", "Publikováno", "Krátký popis", "Kategorie",
         "Název 1 vlastnosti", "Hodnota(y) 1 vlastnosti"],
        ["ID", "Тип", "Артикул", "Имя", "Опубликован", "Краткое описание", "Категории",
         "Название атрибута 1", "Значение(-я) атрибута(-ов) 1"],
        ["ID", "Typ", "Artikelnummer", "Namn", "Publicerad", "Kort beskrivning", "Kategorier",
         "Attribut 1 namn", "Attribut 1 värde(n)"],
    ],
)  # fmt: skip
def test_woocommerce_headers_in_more_languages(import_text, header):
    report = import_text(
        table(header, ["7", "simple", "A", "Cap", "1", "Warm.", "Hats > Caps", "Fit", "Wide"])
    )
    assert report.product_import.format == "woocommerce"
    assert facts("A") == (
        {"title": "Cap", "state": "published", "category": "Hats > Caps"},
        {"woocommerce_type": "simple", "Fit": "Wide"},
        ["Warm.", "", ""],
    )


def test_products_leave_in_the_order_of_their_file(import_text, tmp_path):
    header = ["Type", "SKU", "Name", "Published", "Parent", "Visibility in catalog"]
    rows = [
        ["variation", "Z-1", "Z one", "1", "Z", "visible"],
        ["variable", "Z", "Z", "1", "", "hidden"],
        ["simple", "A", "A", "1", "", "visible"],
    ]
    import_text(table(header, *rows))
    assert facts("Z")[0]["state"] == "draft"
    assert rows_of(export(tmp_path, ExportFormat.WOOCOMMERCE))[1:] == rows
    ProductFactory(sku="0-NEW")
    written = rows_of(export(tmp_path, ExportFormat.WOOCOMMERCE))
    at = written[0].index("SKU")
    assert [row[at] for row in written[1:]] == ["Z-1", "Z", "A", "0-NEW"]


def test_a_delimited_export_begins_with_a_byte_order_mark_where_asked(tmp_path):
    from catalog.exporting.tables import table_write

    ProductFactory(sku="A", title="Größe")
    path = tmp_path / "marked.csv"
    options = {"products": Product.objects.all(), "language": "en", "site": ""}
    table_write(
        target=path,
        export_format=ExportFormat.MODA_CSV,
        told=lambda count: None,
        byte_order_mark=True,
        **options,
    )
    assert path.read_bytes().startswith(b"\xef\xbb\xbfsku,title")
    assert not export(tmp_path, ExportFormat.MODA_CSV).read_bytes().startswith(b"\xef")


def test_a_host_that_no_name_server_knows_holds_nothing_up(tmp_path, monkeypatch):
    from catalog.importing import photo_reading

    monkeypatch.setattr("catalog.wakeups._send", lambda *_, **__: True)
    asked = []

    def unknown(address, **_):
        asked.append(address)
        raise FetchRefused("The host of the address cannot be found.", no_host=True)

    monkeypatch.setattr(photo_reading, "fetch", unknown)
    monkeypatch.setattr("catalog.importing.photo_step.photo_fetch", photo_reading.photo_fetch)
    path = tmp_path / "shop.csv"
    addresses = "|".join(f"https://gone.example.com/{number}.jpg" for number in range(50))
    path.write_text(table(["sku", "title", "photos"], ["A", "A", addresses]))
    product_import = product_import_create(path=path, name="shop.csv", apply_at_once=True)
    while import_run_one(go_on=lambda: True):
        pass
    photos_run(go_on=lambda: True)
    waiting = ImportPhoto.objects.filter(state=ImportPhotoState.WAITING)
    assert set(waiting.values_list("reason", flat=True)) == {
        "The host of the address cannot be found."
    }
    assert (waiting.count(), len(asked)) == (50, 2)
    ImportPhoto.objects.update(due_at=product_import.created_at)
    photos_run(go_on=lambda: True)
    photos_finish()
    product_import.refresh_from_db()
    assert product_import.state == ImportState.COMPLETED
    assert len(asked) == 4
    assert set(ImportPhoto.objects.values_list("state", "reason")) == {
        ("faulty", "The host of the address cannot be found.")
    }


def test_a_name_without_an_address_is_told_as_such(monkeypatch):
    from catalog.fetching import fetch

    def resolve(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("requests_hardened.ip_filter.socket.getaddrinfo", resolve)
    with pytest.raises(FetchRefused, match="cannot be found") as refused:
        fetch("https://gone.example.com/a.jpg", largest=10, seconds=1)
    assert refused.value.no_host


def test_the_command_prints_its_outcome_for_programs(tmp_path, capsys):
    path = tmp_path / "shop.csv"
    path.write_text(table(["sku", "title"], ["A", "A"], ["", "B"], ["C", "c" * 201]))
    call_command("import_products", path, json=True)
    outcome = json.loads(capsys.readouterr().out)
    outcome.pop("import")
    assert outcome == {
        "created": 2,
        "updated": 0,
        "unchanged": 0,
        "photos": 0,
        "refused": [{"line": 3, "reason": "The SKU is empty."}],
        "flagged": [
            {
                "line": 4,
                "reason": "title: Shortened from 201 to 200 characters; exports have the whole "
                "of it.",
            }
        ],
    }


def test_texts_of_a_shop_are_not_shortened_in_its_own_file(import_text, tmp_path):
    """An edit of another fact leaves a long cell whole."""
    title = "t" * 230
    import_text(table(["Handle", "Title", "Vendor", "Variant SKU"], ["a", title, "Old", "A"]))
    Product.objects.update(brand="New")
    assert rows_of(export(tmp_path, ExportFormat.SHOPIFY))[1] == ["a", title, "New", "A"]
