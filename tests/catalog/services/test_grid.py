"""Cells of the grid: written as one step where nobody wrote in between, and undone as one."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from catalog.category_tree import CategoryTree
from catalog.choices import GridStepKind
from catalog.exceptions import TransitionRefused
from catalog.grid_columns import columns_of
from catalog.models import Category, GridCell, GridStep, Product
from catalog.services.grid import CellEdit, cells_change, cells_preview, grid_undo
from tests.factories import CategoryFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def column(key):
    ((found,), gone) = columns_of([key], CategoryTree())
    assert gone == []
    return found


def change(*edits, actor, key=None, kind=GridStepKind.EDIT, as_of=None):
    return cells_change(
        edits=edits, kind=kind, actor=actor, idempotency_key=key or uuid4(), as_of=as_of
    )


@pytest.fixture
def ada():
    return UserFactory(username="ada")


@pytest.mark.parametrize(
    ("key", "text", "stored"),
    [
        ("title", "  Wool coat ", "Wool coat"),
        ("brand", "Wren", "Wren"),
        ("brand", "", ""),
        ("colour", "navy", "navy"),
        ("gender", "Women", "women"),
        ("gender", "boys", "boys"),
        ("gender", "", ""),
        ("attribute:Fabric", "wool", "wool"),
    ],
)
def test_a_cell_is_stored_as_its_column_reads_it(ada, key, text, stored):
    product = ProductFactory(title="Coat", brand="Old", colour="red", gender="men")
    outcome = change(CellEdit(product.pk, column(key), text), actor=ada)
    product.refresh_from_db()
    assert column(key).value(product) == stored
    assert (outcome.step.count, outcome.step.kind, outcome.step.actor) == (1, "edit", ada)


def test_a_category_is_found_by_path_or_by_a_name_of_its_own(ada):
    men, women = CategoryFactory(name="Men"), CategoryFactory(name="Women")
    shoes = CategoryFactory(name="Shoes", parent=men)
    CategoryFactory(name="Coats", parent=men), CategoryFactory(name="Coats", parent=women)
    product = ProductFactory(category=None)
    for text, expected in [("Men > Shoes", shoes), ("", None), ("shoes", shoes)]:
        change(CellEdit(product.pk, column("category"), text), actor=ada)
        product.refresh_from_db()
        assert product.category == expected
    outcome = change(
        CellEdit(product.pk, column("category"), "Coats"),
        CellEdit(product.pk, column("category"), "Hats"),
        actor=ada,
    )
    assert [cell.reason for cell in outcome.refused] == [
        "Several categories are called “Coats”: write the whole path.",
        "There is no category “Hats”. Choose one of the list, or add it first.",
    ]
    assert outcome.step is None


@pytest.mark.parametrize(
    ("key", "text", "reason"),
    [
        ("title", " ", "Title cannot be empty."),
        ("title", "x" * 201, "Title takes 200 characters; this has 201."),
        ("brand", "a\tb", "A cell takes one line, without tabs and control characters."),
        ("brand", "a\0b", "A cell takes one line, without tabs and control characters."),
        ("gender", "kids", "“kids” is no gender. Choose among: Men, Women, Boys, Girls, Unisex."),
        ("sku", "new", "SKU cannot be changed here."),
        ("state", "published", "State cannot be changed here."),
    ],
)
def test_a_cell_that_cannot_hold_it_says_why_and_stays(ada, key, text, reason):
    product = ProductFactory(title="Coat")
    before = Product.objects.values().get()
    outcome = change(CellEdit(product.pk, column(key), text), actor=ada)
    assert [(cell.after, cell.reason) for cell in outcome.refused] == [(text, reason)]
    assert Product.objects.values().get() == before
    assert not GridStep.objects.exists()


def test_an_attribute_that_is_no_text_stays_what_it_is_unless_it_changes(ada):
    product = ProductFactory(attributes={"Pockets": 2, "Fabric": "wool"})
    assert change(CellEdit(product.pk, column("attribute:Pockets"), "2"), actor=ada).unchanged == 1
    change(CellEdit(product.pk, column("attribute:Fabric"), ""), actor=ada)
    product.refresh_from_db()
    assert product.attributes == {"Pockets": 2}


def test_the_second_of_two_people_sees_both_values(ada):
    product = ProductFactory(brand="Wren")
    change(CellEdit(product.pk, column("brand"), "Lark", seen="Wren"), actor=UserFactory())
    outcome = change(CellEdit(product.pk, column("brand"), "Finch", seen="Wren"), actor=ada)
    (conflict,) = outcome.conflicts
    assert (conflict.before, conflict.after, outcome.step) == ("Lark", "Finch", None)
    product.refresh_from_db()
    assert product.brand == "Lark"


def test_two_people_who_want_the_same_do_not_disagree(ada):
    product = ProductFactory(brand="Lark")
    outcome = change(CellEdit(product.pk, column("brand"), "Lark", seen="Wren"), actor=ada)
    assert (outcome.unchanged, outcome.conflicts) == (1, [])


def test_what_changed_after_the_preview_is_left_alone(ada):
    old, new = ProductFactory(brand="Wren"), ProductFactory(brand="Wren")
    as_of = timezone.now()
    Product.objects.filter(pk=old.pk).update(updated_at=as_of - timedelta(seconds=1))
    Product.objects.filter(pk=new.pk).update(updated_at=as_of + timedelta(seconds=1))
    edits = [CellEdit(product.pk, column("brand"), "Lark") for product in (old, new)]
    outcome = change(*edits, actor=ada, kind=GridStepKind.SET, as_of=as_of)
    assert [cell.product for cell in outcome.changed] == [old]
    assert [cell.product for cell in outcome.conflicts] == [new]
    assert set(Product.objects.values_list("pk", "brand")) == {(old.pk, "Lark"), (new.pk, "Wren")}


def test_a_second_click_changes_nothing(ada):
    product, key = ProductFactory(brand="Wren"), uuid4()
    first = change(CellEdit(product.pk, column("brand"), "Lark"), actor=ada, key=key)
    Product.objects.update(brand="Wren")
    second = change(CellEdit(product.pk, column("brand"), "Lark"), actor=ada, key=key)
    assert second.step == first.step
    assert Product.objects.get().brand == "Wren"


def test_a_preview_writes_nothing(ada):
    product = ProductFactory(brand="Wren")
    outcome = cells_preview(edits=[CellEdit(product.pk, column("brand"), "Lark")])
    assert [(cell.before, cell.after) for cell in outcome.changed] == [("Wren", "Lark")]
    assert (Product.objects.get().brand, GridStep.objects.count()) == ("Wren", 0)


def test_a_step_is_undone_as_one_but_for_what_changed_since(ada):
    products = [ProductFactory(brand="Wren", attributes={"Fabric": "wool"}) for _ in range(3)]
    edits = [CellEdit(product.pk, column("brand"), "Lark") for product in products]
    edits.append(CellEdit(products[0].pk, column("attribute:Fabric"), ""))
    change(*edits, actor=ada, kind=GridStepKind.PASTE)
    change(CellEdit(products[2].pk, column("brand"), "Finch"), actor=UserFactory())
    key = UUID(int=7)
    outcome = grid_undo(actor=ada, idempotency_key=key)
    assert outcome.step.count == 3
    assert [cell.product for cell in outcome.conflicts] == [products[2]]
    stored = Product.objects.order_by("pk").values_list("brand", flat=True)
    assert list(stored) == ["Wren", "Wren", "Finch"]
    assert Product.objects.get(pk=products[0].pk).attributes == {"Fabric": "wool"}
    assert grid_undo(actor=ada, idempotency_key=key).step == outcome.step
    with pytest.raises(TransitionRefused, match="nothing to undo"):
        grid_undo(actor=ada, idempotency_key=uuid4())


def test_steps_are_undone_the_latest_first_and_nobody_undoes_anothers(ada):
    product = ProductFactory(colour="red", brand="Wren")
    change(CellEdit(product.pk, column("brand"), "Lark"), actor=ada)
    change(CellEdit(product.pk, column("colour"), "blue"), actor=ada)
    with pytest.raises(TransitionRefused):
        grid_undo(actor=UserFactory(), idempotency_key=uuid4())
    grid_undo(actor=ada, idempotency_key=uuid4())
    assert Product.objects.values_list("brand", "colour").get() == ("Lark", "red")
    grid_undo(actor=ada, idempotency_key=uuid4())
    assert Product.objects.values_list("brand", "colour").get() == ("Wren", "red")


def test_a_category_that_is_gone_does_not_come_back(ada):
    gone = CategoryFactory(name="Hats")
    product = ProductFactory(category=gone)
    change(CellEdit(product.pk, column("category"), ""), actor=ada)
    Category.objects.filter(pk=gone.pk).delete()
    outcome = grid_undo(actor=ada, idempotency_key=uuid4())
    assert (outcome.step.count, len(outcome.conflicts)) == (0, 1)
    product.refresh_from_db()
    assert product.category is None


def test_what_each_cell_held_is_kept(ada):
    product = ProductFactory(brand="Wren", colour="red")
    change(
        CellEdit(product.pk, column("brand"), "Lark"),
        CellEdit(product.pk, column("attribute:Fabric"), "wool"),
        actor=ada,
    )
    kept = GridCell.objects.values_list("column", "before", "after")
    assert list(kept) == [("brand", "Wren", "Lark"), ("attribute:Fabric", None, "wool")]
