"""Dry run, apply, undo, cancel: each does what it says and nothing else."""

import csv
import io

import pytest

from catalog.choices import (
    DescriptionState,
    DescriptionUse,
    ImportState,
    ProductState,
    RowOutcome,
    RowState,
)
from catalog.exceptions import ImportRefused, LeaseLost, TransitionRefused
from catalog.importing.running import import_run_one
from catalog.importing.services import (
    import_path_check,
    product_import_apply,
    product_import_cancel,
    product_import_map,
    product_import_undo,
    upload_store,
)
from catalog.importing.staging import faulty_rows_csv
from catalog.models import (
    Category,
    Description,
    ImportRow,
    Product,
    ProductImage,
    TrainingCaption,
)
from catalog.transitions.description import description_revise
from catalog.transitions.import_export import import_advance, import_lease
from tests.catalog.tables import samples
from tests.factories import DescriptionFactory, ProductFactory, photo_bytes

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

TABLE = "sku,title,brand,colour,description\nA,Shirt,Acme,Red,A red shirt.\nB,Bag,,,\n"


def run(product_import):
    while import_run_one(go_on=lambda: True, only=product_import.pk):
        product_import.refresh_from_db()
    product_import.refresh_from_db()


def undo(product_import):
    product_import_undo(product_import=product_import, actor=None)
    run(product_import)
    assert product_import.state == ImportState.UNDONE


def everything():
    return [
        list(model.objects.order_by("pk").values())
        for model in (Product, Category, Description, ProductImage, TrainingCaption)
    ]


def counts(product_import):
    row = product_import
    return (row.new_count, row.changed_count, row.unchanged_count, row.faulty_count)


def texts(sku):
    rows = Description.objects.filter(product__sku=sku).order_by("pk")
    return list(rows.values_list("state", "standard"))


# Dry run and apply


def test_a_dry_run_writes_nothing_and_apply_does_what_it_showed(import_text):
    ProductFactory(sku="A", title="Shirt", brand="Other", state=ProductState.DRAFT)
    before = everything()
    product_import = import_text(TABLE, dry_run=True).product_import
    assert product_import.state == ImportState.CHECKED
    assert everything() == before
    assert counts(product_import) == (1, 1, 0, 0)
    rows = list(product_import.rows.values_list("line", "sku", "outcome", "changes"))
    assert rows == [
        (
            2,
            "A",
            RowOutcome.CHANGED,
            {
                "brand": ["Other", "Acme"],
                "colour": ["", "Red"],
                "standard": ["", "A red shirt."],
            },
        ),
        (3, "B", RowOutcome.NEW, {"title": ["", "Bag"]}),
    ]
    product_import_apply(product_import=product_import, actor=None)
    run(product_import)
    found = list(Product.objects.values_list("sku", "title", "brand", "colour", "state"))
    assert found == [("A", "Shirt", "Acme", "Red", "draft"), ("B", "Bag", "", "", "draft")]
    assert texts("A") == [("approved", "A red shirt.")]


def test_importing_twice_changes_nothing(import_text):
    import_text(TABLE)
    before = everything()
    product_import = import_text(TABLE).product_import
    assert counts(product_import) == (0, 0, 2, 0)
    assert everything() == before
    assert product_import.rows.count() == 0  # nothing worth a row


def test_an_edit_since_the_last_import_is_not_taken_back(import_text):
    import_text(TABLE)
    product = Product.objects.get(sku="A")
    product.title = "Edited"
    product.save()
    product_import = import_text(TABLE, dry_run=True).product_import
    assert counts(product_import) == (0, 0, 2, 0)
    assert product_import.rows.get().changes == {}


