"""Files in several languages beside each other: none takes another's words."""

import pytest

from catalog.choices import ExportFormat, ImportState
from catalog.exceptions import ImportRefused
from catalog.importing.running import import_run_one
from catalog.importing.services import product_import_undo
from catalog.models import Description, ImportPhoto, Product, ProductTranslation
from tests.catalog.importing.test_formats import export, no_fetches, rows_of
from tests.catalog.importing.test_oddities import table

__all__ = ["no_fetches"]
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

OWN = ["sku", "title", "brand", "category", "colour", "description", "attribute:fabric", "photos"]
ENGLISH = table(OWN, ["A", "Shirt", "Acme", "Men > Shirts", "Blue", "A blue shirt.", "cotton", ""])
GERMAN = table(
    OWN,
    ["A", "Hemd", "Anders", "Herren > Hemden", "Blau", "Ein blaues Hemd.", "Baumwolle",
     "https://shop.example.com/hemd.jpg"],
)  # fmt: skip


def own():
    """What the product says in the shop's language."""
    product = Product.objects.select_related("category").get(sku="A")
    return (
        product.title,
        product.brand,
        str(product.category),
        product.colour,
        product.attributes,
    )


def translations():
    rows = ProductTranslation.objects.order_by("product__sku", "language")
    return list(rows.values_list("language", "title", "colour", "attributes"))


def texts():
    rows = Description.objects.filter(state="approved").order_by("language")
    return list(rows.values_list("language", "standard"))


IN_ENGLISH = ("Shirt", "Acme", "Shirts", "Blue", {"fabric": "cotton"})
IN_GERMAN = ("de", "Hemd", "Blau", {"fabric": "Baumwolle"})


def test_a_file_in_another_language_is_a_translation_beside_the_shops(import_text):
    import_text(ENGLISH)
    report = import_text(GERMAN, language="de")
    assert (report.created, report.updated, report.refused) == (0, 1, [])
    assert own() == IN_ENGLISH
    assert translations() == [IN_GERMAN]
    assert texts() == [("de", "Ein blaues Hemd."), ("en", "A blue shirt.")]
    assert not ImportPhoto.objects.exists()
    (row,) = report.product_import.rows.all()
    assert row.changes == {
        "de:title": ["", "Hemd"],
        "de:colour": ["", "Blau"],
        "de:attributes.fabric": ["", "Baumwolle"],
        "standard": ["", "Ein blaues Hemd."],
    }


def test_both_languages_come_again_every_day_and_change_nothing(import_text):
    import_text(ENGLISH)
    import_text(GERMAN, language="de")
    for content, language in ((ENGLISH, "en"), (GERMAN, "de"), (ENGLISH, ""), (GERMAN, "DE")):
        report = import_text(content, language=language)
        assert (report.updated, report.unchanged) == (0, 1)
    ProductTranslation.objects.update(title="Oberhemd")
    Product.objects.update(title="Blouse")
    for content, language in ((ENGLISH, "en"), (GERMAN, "de")):
        import_text(content, language=language)
    changed = GERMAN.replace("Hemd,", "Businesshemd,").replace("Baumwolle", "Leinen")
    report = import_text(changed, language="de")
    assert report.as_json()["flagged"] == [
        {
            "line": 2,
            "reason": "title (de): Changed here and in the file; kept ours, not 'Businesshemd'.",
        }
    ]
    assert own() == ("Blouse", *IN_ENGLISH[1:])
    assert translations() == [("de", "Oberhemd", "Blau", {"fabric": "Leinen"})]


def test_undo_takes_a_translation_back_and_nothing_else(import_text):
    import_text(ENGLISH)
    first = import_text(GERMAN, language="de").product_import
    ProductTranslation.objects.update(colour="Hellblau")
    product_import_undo(product_import=first, actor=None)
    assert import_run_one(go_on=lambda: True, only=first.pk)
    first.refresh_from_db()
    assert (first.state, first.rows.get().state) == (ImportState.UNDONE, "kept")
    assert (own(), texts()) == (IN_ENGLISH, [("en", "A blue shirt.")])
    assert translations() == [("de", "", "Hellblau", {})]


