"""Files of each shop go in, and come out again cell by cell but for what was edited."""

import csv
import io

import pytest
from openpyxl import load_workbook

from catalog.choices import DescriptionState, DescriptionUse, ExportFormat
from catalog.exporting.tables import table_write
from catalog.models import Description, Product
from catalog.tables.delimited import delimited_rows
from catalog.tables.feed import feed_rows
from catalog.transitions.description import description_approve, description_revise
from tests.catalog.tables import samples
from tests.factories import DescriptionFactory, ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

FORMATS = {
    "shopify": (samples.SHOPIFY, ExportFormat.SHOPIFY),
    "shopify_2025": (samples.SHOPIFY_2025, ExportFormat.SHOPIFY),
    "woocommerce": (samples.WOOCOMMERCE, ExportFormat.WOOCOMMERCE),
    "magento": (samples.MAGENTO, ExportFormat.MAGENTO),
    "google_tsv": (samples.GOOGLE_TSV, ExportFormat.GOOGLE_TSV),
    "moda": (samples.OWN, ExportFormat.MODA_CSV),
}


_OWN = (ExportFormat.MODA_CSV, ExportFormat.MODA_XLSX)


@pytest.fixture(autouse=True)
def no_fetches(monkeypatch):
    """No shop is asked for its photos here."""

    def refuse(address, *, attempts):
        from catalog.exceptions import PhotoRefused

        raise PhotoRefused("No network in this test.")

    monkeypatch.setattr("catalog.importing.photo_step.photo_fetch", refuse)


def export(tmp_path, export_format, products=None, *, language="en"):
    path = tmp_path / "export"
    table_write(
        target=path,
        export_format=export_format,
        products=Product.objects.all() if products is None else products,
        language=language,
        site="https://catalog.example.com",
        told=lambda count: None,
    )
    return path


def rows_of(path):
    return [list(row.cells) for row in delimited_rows(path)]


def original_rows(tmp_path, content):
    path = tmp_path / "original"
    path.write_text(content)
    return rows_of(path)


def facts(sku):
    product = Product.objects.select_related("category").get(sku=sku)
    names = ("title", "brand", "colour", "gender", "state")
    found = {name: getattr(product, name) for name in names if getattr(product, name)}
    names = []
    category = product.category
    while category is not None:
        names.insert(0, category.name)
        category = category.parent
    if names:
        found["category"] = " > ".join(names)
    text = product.descriptions.filter(state=DescriptionState.APPROVED, language="en").first()
    texts = [text.standard, text.alt_text, text.detailed] if text else []
    return found, product.attributes, texts


def test_shopify_takes_the_rows_of_a_handle_for_one_product(import_text):
    report = import_text(samples.SHOPIFY)
    assert report.product_import.format == "shopify"
    assert (report.created, report.product_import.faulty_count) == (2, 0)
    assert facts("LS-NAVY-S") == (
        {
            "title": "Linen Shirt",
            "brand": "Acme",
            "colour": "Navy",
            "gender": "men",
            "state": "published",
            "category": "Apparel & Accessories > Clothing > Shirts",
        },
        {"product_type": "Shirts", "tags": "summer, linen", "size": "S, M"},
        ["A linen shirt & more.\nAiry\nSoft", "Navy linen shirt", ""],
    )
    assert facts("kids-cap") == (
        {"title": 'Kids\' "Sun" Cap', "brand": "Acme", "gender": "girls", "state": "draft"},
        {"product_type": "Caps"},
        [],
    )
    photos = report.product_import.photos.order_by("number").values_list("name", flat=True)
    assert list(photos) == [f"https://cdn.example.com/{name}.jpg?v=1" for name in "abc"]


def test_shopifys_newer_spelling_of_the_header(import_text):
    assert import_text(samples.SHOPIFY_2025).product_import.format == "shopify"
    found, _, texts = facts("WS-1")
    assert (found["title"], found["colour"], found["state"]) == ("Wool Scarf", "Grey", "published")
    assert texts == ["Warm.", "A scarf", ""]