def test_an_empty_cell_leaves_and_the_marker_clears(import_text):
    ProductFactory(sku="A", brand="Acme", colour="Red", attributes={"fit": "slim", "use": "x"})
    import_text("sku,title,brand,colour,attribute:fit,attribute:use\nA,,,[clear],[CLEAR],\n")
    product = Product.objects.get()
    assert (product.brand, product.colour, product.attributes) == ("Acme", "", {"use": "x"})


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("A,[clear],,,", "title: A product needs a title; it cannot be cleared."),
        (",x,,,", "The SKU is empty."),
        ("B,,,,", "title: A new product needs a title."),
        (f"{'b' * 256},x,,,", "sku: Ensure this value has at most 255 characters (it has 256)."),
        ("b\tc,x,,,", "sku: Use no control characters and no blanks at its ends."),
        ("A,x,,,[clear]", "description: A description cannot be cleared: withdraw it instead."),
    ],
)
def test_faulty_rows_are_named_and_the_rest_goes_on(import_text, row, reason):
    DescriptionFactory(product=ProductFactory(sku="A"), state=DescriptionState.APPROVED)
    report = import_text(f"sku,title,brand,colour,description\n{row}\nGOOD,Good,,,\n")
    assert report.refused == [("line 2", reason)]
    assert Product.objects.filter(sku="GOOD").exists()


def test_a_sku_twice_in_a_file_counts_once(import_text):
    report = import_text("sku,title\nA,First\nB,x\nA,Second\n")
    assert report.refused == [("line 4", "The SKU A is in line 2 already.")]
    assert Product.objects.get(sku="A").title == "First"


def test_an_encoding_that_does_not_exist_is_refused(import_text):
    for name in ("klingon", "hex"):
        with pytest.raises(ImportRefused, match=f"There is no encoding '{name}'"):
            import_text(TABLE, encoding=name)


def test_a_header_alone_is_refused(import_text):
    with pytest.raises(ImportRefused, match=r"table\.csv holds a header and no rows"):
        import_text("sku,title\n")


def test_a_product_that_was_changed_since_the_dry_run_is_left_alone(import_text):
    ProductFactory(sku="A", title="Shirt", brand="Other")
    product_import = import_text(TABLE, dry_run=True).product_import
    Product.objects.filter(sku="A").update(brand="Edited meanwhile")
    ProductFactory(sku="B", title="Made meanwhile")
    product_import_apply(product_import=product_import, actor=None)
    run(product_import)
    assert list(Product.objects.values_list("title", "brand")) == [
        ("Shirt", "Edited meanwhile"),
        ("Made meanwhile", ""),
    ]
    assert set(product_import.rows.values_list("state", flat=True)) == {RowState.REFUSED}
    assert "changed this product since the dry run" in product_import.rows.first().reason
    assert texts("A") == []


# Descriptions


def test_descriptions_as_drafts(import_text):
    import_text(TABLE, descriptions=DescriptionUse.DRAFTS)
    import_text(TABLE, descriptions=DescriptionUse.DRAFTS)
    assert texts("A") == [("draft", "A red shirt.")]


def test_descriptions_as_captions(import_text):
    import_text(TABLE, descriptions=DescriptionUse.CAPTIONS)
    import_text(TABLE, descriptions=DescriptionUse.CAPTIONS)
    assert texts("A") == []
    assert list(TrainingCaption.objects.values_list("product__sku", "text")) == [
        ("A", "A red shirt.")
    ]


def test_an_approved_description_supersedes_the_one_before(import_text):
    DescriptionFactory(
        product=ProductFactory(sku="A"), state=DescriptionState.APPROVED, standard="Old."
    )
    report = import_text(TABLE)
    assert texts("A") == [("superseded", "Old."), ("approved", "A red shirt.")]
    undo(report.product_import)
    assert texts("A") == [("approved", "Old."), ("withdrawn", "A red shirt.")]


# Undo


def test_undo_restores_what_it_changed_and_deletes_what_it_made(import_text):
    ProductFactory(sku="A", title="Shirt", brand="Other", attributes={"fit": "slim"})
    before = list(Product.objects.values("sku", "title", "brand", "colour", "attributes"))
    header = "sku,title,brand,category,attribute:fit,attribute:use"
    report = import_text(f"{header}\nA,New,Acme,X > Y,wide,home\nB,B,,,,\n")
    assert Category.objects.count() == 2
    undo(report.product_import)
    assert list(Product.objects.values("sku", "title", "brand", "colour", "attributes")) == before
    assert Product.objects.get().category is None
    assert Category.objects.count() == 0
    assert set(report.product_import.rows.values_list("state", flat=True)) == {RowState.UNDONE}


