"""A shop's file comes every day: products keep their identity, and nobody's edit is lost."""

import random

import pytest

from catalog.choices import ConflictUse, DescriptionState, ExportFormat
from catalog.models import Description, Product
from catalog.transitions.description import description_approve, description_revise
from tests.catalog.importing.test_formats import export, facts, rows_of
from tests.catalog.importing.test_oddities import SHOPIFY, no_fetches, table  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def skus():
    return list(Product.objects.order_by("pk").values_list("sku", flat=True))


def flags(report):
    return [row["reason"] for row in report.as_json()["flagged"]]


def test_a_handle_keeps_its_product_without_its_first_variant(import_text):
    small = ["tee", "Tee", "Size", "S", "TEE-S", "TRUE"]
    import_text(table(SHOPIFY, small, ["tee", "", "", "M", "TEE-M", ""]))
    report = import_text(table(SHOPIFY, ["tee", "Tee", "Size", "M", "TEE-M", "TRUE"]))
    assert (report.created, report.updated, skus()) == (0, 1, ["TEE-S"])
    assert facts("TEE-S")[1] == {"size": "M"}
    assert flags(report) == ["The file says SKU TEE-M; earlier imports know this product as TEE-S."]


def test_woocommerce_products_keep_their_number_when_skus_change(import_text):
    header = ["ID", "Type", "SKU", "Name", "Published"]
    import_text(table(header, ["7", "simple", "A", "Cap", "1"]))
    report = import_text(table(header, ["7", "simple", "A-2026", "Hat", "1"]))
    assert (report.created, report.updated, skus()) == (0, 1, ["A"])
    assert facts("A")[0]["title"] == "Hat"


def test_two_handles_with_one_sku_are_two_products(import_text, tmp_path):
    rows = [["a", "A", "", "", "X", "TRUE"], ["b", "B", "", "", "X", "TRUE"]]
    report = import_text(table(SHOPIFY, *rows))
    assert (report.created, report.refused) == (2, [])
    assert flags(report) == ["The SKU X is double: line 2 has it too. Imported as b."]
    assert list(Product.objects.order_by("pk").values_list("sku", "title")) == [
        ("X", "A"),
        ("b", "B"),
    ]
    assert rows_of(export(tmp_path, ExportFormat.SHOPIFY))[1:] == rows
    # Alone, and in another order, each is still the same product.
    later = import_text(table(SHOPIFY, ["b", "B!", "", "", "X", "TRUE"], rows[0]))
    assert (later.created, later.updated, later.unchanged) == (0, 1, 1)
    assert Product.objects.get(sku="b").title == "B!"


def test_what_the_file_has_not_changed_takes_no_edit_back(import_text):
    header = ["sku", "title", "brand", "colour", "description"]
    import_text(table(header, ["A", "Cap", "Acme", "red", "A cap."]))
    Product.objects.update(title="Wool cap", brand="Wren")
    text = Description.objects.get(state=DescriptionState.APPROVED)
    draft = description_revise(description=text, actor=None, texts={"standard": "A wool cap."})
    description_approve(description=draft, actor=None)
    again = import_text(table(header, ["A", "Cap", "Acme", "red", "A cap."]))
    assert (again.updated, again.unchanged) == (0, 1)
    changed = import_text(table(header, ["A", "Cap", "Acme", "blue", "A cap."]))
    assert changed.updated == 1
    found, _, texts = facts("A")
    assert (found["title"], found["brand"], found["colour"]) == ("Wool cap", "Wren", "blue")
    assert texts[0] == "A wool cap."
    assert flags(changed) == []


@pytest.mark.parametrize(
    ("conflicts", "title", "flag"),
    [
        (
            ConflictUse.OURS,
            "Wool cap",
            "title: Changed here and in the file; kept ours, not 'Felt cap'.",
        ),
        (
            ConflictUse.THEIRS,
            "Felt cap",
            "title: Changed here and in the file; took that of the file, not 'Wool cap'.",
        ),
    ],
)
def test_what_both_changed_is_a_conflict(import_text, conflicts, title, flag):
    import_text(table(["sku", "title"], ["A", "Cap"]))
    Product.objects.update(title="Wool cap")
    dry = import_text(table(["sku", "title"], ["A", "Felt cap"]), conflicts=conflicts, dry_run=True)
    assert (flags(dry), facts("A")[0]["title"]) == ([flag], "Wool cap")
    report = import_text(table(["sku", "title"], ["A", "Felt cap"]), conflicts=conflicts)
    assert (flags(report), facts("A")[0]["title"]) == ([flag], title)
    # Said once: from now on the file has not changed.
    assert flags(import_text(table(["sku", "title"], ["A", "Felt cap"]))) == []
    assert facts("A")[0]["title"] == title


def test_thirty_days_of_edits_on_both_sides(import_text):
    """Each fact has one owner a day; at the end everybody's last edit stands."""
    chance = random.Random(25)
    header = ["sku", "title", "brand", "colour"]
    shop = {f"S-{n}": {"title": f"T{n}", "brand": "B", "colour": "red"} for n in range(40)}
    wanted = {sku: dict(said) for sku, said in shop.items()}
    for day in range(30):
        rows = [[sku, *(said[name] for name in header[1:])] for sku, said in shop.items()]
        chance.shuffle(rows)
        report = import_text(table(header, *rows), name=f"day-{day}.csv")
        assert report.refused == []
        found = Product.objects.in_bulk(field_name="sku")
        assert {
            sku: {name: getattr(product, name) for name in header[1:]}
            for sku, product in found.items()
        } == wanted
        for sku in chance.sample(list(shop), 6):
            name = chance.choice(header[1:])
            # A fact that was once edited here belongs to us; the shop edits the others.
            if chance.random() < 0.5:
                product = found[sku]
                setattr(product, name, f"ours {day}")
                product.save()
                wanted[sku][name] = f"ours {day}"
            elif not wanted[sku][name].startswith("ours"):
                shop[sku][name] = wanted[sku][name] = f"theirs {day}"