def test_what_is_the_same_in_both_languages_is_no_translation(import_text):
    import_text(ENGLISH)
    import_text(GERMAN.replace("Hemd,", "Shirt,").replace("Blau,", ","), language="de")
    assert translations() == [("de", "", "", {"fabric": "Baumwolle"})]


def test_a_cleared_cell_clears_the_translation_alone(import_text):
    import_text(ENGLISH)
    import_text(GERMAN, language="de")
    cells = ["A", "[clear]", "", "", "[clear]", "", "[clear]", ""]
    import_text(table(OWN, cells), language="de")
    assert (own(), translations()) == (IN_ENGLISH, [])


def test_a_new_product_takes_its_title_until_the_shops_language_has_one(import_text):
    report = import_text(GERMAN, language="de")
    assert report.as_json()["flagged"] == [
        {
            "line": 2,
            "reason": "title: New here, so the title in de stands in for one in en until a file "
            "says that.",
        }
    ]
    assert own() == ("Hemd", "Anders", "Hemden", "", {})
    assert translations() == [IN_GERMAN]
    import_text(ENGLISH)
    assert own() == IN_ENGLISH
    assert translations() == [IN_GERMAN]
    first = report.product_import
    product_import_undo(product_import=first, actor=None)
    assert import_run_one(go_on=lambda: True, only=first.pk)
    assert own() == IN_ENGLISH


def test_a_new_product_of_another_language_is_undone_whole(import_text):
    first = import_text(GERMAN, language="de").product_import
    product_import_undo(product_import=first, actor=None)
    assert import_run_one(go_on=lambda: True, only=first.pk)
    assert (Product.objects.count(), ProductTranslation.objects.count()) == (0, 0)


def test_the_shops_language_is_a_setting(import_text, settings):
    settings.SHOP_LANGUAGE = "de"
    import_text(GERMAN)
    import_text(ENGLISH, language="en")
    assert own() == ("Hemd", "Anders", "Hemden", "Blau", {"fabric": "Baumwolle"})
    assert translations() == [("en", "Shirt", "Blue", {"fabric": "cotton"})]
    assert texts() == [("de", "Ein blaues Hemd."), ("en", "A blue shirt.")]


@pytest.mark.parametrize("language", ["klingon", "d", "de;"])
def test_a_language_that_is_none_is_refused(import_text, language):
    with pytest.raises(ImportRefused, match="write a code such as de or pt-BR"):
        import_text(ENGLISH, language=language)


def test_an_export_in_a_language_has_its_words_and_no_text_of_another(import_text, tmp_path):
    import_text(ENGLISH)
    import_text(table(OWN, ["B", "Cap", "", "", "Red", "A red cap.", "wool", ""]))
    import_text(GERMAN, language="de")

    def cells(language):
        header, *rows = rows_of(export(tmp_path, ExportFormat.MODA_CSV, language=language))
        wanted = [header.index(name) for name in (OWN[0], OWN[1], *OWN[4:7])]
        return [[row[place] for place in wanted] for row in rows]

    assert cells("en") == [
        ["A", "Shirt", "Blue", "A blue shirt.", "cotton"],
        ["B", "Cap", "Red", "A red cap.", "wool"],
    ]
    assert cells("de") == [
        ["A", "Hemd", "Blau", "Ein blaues Hemd.", "Baumwolle"],
        ["B", "Cap", "Red", "", "wool"],
    ]


def test_an_export_follows_the_chain_of_the_setting(import_text, tmp_path, settings):
    settings.LANGUAGE_FALLBACKS = {"de-AT": ["de"]}
    import_text(ENGLISH)
    import_text(GERMAN, language="de")
    import_text(table(["sku", "colour"], ["A", "Blitzblau"]), language="de-AT")
    header, row = rows_of(export(tmp_path, ExportFormat.MODA_CSV, language="de-AT"))
    assert (row[header.index("title")], row[header.index("colour")]) == ("Hemd", "Blitzblau")
    header, row = rows_of(export(tmp_path, ExportFormat.MODA_CSV, language="fr"))
    assert (row[header.index("title")], row[header.index("colour")]) == ("Shirt", "Blue")