def test_undo_keeps_what_people_edited_since(import_text):
    ProductFactory(sku="A", title="Shirt", brand="Other")
    report = import_text("sku,title,brand,description\nA,New,Acme,\nB,Bag,,Text.\nC,Cap,,\n")
    Product.objects.filter(sku="A").update(brand="Edited")
    description_revise(
        description=Description.objects.get(product__sku="B"),
        actor=None,
        texts={"standard": "Mine."},
    )
    undo(report.product_import)
    assert list(Product.objects.values_list("sku", "title", "brand")) == [
        ("A", "Shirt", "Edited"),
        ("B", "Bag", ""),
    ]
    states = dict(report.product_import.rows.values_list("sku", "state"))
    assert states == {"A": RowState.KEPT, "B": RowState.KEPT, "C": RowState.UNDONE}


def test_undo_takes_photos_and_their_files_away(
    tmp_path, import_text, media_directory, django_capture_on_commit_callbacks
):
    (tmp_path / "a.jpg").write_bytes(photo_bytes())
    report = import_text("sku,title,photos\nA,Shirt,a.jpg\n")
    assert report.images == 1
    with django_capture_on_commit_callbacks(execute=True):
        undo(report.product_import)
    assert ProductImage.objects.count() == Product.objects.count() == 0
    assert [path for path in media_directory.rglob("*") if path.is_file()] == []


def test_the_same_file_can_be_imported_again_after_undo(import_text):
    undo(import_text(TABLE).product_import)
    assert import_text(TABLE).created == 2


# Cancel, leases


def test_cancel_ends_it_and_a_worker_that_was_at_it_writes_nothing(import_text):
    product_import = import_text(TABLE, dry_run=True).product_import
    product_import_apply(product_import=product_import, actor=None)
    held = import_lease(seconds=60, only=product_import.pk)
    product_import_cancel(product_import=product_import, actor=None)
    with pytest.raises(LeaseLost):
        import_advance(product_import=held, seconds=60, position=1)
    assert import_lease(seconds=60, only=product_import.pk) is None
    assert Product.objects.count() == 0
    with pytest.raises(TransitionRefused):
        product_import_apply(product_import=product_import, actor=None)


def test_a_step_that_was_stopped_goes_on_where_it_was(import_text, monkeypatch):
    monkeypatch.setattr("catalog.importing.checking.CHUNK", 3)
    monkeypatch.setattr("catalog.importing.applying.CHUNK", 3)
    lines = "".join(f"P-{number},Title {number}\n" for number in range(10))
    product_import = import_text(f"sku,title\n{lines}P-4,again\n", dry_run=True).product_import
    ImportRow.objects.all().delete()
    product_import.state, product_import.position = ImportState.CHECKING, 0
    product_import.new_count = product_import.faulty_count = product_import.row_count = 0
    product_import.save()
    stops = 0
    while product_import.state == ImportState.CHECKING:
        import_run_one(go_on=lambda: False, only=product_import.pk)
        product_import.refresh_from_db()
        stops += 1
    assert (counts(product_import), stops) == ((10, 0, 0, 1), 5)
    product_import_apply(product_import=product_import, actor=None)
    while product_import.state == ImportState.APPLYING:
        import_run_one(go_on=lambda: False, only=product_import.pk)
        product_import.refresh_from_db()
    assert Product.objects.count() == 10
    assert product_import.row_count == 11


def test_a_worker_that_lost_its_lease_has_doubled_nothing(import_text):
    """Its chunk and the position are one transaction, so the other begins where that ended."""
    product_import = import_text(TABLE, dry_run=True).product_import
    product_import_apply(product_import=product_import, actor=None)
    import_lease(seconds=-1, only=product_import.pk)  # died at once
    run(product_import)
    assert product_import.state == ImportState.PHOTOS
    assert Product.objects.count() == 2


def test_a_fault_of_ours_does_not_come_back_for_ever(import_text, monkeypatch):
    product_import = import_text(TABLE, dry_run=True).product_import
    product_import_apply(product_import=product_import, actor=None)

    def fail(*_, **__):
        raise RuntimeError("A fault.")

    monkeypatch.setattr("catalog.importing.running.apply_run", fail)
    for _ in range(5):
        with pytest.raises(RuntimeError):
            import_run_one(go_on=lambda: True, only=product_import.pk)
    assert not import_run_one(go_on=lambda: True, only=product_import.pk)
    product_import.refresh_from_db()
    assert product_import.state == ImportState.FAILED
    assert product_import.message == "The worker ended 5 times at the same rows."