def test_woocommerce_takes_attributes_from_numbered_columns(import_text):
    report = import_text(samples.WOOCOMMERCE)
    assert report.product_import.format == "woocommerce"
    assert facts("HOODIE") == (
        {
            "title": "Hoodie",
            "brand": "Acme",
            "state": "published",
            "category": "Clothing > Hoodies",
        },
        {
            "tags": "cotton, warm",
            "woocommerce_type": "variable",
            "Color": "Blue, Red",
            "Fit": "Regular",
        },
        ["A hoodie. Warm.", "", "Long text."],
    )
    assert facts("HOODIE-BLUE")[1]["parent"] == "HOODIE"
    assert facts("HOODIE-BLUE")[0]["colour"] == "Blue"
    found, _, texts = facts("woo-46")
    assert (found["category"], texts) == ("Music, Records", ["Only a long text.", "", ""])
    names = report.product_import.photos.filter(row__sku="HOODIE").values_list("name", flat=True)
    assert sorted(names) == [
        "https://shop.example.com/h,1.jpg",
        "https://shop.example.com/h2.jpg",
    ]


def test_magento_takes_attributes_from_the_long_cell(import_text):
    report = import_text(samples.MAGENTO)
    assert report.product_import.format == "magento"
    assert (report.created, report.product_import.faulty_count) == (2, 0)
    assert facts("WSH12") == (
        {
            "title": "Erika Short",
            "brand": "Acme",
            "state": "published",
            "category": "Women > Shorts",
        },
        {
            "product_type": "configurable",
            "climate": "Mild, Warm",
            "material": "Cotton, Polyester",
            "pattern": "Solid, plain",
            "gender": "Women, Girls",
        },
        ["A great short.", "Erika", ""],
    )
    assert facts("WSH12-28-Blue")[0]["state"] == "draft"
    names = report.product_import.photos.filter(row__sku="WSH12").order_by("number")
    assert [photo.name for photo in names] == ["w/s/wsh12.jpg", "w/s/wsh12_alt.jpg"]


@pytest.mark.parametrize("form", ["tsv", "xml"])
def test_google_feeds(import_text, form):
    content = samples.GOOGLE_TSV if form == "tsv" else samples.GOOGLE_XML
    report = import_text(content, name=f"feed.{form}")
    assert report.product_import.format == "google"
    found, _, texts = facts("SKU-1")
    assert found["title"] == "Red Dress"
    assert (found["brand"], found["colour"], found["gender"]) == ("Acme", "Red", "women")
    assert texts == ["A dress, red." if form == "tsv" else "A red dress.", "", ""]
    photos = report.product_import.photos.filter(row__sku="SKU-1").order_by("number")
    assert [photo.name[-6:] for photo in photos] == ["/1.jpg", "1b.jpg", "1c.jpg"]
    if form == "tsv":
        assert found["category"] == "Women > Dresses"
        assert facts("SKU-2")[0]["gender"] == "boys"


def test_the_own_format(import_text):
    assert import_text(samples.OWN).product_import.format == "moda"
    assert facts("A-1") == (
        {
            "title": "Linen shirt",
            "brand": "Acme",
            "colour": "Blue",
            "gender": "men",
            "state": "draft",
            "category": "Apparel > Shirts",
        },
        {"Fabric": "Linen", "care": "Wash, cold"},
        ["A shirt.", "Shirt", ""],
    )


@pytest.mark.parametrize("use", [DescriptionUse.APPROVED, DescriptionUse.IGNORE])
@pytest.mark.parametrize("name", FORMATS)
def test_what_came_in_goes_out_unchanged(import_text, tmp_path, name, use):
    content, export_format = FORMATS[name]
    import_text(content, descriptions=use)
    came = original_rows(tmp_path, content)
    went = rows_of(export(tmp_path, export_format))
    if name == "shopify":  # the apostrophe before a SKU stays: it is in the cell
        assert any("'LS-NAVY-S" in row for row in went)
    assert went[0] == came[0]
    assert sorted(went[1:]) == sorted(came[1:])