GOOGLE = ["id", "title", "description", "link", "image_link", "availability", "price", "color"]


def test_googles_feeds_of_two_countries(import_text, tmp_path):
    link = "https://shop.example.com/a"
    british = table(GOOGLE, ["A", "Shirt", "A shirt.", link, "", "in_stock", "20.00 GBP", "Blue"])
    german = table(GOOGLE, ["A", "Hemd", "Ein Hemd.", link, "", "in_stock", "25.00 EUR", "Blau"])
    import_text(british)
    report = import_text(german, language="de")
    assert (report.updated, report.refused) == (1, [])
    (variant,) = Product.objects.get().variants.all()
    assert (str(variant.price), variant.currency) == ("20.0000", "GBP")
    for language, content in (("de", german), ("en", british)):
        written = rows_of(export(tmp_path, ExportFormat.GOOGLE_TSV, language=language))
        assert table(*written) == content


MAGENTO = ["sku", "store_view_code", "product_type", "name", "description", "short_description",
           "price", "additional_attributes"]  # fmt: skip
VIEWS = table(
    MAGENTO,
    ["A", "", "simple", "Shirt", "A long text.", "A shirt.", "20.00", "color=Blue,fit=slim"],
    ["A", "german", "", "Hemd", "Ein langer Text.", "", "", "color=Blau"],
    ["A", "b2b", "", "Trade shirt", "", "", "", ""],
    ["A", "fr_fr", "", "Chemise", "", "Une chemise.", "", ""],
)


def test_magentos_store_views_are_languages(import_text, tmp_path):
    report = import_text(VIEWS)
    assert report.as_json()["flagged"] == [
        {
            "line": 2,
            "reason": "Which language the store view b2b has is not known: its cells stay for "
            "exports. MODA_STORE_VIEWS can name it.",
        }
    ]
    product = Product.objects.get()
    assert (product.title, product.colour) == ("Shirt", "Blue")
    assert translations() == [("de", "Hemd", "Blau", {}), ("fr-FR", "Chemise", "", {})]
    assert texts() == [("en", "A shirt."), ("fr-FR", "Une chemise.")]
    assert table(*rows_of(export(tmp_path, ExportFormat.MAGENTO))) == VIEWS
    assert import_text(VIEWS).updated == 0
    ProductTranslation.objects.filter(language="de").update(title="Oberhemd", colour="Hellblau")
    edited = VIEWS.replace("Hemd,", "Oberhemd,").replace("color=Blau", "color=Hellblau")
    assert table(*rows_of(export(tmp_path, ExportFormat.MAGENTO))) == edited
    import_text(VIEWS.replace("Shirt,", "Shirt X,"))
    assert translations()[0] == ("de", "Oberhemd", "Hellblau", {})


def test_a_translation_leaves_in_a_new_row_of_the_view_that_the_settings_name(
    import_text, tmp_path, settings
):
    settings.STORE_VIEWS = {"iberia": ["es"], "b2b": ["en"]}
    import_text(VIEWS)
    ProductTranslation.objects.create(
        product=Product.objects.get(), language="es", title="Camisa", attributes={"fit": "ceñido"}
    )
    *rows, last = rows_of(export(tmp_path, ExportFormat.MAGENTO))
    assert table(*rows) == VIEWS
    assert last == ["A", "iberia", "", "Camisa", "", "", "", "fit=ceñido"]


def test_undo_of_store_views_brings_every_language_back(import_text):
    import_text(VIEWS)
    again = VIEWS.replace("Hemd", "Oberhemd").replace("Une chemise.", "Une belle chemise.")
    second = import_text(again).product_import
    assert texts() == [("en", "A shirt."), ("fr-FR", "Une belle chemise.")]
    product_import_undo(product_import=second, actor=None)
    assert import_run_one(go_on=lambda: True, only=second.pk)
    assert texts() == [("en", "A shirt."), ("fr-FR", "Une chemise.")]
    assert translations() == [("de", "Hemd", "Blau", {}), ("fr-FR", "Chemise", "", {})]
    assert second.rows.get().state == "undone"