# Faulty rows come again


def test_faulty_rows_can_be_mended_and_imported_again(import_text):
    table = 'sku,title,brand\nA,Shirt,Acme\n,"No, SKU",x\nC\nD,"open\nE,ok,\n'
    report = import_text(table)
    assert (report.created, report.product_import.faulty_count) == (2, 3)
    content = "".join(faulty_rows_csv(report.product_import))
    rows = list(csv.reader(io.StringIO(content)))
    assert rows == [
        ["import_error", "sku", "title", "brand"],
        ["Line 3: The SKU is empty.", "", "No, SKU", "x"],
        ["Line 4: The row has 1 cells, but the header has 3.", "C"],
        ["Line 5: A quote that opens in this row is never closed.", "D", "open"],
    ]
    for row, rest in zip(rows[1:], (["B"], ["C", "Cap", ""], ["D", "Dress", ""]), strict=True):
        row[1 : 1 + len(rest)] = rest
    mended = io.StringIO()
    csv.writer(mended).writerows(rows)
    again = import_text(mended.getvalue())
    assert again.refused == []
    assert list(Product.objects.values_list("sku", "title")) == [
        ("A", "Shirt"),
        ("B", "No, SKU"),
        ("C", "Cap"),
        ("D", "Dress"),
        ("E", "ok"),
    ]


# Columns of no known shop


def test_a_strange_table_waits_for_its_columns_which_are_remembered(import_text):
    with pytest.raises(ImportRefused, match="No known shop writes the columns"):
        import_text(samples.STRANGE.encode("cp1252"))
    mapping = {
        "Artikelnummer": "sku",
        "Bezeichnung": "title",
        "Farbe": "colour",
        "Beschreibungstext": "standard",
        "Preis": "attribute",
    }
    import_text(samples.STRANGE.encode("cp1252"), mapping=mapping)
    product = Product.objects.get(sku="4711")
    assert (product.title, product.colour) == ("Größe M Hemd", "Blau")
    assert product.attributes == {"Preis": "19,90"}
    assert texts("4711") == [("approved", "Ein schönes Hemd.")]
    again = import_text(samples.STRANGE.replace("Hose", "Jeans").encode("cp1252"))
    assert again.updated == 1


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ({}, "Choose one column that holds the SKU."),
        ({"a": "sku", "b": "sku"}, "Choose one column that holds the SKU."),
        ({"a": "sku", "b": "title", "c": "title"}, "Two columns cannot both be “Title”."),
        ({"a": "sku", "b": "password"}, "There is no fact 'password'."),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(mapping, reason):
    from catalog.models import ProductImport

    product_import = ProductImport.objects.create(
        state=ImportState.MAPPING, header=["a", "b", "c"], path="x", name="x"
    )
    with pytest.raises(ImportRefused, match=reason):
        product_import_map(product_import=product_import, mapping=mapping, actor=None)
    product_import.refresh_from_db()
    assert product_import.state == ImportState.MAPPING


# Paths and uploads


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "", ".", ".uploads", "a/../../x", "link"])
def test_paths_lead_into_the_import_folder_alone(settings, tmp_path, name):
    settings.IMPORT_DIRECTORY = tmp_path / "in"
    (tmp_path / "in" / ".uploads").mkdir(parents=True)
    (tmp_path / "x").write_text("secret")
    (tmp_path / "in" / "link").symlink_to(tmp_path / "x")
    with pytest.raises(ImportRefused):
        import_path_check(name)


def test_an_upload_gets_a_name_of_ours(settings, tmp_path):
    settings.IMPORT_DIRECTORY = tmp_path
    path = upload_store(upload=io.BytesIO(b"x"), name="../../evil.CSV")
    assert path.name == "source.csv"
    assert path.is_relative_to(tmp_path / ".uploads")
    assert upload_store(upload=io.BytesIO(b"x"), name="a.b/c").name == "source"
