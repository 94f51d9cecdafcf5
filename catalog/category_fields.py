"""Choices of a category in forms: two branches may have leaves of one name, such as Shoes."""

from collections.abc import Iterator
from typing import Any

from django import forms

from catalog.category_tree import CategoryTree
from catalog.models import Category


class _ByLabel(forms.models.ModelChoiceIterator):
    """Categories in the order of their labels, after the empty choice."""

    def __iter__(self) -> Iterator[Any]:
        choices = super().__iter__()
        return iter(sorted(choices, key=lambda one: (str(one[0]) != "", str(one[1]).casefold())))


class CategoryPathField(forms.ModelChoiceField[Category]):
    """A choice of category by its whole path."""

    iterator = _ByLabel

    def label_from_instance(self, obj: Category) -> str:
        return self._tree_of_this_form().path(obj.pk)

    def _tree_of_this_form(self) -> CategoryTree:
        # Django copies a field for each form, and so reads the tree once a form.
        if "_tree" not in self.__dict__:
            self._tree = CategoryTree()
        return self._tree


class CategoryField(CategoryPathField):
    """A choice of category by its name, or by its path where the name alone says too little."""

    def label_from_instance(self, obj: Category) -> str:
        return self._tree_of_this_form().label(obj.pk)
