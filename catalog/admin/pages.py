"""What the admin's pages share: who asks, how, and what becomes of a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch

from catalog.exceptions import CatalogError

Row = TypeVar("Row", bound=Model)


def user_of(request: HttpRequest) -> User:
    """The account that asks. Raises PermissionDenied for nobody: admin pages need a log-in."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, which wants the changing part of a page alone."""
    return bool(getattr(request, "htmx", False))


@contextmanager
def refusals_as_messages(request: HttpRequest, *, about: str = "") -> Iterator[None]:
    """Turn a `CatalogError` of the block into an error message, which begins with `about`."""
    try:
        yield
    except CatalogError as error:
        messages.error(request, f"{about}: {error}" if about else str(error))


def own_page(name: str, object_id: str) -> HttpResponse:
    """A redirect to the page `name` that replaces Django's form of a row; 404 for no number."""
    try:
        return redirect(name, object_id)
    except NoReverseMatch as error:
        raise Http404 from error


class ReadOnlyAdmin(admin.ModelAdmin[Row]):
    """Shows rows; nothing is added, changed or deleted here, whatever the account may do."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
