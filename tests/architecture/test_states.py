"""Only transitions write a column `state`: read off the syntax trees of the catalog."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CATALOG = Path(__file__).resolve().parents[2] / "catalog"
#: Migrations rename and fill columns; the rest of these is where states change.
WRITERS = ("migrations", "transitions", "leasing.py")


def state_writes(tree: ast.AST) -> Iterator[int]:
    """The lines that assign to `.state`, or pass a state to a call that updates rows."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if node.attr == "state" and isinstance(node.ctx, ast.Store):
                yield node.lineno
        elif isinstance(node, ast.Call) and _updates(node):
            yield node.lineno


def _updates(call: ast.Call) -> bool:
    """Whether the call writes a state: by its name, or because it names that column."""
    name = _name(call.func)
    if name == "change_state":
        return True
    if name in ("update", "bulk_update"):
        return any(keyword.arg == "state" for keyword in call.keywords) or _names_state(call)
    return any(
        keyword.arg in ("update_fields", "defaults") and _names_state(keyword.value)
        for keyword in call.keywords
    )


def _names_state(node: ast.AST) -> bool:
    return any(isinstance(part, ast.Constant) and part.value == "state" for part in ast.walk(node))


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def test_nothing_but_transitions_writes_a_state():
    files = [
        path
        for path in sorted(CATALOG.rglob("*.py"))
        if path.relative_to(CATALOG).parts[0] not in WRITERS
    ]
    found = [
        f"{path.relative_to(CATALOG)}:{line}"
        for path in files
        for line in state_writes(ast.parse(path.read_text(encoding="utf-8")))
    ]

    assert len(files) > 100
    assert found == []


def test_nothing_but_transitions_and_tables_knows_the_lease():
    importers = {
        path.relative_to(CATALOG).parts[0]
        for path in sorted(CATALOG.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module == "catalog.leasing"
    }

    assert importers == {"models", "transitions"}


@pytest.mark.parametrize(
    "code",
    [
        "row.state = State.DONE",
        "row.state, row.token = State.DONE, None",
        "rows.filter(pk=1).update(state=State.DONE)",
        "Row.objects.bulk_update(rows, ['state', 'reason'])",
        "Row.objects.bulk_create(rows, update_conflicts=True, update_fields=['state'])",
        "row.save(update_fields=['state'])",
        "Row.objects.update_or_create(pk=1, defaults={'state': 'done'})",
        "change_state(rows, State.QUEUED, to=State.DONE)",
    ],
)
def test_each_way_of_writing_a_state_is_found(code):
    assert list(state_writes(ast.parse(code))) == [1]


@pytest.mark.parametrize(
    "code",
    [
        "rows.filter(state=State.DONE)",
        "Row(state=State.DRAFT)",
        "badge(row.state)",
        "rows.update(reason='', position=0)",
    ],
)
def test_reading_a_state_or_making_a_row_is_free(code):
    assert list(state_writes(ast.parse(code))) == []