TRANSLATIONS = ["Type", "Identification", "Field", "Locale", "Market", "Status",
                "Default content", "Translated content"]  # fmt: skip
SHOPIFY = table(
    ["Handle", "Title", "Body (HTML)", "Variant SKU", "Option1 Name", "Option1 Value"],
    ["linen-shirt", "Linen shirt", "<p>Airy.</p>", "LS-1", "Size", "M"],
)


def translated(*rows):
    return table(TRANSLATIONS, *(["PRODUCT", "'77", *row] for row in rows))


GERMAN_ROWS = (
    ["title", "de", "", "", "Linen shirt", "Leinenhemd"],
    ["body_html", "de", "", "", "<p>Airy.</p>", "<p>Luftig &amp; leicht.</p>"],
    ["handle", "de", "", "", "linen-shirt", "leinenhemd"],
    ["title", "pt-BR", "", "", "Linen shirt", "Camisa de linho"],
    ["meta_title", "de", "", "", "", ""],
)


def test_shopifys_translations_find_their_product_by_its_handle(import_text):
    import_text(SHOPIFY)
    report = import_text(translated(*GERMAN_ROWS), name="translations.csv")
    assert report.product_import.format == "shopify_translations"
    assert (report.created, report.updated, report.as_json()["refused"]) == (0, 1, [])
    assert translations() == [("de", "Leinenhemd", "", {}), ("pt-BR", "Camisa de linho", "", {})]
    assert texts() == [("de", "Luftig & leicht."), ("en", "Airy.")]
    assert Product.objects.get().title == "Linen shirt"
    assert import_text(translated(*GERMAN_ROWS)).unchanged == 1
    assert import_text(SHOPIFY).unchanged + import_text(SHOPIFY).unchanged == 2
    assert import_text(translated(*GERMAN_ROWS), language="de").updated == 0
    assert translations()[0] == ("de", "Leinenhemd", "", {})


def test_translations_that_cannot_be_taken_are_named(import_text):
    import_text(SHOPIFY)
    content = table(
        TRANSLATIONS,
        ["PRODUCT", "1", "title", "de", "", "", "Cap", "Kappe"],
        ["PRODUCT", "2", "handle", "de", "", "", "no-such", ""],
        ["PRODUCT", "2", "title", "de", "", "", "Sock", "Socke"],
        ["METAFIELD", "3", "value", "de", "", "", "cotton", "Baumwolle"],
        ["PRODUCT", "4", "handle", "de", "", "", "linen-shirt", ""],
        ["PRODUCT", "4", "title", "de", "Alps", "", "Linen shirt", "Bergshirt"],
    )
    outcome = import_text(content).as_json()
    assert outcome["refused"] == [
        {
            "line": 2,
            "reason": "No row has the handle of product 1, so nobody knows which it is: export "
            "the translations with all fields.",
        },
        {"line": 3, "reason": "There is no product no-such: import the products first."},
        {"line": 5, "reason": "A translation of METAFIELD: only products have them here."},
    ]
    assert outcome["flagged"] == [
        {"line": 6, "reason": "title: The text for market Alps is left out."}
    ]
    assert (Product.objects.count(), translations()) == (1, [])


def test_a_translation_with_a_number_of_its_own_is_found_by_its_sku(import_text):
    header = ["ID", "Type", "SKU", "Name", "Published", "Short description"]
    english = table(header, ["7", "simple", "A", "Shirt", "1", "A shirt."])
    german = table(header, ["99", "simple", "A", "Hemd", "1", "Ein Hemd."])
    import_text(english)
    for _ in range(2):
        import_text(german, language="de")
        report = import_text(english)
        assert (report.created, report.as_json()["flagged"]) == (0, [])
    assert (Product.objects.get().title, translations()) == ("Shirt", [("de", "Hemd", "", {})])
