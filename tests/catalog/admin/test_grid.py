"""The grid's page: what its address says, one cell, many cells, undo, and saved views."""

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import GridStep, Product, SavedView
from tests.factories import CategoryFactory, ProductFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
GRID = reverse("admin:grid")


@pytest.fixture
def editor(client_with):
    return client_with("view_product", "change_product")


def said(response):
    return [str(message) for message in response.context["messages"]]


def post(client, name, data, query="", **extra):
    return client.post(f"{reverse(f'admin:{name}')}?{query}", data, **extra)


def test_rows_and_columns_are_those_of_the_address(editor):
    ProductFactory(sku="A", title="Coat", attributes={"Fabric": "wool"}, state="draft")
    ProductFactory(sku="B", title="Hat", state="published")
    page = editor.get(GRID, {"column": ["title", "attribute:Fabric"], "state": "draft"})
    (row,) = page.context["rows"]
    assert (row[0].sku, [cell["text"] for cell in row[1]]) == ("A", ["Coat", "wool"])
    assert page.context["total"] == 1


def test_what_makes_no_sense_in_an_address_is_left_out(editor):
    ProductFactory(sku="A")
    page = editor.get(
        GRID, {"state": "x", "gender": "x", "category": "x", "view": "x" * 30, "order": "x"}
    )
    assert [product.sku for product, _cells in page.context["rows"]] == ["A"]
    assert page.context["grid"].keys == ["title", "brand", "category", "colour", "gender", "state"]


def test_a_view_that_names_a_deleted_column_opens_without_it(editor):
    ProductFactory(sku="A")
    view = SavedView.objects.create(
        owner=UserFactory(), name="Old", is_shared=True, columns=["season", "brand", "attribute:"]
    )
    page = editor.get(GRID, {"view": view.pk})
    assert page.context["grid"].keys == ["brand"]
    assert said(page) == ["These columns are no more and were left out: season, attribute:."]


def test_a_view_of_a_deleted_category_opens_without_its_filter(editor):
    ProductFactory(sku="A")
    view = SavedView.objects.create(
        owner=UserFactory(), name="Hats", is_shared=True, filters={"category": "hats"}
    )
    page = editor.get(GRID, {"view": view.pk})
    assert (page.status_code, page.context["total"]) == (200, 1)


def test_a_colleagues_own_view_is_not_shown(editor):
    ProductFactory(sku="A", brand="Wren")
    view = SavedView.objects.create(owner=UserFactory(), name="His", filters={"brand": "Lark"})
    page = editor.get(GRID, {"view": view.pk})
    assert (page.context["grid"].view, page.context["total"]) == (None, 1)


def test_pages_lead_on_and_back(editor, monkeypatch):
    monkeypatch.setattr("catalog.admin.grid.page.ROWS", 2)
    for sku in "ABCDE":
        ProductFactory(sku=sku)
    first = editor.get(GRID)
    second = editor.get(f"{GRID}?{first.context['next_query']}")
    back = editor.get(f"{GRID}?{second.context['previous_query']}")
    shown = ["".join(p.sku for p, _ in page.context["rows"]) for page in (first, second, back)]
    assert shown == ["AB", "CD", "AB"]
    turned = editor.get(f"{GRID}?{first.context['turned_query']}")
    assert "".join(p.sku for p, _ in turned.context["rows"]) == "ED"


def test_one_cell(editor):
    product = ProductFactory(gender="men")
    data = {"product": product.pk, "column": "gender", "seen": "men", "text": "Women"}
    answer = post(editor, "grid_cell", data)
    assert (answer.status_code, answer.json()) == (200, {"text": "women", "shown": "Women"})
    assert Product.objects.get().gender == "women"


def test_the_second_of_two_people_is_told_both_values(editor, client_with):
    product = ProductFactory(brand="Wren")
    other = client_with("view_product", "change_product")
    data = {"product": product.pk, "column": "brand", "seen": "Wren"}
    assert post(other, "grid_cell", {**data, "text": "Lark"}).status_code == 200
    answer = post(editor, "grid_cell", {**data, "text": "Finch"})
    who = GridStep.objects.get().actor.username
    assert (answer.status_code, answer.json()) == (
        409,
        {"theirs": "Lark", "theirs_shown": "Lark", "mine": "Finch", "who": who},
    )
    assert Product.objects.get().brand == "Lark"
    kept = post(editor, "grid_cell", {**data, "seen": "Lark", "text": "Finch"})
    assert (kept.status_code, Product.objects.get().brand) == (200, "Finch")


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("title", "", "Title cannot be empty."),
        ("season", "x", "This column is no longer shown: load the page again."),
    ],
)
def test_a_cell_that_is_refused_says_why(editor, column, text, reason):
    product = ProductFactory(title="Coat")
    data = {"product": product.pk, "column": column, "seen": "Coat", "text": text}
    answer = post(editor, "grid_cell", data)
    assert (answer.status_code, answer.json()) == (422, {"error": reason})


def test_a_product_that_is_no_more_is_not_found(editor):
    data = {"product": "9" * 30, "column": "brand", "seen": "", "text": "x"}
    assert post(editor, "grid_cell", data).status_code == 404


def replaced(editor, step, **more):
    data = {"kind": "replace", "column": "title", "find": "trainers", "replacement": "sneakers"}
    return post(editor, step, {**data, **more}, follow=True)


