"""What the grid's address says: filters, columns, order and place; or the view that it names."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from catalog.category_tree import CategoryTree
from catalog.choices import Gender, ProductState
from catalog.grid_columns import ATTRIBUTE, USUAL, Column, columns_known, columns_of
from catalog.models import Category, SavedView
from catalog.selectors.completeness import gaps_offered
from catalog.selectors.grid import FILTERS, GridQuery, attribute_names, saved_views_of

#: Columns of one page; more are unreadable and slow.
MOST_COLUMNS = 30


class GridForm(forms.Form):
    """The filters of the grid."""

    search = forms.CharField(label=_("Search"), required=False, max_length=200)
    state = forms.ChoiceField(label=_("State"), required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    brand = forms.CharField(label=_("Brand"), required=False, max_length=120)
    colour = forms.CharField(label=_("Colour"), required=False, max_length=60)
    gender = forms.ChoiceField(label=_("Gender"), required=False)
    has_description = forms.ChoiceField(label=_("Approved text"), required=False)
    missing = forms.ChoiceField(label=_("Missing for"), required=False)

    def __init__(self, data: Any, tree: CategoryTree) -> None:
        super().__init__(data)
        slugs = dict(Category.objects.values_list("pk", "slug"))
        paths = [(slugs[pk], path) for pk, path in tree.paths().items() if pk in slugs]
        offered: dict[str, list[Any]] = {
            "state": ProductState.choices,
            "category": paths,
            "gender": Gender.choices,
            "has_description": [("true", _("There is one")), ("false", _("Missing"))],
            "missing": gaps_offered(),
        }
        for name, choices in offered.items():
            field: Any = self.fields[name]
            field.choices = [("", _("All")), *choices]


@dataclass(frozen=True)
class Grid:
    """What one request asks for."""

    query: GridQuery
    columns: list[Column]
    form: GridForm
    tree: CategoryTree
    view: SavedView | None
    #: Columns that the address or the view names and that are no more.
    gone: list[str]

    @property
    def keys(self) -> list[str]:
        return [column.key for column in self.columns]

    def address(self, **place: str) -> str:
        """The query of an address that asks for the same, without its place."""
        parts: list[tuple[str, str]] = [*self.query.filters.items()]
        parts += [("column", key) for key in self.keys]
        parts += [("order", "-sku")] if self.query.is_falling else []
        parts += [("view", str(self.view.pk))] if self.view is not None else []
        return urlencode([*parts, *((name, value) for name, value in place.items() if value)])

    def column(self, key: str) -> Column | None:
        """The shown column of this key."""
        return next((column for column in self.columns if column.key == key), None)

    def offered(self) -> list[tuple[str, str, bool]]:
        """Key, label and whether it is shown, of each column that may be chosen."""
        attributes = [f"{ATTRIBUTE}{name}" for name in attribute_names()]
        shown = self.keys
        keys = dict.fromkeys([*columns_known(self.tree), *shown, *attributes])
        columns, _gone = columns_of((key for key in keys if key != "sku"), self.tree)
        return [(column.key, str(column.label), column.key in shown) for column in columns]


def grid_of(data: QueryDict, user: User) -> Grid:
    """Read an address. What makes no sense in it is left out; a view that is gone, too."""
    view = _view(data.get("view", ""), user)
    tree = CategoryTree()
    given = {name: data[name] for name in FILTERS if data.get(name)}
    keys: Iterable[str] = [key for key in data.getlist("column") if key]
    if view is not None and not keys:
        given, keys = {**view.filters, **given}, view.columns
    form = GridForm(given, tree)
    form.is_valid()
    filters = {name: form.cleaned_data[name] for name in FILTERS if form.cleaned_data.get(name)}
    added = data.get("attribute", "").strip()
    keys = [*(keys or USUAL), *([f"{ATTRIBUTE}{added}"] if added else [])]
    columns, gone = columns_of([key for key in keys if key != "sku"][:MOST_COLUMNS], tree)
    query = GridQuery(
        filters=filters,
        is_falling=data.get("order") == "-sku",
        after=data.get("after", ""),
        before=data.get("before", ""),
    )
    return Grid(query, columns, form, tree, view, gone)


def _view(number: str, user: User) -> SavedView | None:
    if not number.isascii() or not number.isdigit() or len(number) > 18:
        return None
    return saved_views_of(user).filter(pk=int(number)).first()
