"""The columns of the grid over products: what a cell shows, and what may be typed into it.

A cell has a *value*, as the product holds it, and a *text*, as people read and type it.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from catalog.category_tree import CategoryTree
from catalog.choices import Gender, ProductState
from catalog.exceptions import GridRefused
from catalog.models import Product

ATTRIBUTE = "attribute:"
ATTRIBUTE_NAME_LENGTH = 100
ATTRIBUTE_LENGTH = 1_000
USUAL = ("title", "brand", "category", "colour", "gender", "state")


@dataclass(frozen=True)
class Column:
    """A column that is a text of the product, read or edited as it is."""

    key: str
    label: StrOrPromise
    #: Characters that a cell may hold; 0 for a column that is only read.
    most: int = 0
    is_required: bool = False
    #: Whether words in it may be found and replaced.
    is_text: bool = True
    field: ClassVar[str] = ""

    @property
    def is_editable(self) -> bool:
        return self.most > 0

    @property
    def stored_in(self) -> str:
        """The column of the database that a change of a cell writes."""
        return self.field or self.key

    def value(self, product: Product) -> Any:
        """What the product holds."""
        return getattr(product, self.key)

    def text(self, value: Any) -> str:
        """What people read and type for a value."""
        return str(value)

    def shown(self, value: Any) -> str:
        """What the cell shows."""
        return self.text(value)

    def parse(self, text: str) -> Any:
        """The value for a text. Raises `GridRefused`, which says what may be typed instead."""
        text = text.strip()
        if self.is_required and not text:
            raise GridRefused(_("%(column)s cannot be empty.") % {"column": self.label})
        if len(text) > self.most:
            raise GridRefused(
                _("%(column)s takes %(most)s characters; this has %(count)s.")
                % {"column": self.label, "most": self.most, "count": len(text)}
            )
        if any(ord(character) < 32 or ord(character) == 127 for character in text):
            raise GridRefused(_("A cell takes one line, without tabs and control characters."))
        return text

    def write(self, product: Product, value: Any) -> None:
        """Put the value into the product, which is saved elsewhere."""
        setattr(product, self.key, value)

    def options(self) -> list[tuple[str, str]]:
        """Text and label of each choice; empty where anything may be typed."""
        return []


class ChoiceColumn(Column):
    """One of a few values, typed as the value or its label."""

    choices: ClassVar[dict[str, Any]] = {
        "gender": Gender.choices,
        "state": ProductState.choices,
    }

    def shown(self, value: Any) -> str:
        return str(dict(self.choices[self.key]).get(value, value))

    def parse(self, text: str) -> Any:
        typed = text.strip().casefold()
        if not typed:
            return ""
        for value, label in self.choices[self.key]:
            if typed in (value.casefold(), str(label).casefold()):
                return value
        known = ", ".join(str(label) for _value, label in self.choices[self.key])
        raise GridRefused(
            _("“%(text)s” is no %(column)s. Choose among: %(known)s.")
            % {"text": text[:60], "column": str(self.label).lower(), "known": known}
        )

    def options(self) -> list[tuple[str, str]]:
        return [("", "–"), *((value, str(label)) for value, label in self.choices[self.key])]


@dataclass(frozen=True)
class CategoryColumn(Column):
    """The category by its path; a name that only one category has is enough."""

    tree: CategoryTree | None = None
    field: ClassVar[str] = "category"

    def value(self, product: Product) -> Any:
        return product.category_id

    def text(self, value: Any) -> str:
        return self._tree().path(value)

    def parse(self, text: str) -> Any:
        path = text.strip()
        if not path:
            return None
        found = self._tree().find(path)
        if found is not None:
            return found
        named = [
            pk
            for pk, known in self._tree().paths().items()
            if path.casefold() in (known.casefold(), self._tree().names(pk)[-1].casefold())
        ]
        if len(named) == 1:
            return named[0]
        refused = (
            _("Several categories are called “%(path)s”: write the whole path.")
            if named
            else _("There is no category “%(path)s”. Choose one of the list, or add it first.")
        )
        raise GridRefused(refused % {"path": path[:120]})

    def write(self, product: Product, value: Any) -> None:
        product.category_id = value

    def options(self) -> list[tuple[str, str]]:
        return [(path, path) for path in self._tree().paths().values()]

    def _tree(self) -> CategoryTree:
        if self.tree is None:
            raise ValueError("A column of categories needs their tree.")
        return self.tree


class AttributeColumn(Column):
    """One attribute; an empty cell is a product without it."""

    field: ClassVar[str] = "attributes"

    @property
    def name(self) -> str:
        return self.key.removeprefix(ATTRIBUTE)

    def value(self, product: Product) -> Any:
        return product.attributes.get(self.name)

    def text(self, value: Any) -> str:
        if value is None or isinstance(value, str):
            return value or ""
        return json.dumps(value, ensure_ascii=False)

    def parse(self, text: str) -> Any:
        return super().parse(text) or None

    def write(self, product: Product, value: Any) -> None:
        attributes = {**product.attributes, self.name: value}
        if value is None:
            del attributes[self.name]
        product.attributes = attributes


def columns_known(tree: CategoryTree) -> dict[str, Column]:
    """The columns that every product has, by key, in their usual order."""
    columns: list[Column] = [
        Column("sku", "SKU", is_text=False),
        Column("title", gettext_lazy("Title"), most=200, is_required=True),
        Column("brand", gettext_lazy("Brand"), most=120),
        CategoryColumn("category", gettext_lazy("Category"), most=1_000, is_text=False, tree=tree),
        Column("colour", gettext_lazy("Colour"), most=60),
        ChoiceColumn("gender", gettext_lazy("Gender"), most=40, is_text=False),
        ChoiceColumn("state", gettext_lazy("State"), is_text=False),
    ]
    return {column.key: column for column in columns}


def columns_of(keys: Iterable[str], tree: CategoryTree) -> tuple[list[Column], list[str]]:
    """The columns of these keys, each once, and the keys that name none."""
    known = columns_known(tree)
    found: dict[str, Column] = {}
    gone: list[str] = []
    for key in keys:
        name = key.removeprefix(ATTRIBUTE).strip()
        if key in known:
            found[key] = known[key]
        elif key.startswith(ATTRIBUTE) and 0 < len(name) <= ATTRIBUTE_NAME_LENGTH:
            attribute = AttributeColumn(f"{ATTRIBUTE}{name}", name, most=ATTRIBUTE_LENGTH)
            found[attribute.key] = attribute
        else:
            gone.append(key)
    return list(found.values()), gone