def test_find_and_replace_shows_first_and_is_undone_as_one_step(editor):
    for sku in "ABC":
        ProductFactory(sku=sku, title=f"Red trainers {sku}")
    preview = replaced(editor, "grid_preview")
    assert [(one["before"], one["after"]) for one in preview.context["examples"]] == [
        (f"Red trainers {sku}", f"Red sneakers {sku}") for sku in "ABC"
    ]
    assert Product.objects.filter(title__contains="trainers").count() == 3
    changed = replaced(editor, "grid_apply", as_of=preview.context["as_of"])
    assert said(changed) == ["3 cells changed."]
    assert Product.objects.filter(title__contains="sneakers").count() == 3
    undone = post(editor, "grid_undo", {}, follow=True)
    assert said(undone) == ["Undone: 3 cells are as they were before."]
    assert Product.objects.filter(title__contains="trainers").count() == 3


def test_an_empty_pattern_changes_nothing(editor):
    ProductFactory(title="Red trainers")
    now = timezone.now().isoformat()
    for step in ("grid_preview", "grid_apply"):
        page = replaced(editor, step, find="", as_of=now)
        assert said(page) == ["Type what to find: without it every cell would match."]
    assert not GridStep.objects.exists()


@pytest.mark.parametrize("as_of", ["", "yesterday", "2026-01-01", "2026-13-01T00:00:00"])
def test_nothing_is_done_that_nobody_has_seen(editor, as_of):
    ProductFactory(title="Red trainers")
    page = replaced(editor, "grid_apply", as_of=as_of)
    assert said(page) == ["Look at the preview first: it shows what would change."]
    assert not GridStep.objects.exists()


def test_who_changed_a_product_after_the_preview_wins(editor):
    product = ProductFactory(sku="A", title="Red trainers")
    as_of = replaced(editor, "grid_preview").context["as_of"]
    product.save()
    page = replaced(editor, "grid_apply", as_of=as_of)
    assert said(page) == [
        "Nothing changed.",
        "1 product was changed meanwhile and stays as it is: A",
    ]


def test_set_for_all_that_match(editor):
    ProductFactory(sku="A", brand="Wren"), ProductFactory(sku="B", brand="Lark")
    data = {"kind": "set", "column": "gender", "text": "women"}
    preview = post(editor, "grid_preview", data, "brand=Wren&column=gender")
    data["as_of"] = preview.context["as_of"]
    post(editor, "grid_apply", data, "brand=Wren&column=gender")
    assert list(Product.objects.values_list("sku", "gender")) == [("A", "women"), ("B", "")]


def test_a_paste_names_what_is_refused_and_takes_the_rest(editor):
    CategoryFactory(name="Hats")
    for sku in "AB":
        ProductFactory(sku=sku, brand="Wren", category=None)
    data = {"kind": "paste", "sku": "A", "column": "brand", "text": "Lark\tHats\nFinch\tTents\n"}
    preview = post(editor, "grid_preview", data, "column=brand&column=category")
    assert [(one["sku"], one["reason"]) for one in preview.context["refused"]] == [
        ("B", "There is no category “Tents”. Choose one of the list, or add it first.")
    ]
    data["as_of"] = preview.context["as_of"]
    post(editor, "grid_apply", data, "column=brand&column=category")
    stored = Product.objects.values_list("sku", "brand", "category__name")
    assert list(stored) == [("A", "Lark", "Hats"), ("B", "Finch", None)]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"kind": "burn", "column": "brand"}, "Choose one of the steps on the page."),
        ({"kind": "set", "column": "x"}, "Choose one of the columns that the grid shows."),
        ({"kind": "paste", "column": "brand"}, "There is nothing to paste: copy some cells first."),
    ],
)
def test_a_step_without_sense_says_so(editor, data, sentence):
    ProductFactory()
    assert said(post(editor, "grid_preview", data, follow=True)) == [sentence]


def test_a_view_is_saved_shared_opened_and_deleted(editor, client_with):
    ProductFactory(sku="A", brand="Wren"), ProductFactory(sku="B", brand="Lark")
    saved = post(
        editor, "grid_view_save", {"name": " Wrens ", "is_shared": "on"},
        "brand=Wren&column=title&column=brand", follow=True,
    )  # fmt: skip
    assert said(saved) == ["The view “Wrens” is saved."]
    view = SavedView.objects.get()
    colleague = client_with("view_product")
    page = colleague.get(GRID, {"view": view.pk})
    assert [product.sku for product, _cells in page.context["rows"]] == ["A"]
    assert page.context["grid"].keys == ["title", "brand"]
    assert "Wrens" in colleague.get(reverse("admin:index")).content.decode()
    delete = reverse("admin:grid_view_delete", args=[view.pk])
    refused = colleague.post(delete, follow=True)
    assert said(refused) == [f"“Wrens” belongs to {view.owner}, who alone can delete it."]
    assert said(editor.post(delete, follow=True)) == ["The view “Wrens” is deleted."]
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81])
def test_a_view_needs_a_name(editor, name):
    page = post(editor, "grid_view_save", {"name": name}, follow=True)
    assert said(page) == ["Give the view a name of 1 to 80 characters."]


def test_a_viewer_reads_the_grid_and_is_offered_no_change(client_with):
    ProductFactory()
    page = client_with("view_product").get(GRID).content.decode()
    assert "data-save=" not in page
    assert "Find and replace" not in page


def test_what_the_grid_changed_is_in_the_history_of_the_product(client_with):
    editor = client_with("view_product", "change_product")
    product = ProductFactory(brand="")
    data = {"product": product.pk, "column": "brand", "seen": "", "text": "Lark"}
    post(editor, "grid_cell", data)
    lines = editor.get(reverse("admin:catalog_product_history", args=[product.pk])).context[
        "history"
    ]
    assert ("Grid: Cell edited", "Brand: – → Lark") in [(one.what, one.detail) for one in lines]
