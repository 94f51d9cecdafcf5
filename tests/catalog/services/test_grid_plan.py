"""Pastes, replacements and one value for all: what they would change, and what they refuse."""

import pytest

from catalog.category_tree import CategoryTree
from catalog.exceptions import GridRefused
from catalog.grid_columns import columns_of
from catalog.models import Product
from catalog.selectors.grid import GridQuery, grid_page
from catalog.services import grid_plan
from catalog.services.grid import cells_preview
from catalog.services.grid_plan import paste_plan, replace_plan, set_plan
from tests.factories import ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
ALL = GridQuery()


def columns(*keys):
    return columns_of(keys, CategoryTree())[0]


def texts(edits):
    skus = dict(Product.objects.values_list("pk", "sku"))
    return [(skus[edit.product_id], edit.column.key, edit.text) for edit in edits]


@pytest.fixture
def four():
    return [
        ProductFactory(sku=f"S{n}", title=title, brand="Wren", colour=colour)
        for n, (title, colour) in enumerate(
            [("Red shoe", "red"), ("Shoes", "blue"), ("SHOE rack", "red"), ("Hat (a.b)", "a.b")]
        )
    ]


def paste(text, sku="S0", keys=("title", "brand", "colour"), first=0):
    shown = columns(*keys)
    return paste_plan(query=ALL, sku=sku, columns=shown, first=shown[first], text=text)


@pytest.mark.parametrize(
    ("find", "replacement", "any_case", "expected"),
    [
        ("shoe", "boot", False, [("S0", "title", "Red boot")]),
        (
            "shoe",
            "boot",
            True,
            [("S0", "title", "Red boot"), ("S1", "title", "boots"), ("S2", "title", "boot rack")],
        ),
        ("a.b", r"\1", False, [("S3", "title", r"Hat (\1)")]),
        ("(", "[", False, [("S3", "title", "Hat [a.b)")]),
        ("shoe", "shoe", False, []),
    ],
)
def test_words_are_found_as_they_are_typed(four, find, replacement, any_case, expected):
    (title,) = columns("title")
    edits = replace_plan(
        query=ALL, column=title, find=find, replacement=replacement, any_case=any_case
    )
    assert texts(edits) == expected


def test_an_empty_pattern_is_refused(four):
    with pytest.raises(GridRefused, match="Type what to find"):
        replace_plan(query=ALL, column=columns("title")[0], find="", replacement="x")


@pytest.mark.parametrize("key", ["gender", "category", "sku", "state"])
def test_words_of_a_choice_are_not_replaced(four, key):
    with pytest.raises(GridRefused, match="set a value instead"):
        replace_plan(query=ALL, column=columns(key)[0], find="a", replacement="b")


def test_one_value_for_all_that_match(four):
    query = GridQuery(filters={"colour": "red"})
    edits = set_plan(query=query, column=columns("brand")[0], text="Lark")
    assert texts(edits) == [("S0", "brand", "Lark"), ("S2", "brand", "Lark")]
    with pytest.raises(GridRefused, match="Title cannot be empty"):
        set_plan(query=query, column=columns("title")[0], text="")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A\tB\r\nC\tD\r\n", [("S1", "title", "A"), ("S1", "brand", "B"),
                              ("S2", "title", "C"), ("S2", "brand", "D")]),
        ("A\n\nC", [("S1", "title", "A"), ("S2", "title", ""), ("S3", "title", "C")]),
        ('"say ""hi"""\tB', [("S1", "title", 'say "hi"'), ("S1", "brand", "B")]),
        ('"two\nlines"', [("S1", "title", "two\nlines")]),
        ('5" heel', [("S1", "title", '5" heel')]),
    ],
)  # fmt: skip
def test_a_paste_goes_down_and_right_from_its_cell(four, text, expected):
    assert texts(paste(text, sku="S1").edits) == expected


def test_a_paste_goes_on_behind_the_page_and_says_what_is_beyond(four):
    assert [p.sku for p in grid_page(ALL, rows=1).products] == ["S0"]
    pasted = paste("\n".join("ABCDEF"))
    assert [edit.text for edit in pasted.edits] == list("ABCD")
    assert pasted.beyond == 2


def test_more_columns_than_there_are_is_refused(four):
    with pytest.raises(GridRefused, match="has 3 columns, and 2 are left"):
        paste("a\tb\tc", first=1)
    with pytest.raises(GridRefused, match="nothing to paste"):
        paste("\r\n")


def test_values_of_another_column_are_noticed(four):
    pasted = paste("red\nblue\nred\nblue", keys=("title", "brand", "colour"), first=1)
    assert pasted.looks_like.key == "colour"
    assert paste("Lark\nFinch\nCrow", first=1).looks_like is None


def test_ten_thousand_cells_in_the_wrong_column_are_all_named_and_none_is_written(four):
    for number in range(30):
        ProductFactory(sku=f"T{number:02}")
    pasted = paste("\n".join(f"word {n}" for n in range(10_000)), keys=("gender",))
    outcome = cells_preview(edits=pasted.edits)
    assert (len(outcome.refused), outcome.changed, pasted.beyond) == (34, [], 9_966)


def test_too_many_cells_are_refused(four, monkeypatch):
    monkeypatch.setattr(grid_plan, "MOST_CELLS", 3)
    with pytest.raises(GridRefused, match="takes 3 cells at most"):
        set_plan(query=ALL, column=columns("brand")[0], text="Lark")
    with pytest.raises(GridRefused, match="takes 3 cells at most"):
        paste("1\n2\n3\n4")
