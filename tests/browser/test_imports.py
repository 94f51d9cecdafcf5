"""A strange table in a real browser: its columns are mapped, its dry run read, then applied."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from catalog.choices import ImportState
from catalog.models import Product, ProductExport, ProductImport
from catalog.workers.importing import imports_wake_run
from tests.catalog.tables.samples import STRANGE
from tests.factories import ProductFactory


@pytest.fixture(autouse=True)
def folders(settings, tmp_path, monkeypatch):
    """Files of this test alone, no broker, and no shop that is asked for photos."""
    settings.IMPORT_DIRECTORY = tmp_path / "imports"
    monkeypatch.setattr("catalog.wakeups._send", lambda *_, **__: True)

    def refuse(address, *, attempts):
        from catalog.exceptions import PhotoRefused

        raise PhotoRefused("No network in this test.")

    monkeypatch.setattr("catalog.importing.photo_step.photo_fetch", refuse)


def picture(page, name):
    """Keeps a picture of the page where somebody asked for them."""
    if folder := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


def check(page, name):
    """No grave axe fault, and nothing wider than a phone."""
    found = Axe().run(page, options={"preload": False}).response["violations"]
    grave = [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")]
    assert grave == [], name
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
    assert not wide, name
    page.set_viewport_size({"width": 1280, "height": 900})
    picture(page, name)


def test_a_strange_table_is_mapped_checked_applied_and_undone(logged_in, live_server, tmp_path):
    ProductFactory(sku="4712", title="Alte Hose", colour="Rot")
    table = tmp_path / "artikel.csv"
    table.write_bytes((STRANGE + ";ohne;;;;\n").encode("cp1252"))
    page = logged_in()
    page.goto(f"{live_server.url}/admin/catalog/productimport/")
    check(page, "no-imports")
    page.get_by_role("link", name="Import products").click()
    check(page, "begin")
    page.get_by_label("File", exact=True).set_input_files(table)
    page.get_by_role("button", name="Start the dry run").click()
    expect(page.get_by_role("heading", name="Reading the file")).to_be_visible()

    imports_wake_run()
    # The page notices by itself.
    page.get_by_role("link", name="Map the columns").click()
    expect(page.get_by_label("Artikelnummer")).to_have_value("sku")
    expect(page.get_by_label("Bezeichnung")).to_have_value("title")
    expect(page.get_by_label("Farbe")).to_have_value("colour")
    expect(page.get_by_label("Bild-URL")).to_have_value("photos")
    expect(page.get_by_text("Größe M Hemd")).to_be_visible()
    check(page, "columns")
    page.get_by_label("Beschreibungstext").select_option("Description")
    page.get_by_label("Preis").select_option("Attribute, named after the column")
    page.get_by_role("button", name="Continue with the dry run").click()

    imports_wake_run()
    page.get_by_role("button", name="Apply").wait_for()
    assert Product.objects.get(sku="4712").title == "Alte Hose"
    expect(page.locator(".moda-changes").first).to_contain_text("Alte Hose → Hose")
    check(page, "dry-run")
    page.get_by_role("link", name="Faulty (1)").click()
    expect(page.locator(".moda-rows td").last).to_contain_text("The SKU is empty.")
    check(page, "faulty")
    page.get_by_role("button", name="Apply").click()

    imports_wake_run()
    page.get_by_role("button", name="Undo the import").wait_for()
    assert Product.objects.get(sku="4711").attributes == {"Preis": "19,90"}
    check(page, "applied")
    page.get_by_role("button", name="Undo the import").click()
    imports_wake_run()
    expect(page.get_by_role("heading", name="Undone")).to_be_visible()
    assert list(Product.objects.values_list("sku", "title")) == [("4712", "Alte Hose")]
    assert ProductImport.objects.get().state == ImportState.UNDONE
    kept = [path for path in (tmp_path / "imports").rglob("*") if path.is_file()]
    assert kept == []


def test_products_are_exported_and_the_file_loaded(logged_in, live_server, tmp_path):
    ProductFactory(sku="A", title="Shirt")
    page = logged_in()
    page.goto(f"{live_server.url}/admin/catalog/product/")
    page.get_by_label("Select all objects on this page").check()
    page.locator("select[name=action]").select_option("Export selected products")
    page.get_by_role("button", name="Go", exact=True).click()
    check(page, "export")
    page.get_by_role("button", name="Export", exact=True).click()
    expect(page.get_by_text("0 of 1 product written")).to_be_visible()
    imports_wake_run()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    check(page, "exported")
    download.value.save_as(tmp_path / "file.csv")
    assert (tmp_path / "file.csv").read_text().splitlines()[1].startswith("A,Shirt,")
    assert ProductExport.objects.get().written == 1