def test_an_xml_feed_goes_out_with_the_same_elements(import_text, tmp_path):
    import_text(samples.GOOGLE_XML, name="feed.xml")
    (tmp_path / "came.xml").write_text(samples.GOOGLE_XML)
    came, went = (
        [dict(zip(rows[0].cells, row.cells, strict=True)) for row in rows[1:]]
        for rows in (
            list(feed_rows(tmp_path / "came.xml")),
            list(feed_rows(export(tmp_path, ExportFormat.GOOGLE_XML))),
        )
    )
    assert [{k: v for k, v in item.items() if v} for item in went] == [
        {k: v for k, v in item.items() if v} for item in came
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_only_edited_cells_are_written_anew(import_text, tmp_path, name):
    content, export_format = FORMATS[name]
    import_text(content)
    product = Product.objects.exclude(brand="").order_by("-sku").first()
    texts = product.descriptions.filter(state=DescriptionState.APPROVED)
    product.brand = "Other"
    product.save()
    if text := texts.first():
        draft = description_revise(
            description=text, actor=None, texts={"standard": "Mine & yours."}
        )
        description_approve(description=draft, actor=None)
    came = original_rows(tmp_path, content)
    went = rows_of(export(tmp_path, export_format))
    before = {cell for row in came for cell in row}
    new = {cell for row in went for cell in row} - before
    words = " ".join(new)
    assert "Other" in words
    assert ("Mine" in words) == bool(text)
    assert len(new) <= 4  # brand, text and what an edit of the text removed beside it
    assert sum(map(len, went)) == sum(map(len, came))


@pytest.mark.parametrize("export_format", [f for f in ExportFormat if f != "imagefolder"])
def test_products_from_no_file_go_out_in_every_format_and_come_in_again(
    import_text, tmp_path, export_format
):
    product = ProductFactory(
        sku="NEW-1", title='Red, "big" bag', brand="Acme", colour="Red", gender="women"
    )
    DescriptionFactory(
        product=product,
        state=DescriptionState.APPROVED,
        standard="Line one.\nLine <two> & more.",
        generated_standard="",
        bullets='Red, big\nFor "women"',
        meta_title="Red bag | Acme",
        meta_description="A red bag.",
    )
    path = export(tmp_path, export_format)
    content = path.read_bytes()
    Description.objects.all().delete()
    product.delete()
    suffix = {"moda_xlsx": "xlsx", "google_xml": "xml"}.get(export_format, "csv")
    report = import_text(content, name=f"again.{suffix}")
    assert report.refused == []
    found, _, texts = facts("NEW-1")
    assert found["title"] == 'Red, "big" bag'
    assert (found["brand"], found["colour"], found["gender"]) == ("Acme", "Red", "women")
    assert texts[0] == "Line one.\nLine <two> & more."
    written = Description.objects.get()
    with_bullets = export_format in (*_OWN, ExportFormat.GOOGLE_TSV, ExportFormat.GOOGLE_XML)
    assert written.bullets == ('Red, big\nFor "women"' if with_bullets else "")
    for_search = export_format in (*_OWN, ExportFormat.SHOPIFY)
    assert written.meta_title == ("Red bag | Acme" if for_search else "")
    assert written.meta_description == ("A red bag." if for_search else "")


def test_formulas_leave_as_text_and_come_back_as_they_were(import_text, tmp_path):
    titles = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "-5", "'quoted"]
    for number, title in enumerate(titles):
        ProductFactory(sku=f"P-{number}", title=title)
    path = export(tmp_path, ExportFormat.MODA_CSV)
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [row["title"] for row in rows] == [
        "'=1+1",
        "'+cmd|' /C calc'!A0",
        "'-2+3",
        "'@SUM(A1)",
        "-5",
        "'quoted",
    ]
    report = import_text(path.read_bytes())
    assert (report.updated, report.refused) == (0, [])
    book = load_workbook(io.BytesIO(export(tmp_path, ExportFormat.MODA_XLSX).read_bytes()))
    cells = [row[1] for row in book.active.iter_rows(min_row=2)]
    assert [(cell.value, cell.data_type) for cell in cells] == [(t, "s") for t in titles]


def test_columns_that_no_format_knows_stay_where_they_were(import_text, tmp_path):
    import_text(samples.WOOCOMMERCE)
    rows = rows_of(export(tmp_path, ExportFormat.WOOCOMMERCE, Product.objects.filter(sku="HOODIE")))
    assert rows[1][rows[0].index("Meta: _custom")] == "kept"


def test_our_own_google_feed_of_many_products_comes_back(tmp_path):
    for number in range(300):
        ProductFactory(sku=f"P-{number:03}", title="Shirt & Co", brand="Wren", colour="red")
    path = export(tmp_path, ExportFormat.GOOGLE_XML)
    header, *rows = feed_rows(path)
    assert len(rows) == 300
    assert rows[299].cells[list(header.cells).index("id")] == "P-299"
