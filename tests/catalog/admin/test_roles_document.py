"""The tables of roles are made by asking the pages, and the document holds them as they are."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command

from catalog.admin.roles import BEGIN, END, document_with_tables, roles_tables

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "roles.md"


def line(begin):
    (found,) = [line for line in roles_tables().splitlines() if line.startswith(f"| {begin} |")]
    return found


def test_the_document_is_current():
    written = DOCUMENT.read_text(encoding="utf-8")
    assert document_with_tables(written) == written, (
        "Run: python manage.py roles_table --write docs/roles.md"
    )


@pytest.mark.parametrize(
    "expected",
    [
        "| Products: Describe selected products | | ● | ● | |",
        "| Products: Publish selected products | | ● | ● | |",
        "| `/admin/review/many/` | | ● | ● | |",
        "| `/admin/catalog/productimport/begin/` | | ● | ● | |",
        "| `/admin/review/figures/` | | | ● | ● |",
        "| `override_gate` | | | ● | |",
        "| Categories | view | view | view, add, change, delete | view |",
        "| Description jobs | view | view, use its buttons | view, use its buttons | view |",
    ],
)
def test_a_line_of_the_tables(expected):
    assert expected in roles_tables().splitlines()


def test_a_group_of_the_shop_has_its_column():
    night = Group.objects.create(name="Night shift")
    night.permissions.add(Permission.objects.get(codename="view_review_figures"))
    assert line("`/admin/review/figures/`") == "| `/admin/review/figures/` | | | ● | ● | ● |"
    assert line("`/admin/review/many/`") == "| `/admin/review/many/` | | ● | ● | | |"


def test_the_tables_are_printed(capsys):
    call_command("roles_table")
    assert capsys.readouterr().out == roles_tables() + "\n"


def test_only_what_is_between_the_marks_is_replaced(tmp_path):
    path = tmp_path / "roles.md"
    path.write_text(f"Before.\n{BEGIN}\nold\n{END}\nAfter.\n", encoding="utf-8")
    call_command("roles_table", write=str(path))
    assert path.read_text(encoding="utf-8") == (
        f"Before.\n{BEGIN}\n\n{roles_tables()}\n\n{END}\nAfter.\n"
    )


@pytest.mark.parametrize("text", ["No marks.", f"{END}\n{BEGIN}", BEGIN])
def test_a_document_without_marks_is_left_alone(tmp_path, text):
    path = tmp_path / "roles.md"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CommandError, match="in this order"):
        call_command("roles_table", write=str(path))
    assert path.read_text(encoding="utf-8") == text
