"""What the admin's pages share: who asks, how, for which rows, and what a refusal becomes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.labels import state_badge
from catalog.exceptions import CatalogError

Row = TypeVar("Row", bound=Model)


def user_of(request: HttpRequest) -> User:
    """The account that asks. Raises PermissionDenied where nobody is logged in."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, which wants only the part of the page that changes."""
    return bool(getattr(request, "htmx", False))


@contextmanager
def refusals_as_messages(request: HttpRequest, *, about: str = "") -> Iterator[None]:
    """Turn a `CatalogError` of the block into an error message, which begins with `about`."""
    try:
        yield
    except CatalogError as error:
        messages.error(request, f"{about}: {error}" if about else str(error))


def own_page(name: str, object_id: str) -> HttpResponse:
    """Redirect from Django's form of a row to the page `name`; 404 for an id that is no number."""
    try:
        return redirect(name, object_id)
    except NoReverseMatch as error:
        raise Http404 from error


def rows_of(queryset: QuerySet[Row]) -> QuerySet[Row]:
    """The rows that an action was given, without the sorting, joins and columns of its list."""
    rows: QuerySet[Row] = queryset.model._default_manager.filter(
        pk__in=queryset.order_by().values("pk")
    )
    return rows


def ticked_rows(request: HttpRequest) -> dict[str, Any]:
    """What a page between an action and its end sends on, so that the same rows are meant.

    Only what was ticked: with "all across pages" the list's own query selects the rows again.
    """
    return {
        "action": request.POST.get("action", ""),
        "ticked": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }


class ReadOnlyAdmin(admin.ModelAdmin[Row]):
    """Shows rows; nobody adds, changes or deletes one here, whatever the account may do."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class WatchedAdmin(ReadOnlyAdmin[Row]):
    """Rows with a state, watched on a page of their own that asks again while they change."""

    #: The URL name of that page, below "admin:".
    page: str

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return own_page(f"admin:{self.page}", object_id)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, row: Any) -> SafeString:
        return state_badge(row.state, row.get_state_display())


def reload_if_changed(request: HttpRequest, state: str) -> HttpResponse | None:
    """The answer to a poll from a page that shows another state; None for every other request.

    Buttons stand outside the polled part, since replacing one would lose a click on it. A new
    state offers other buttons, so then the whole page is loaded again.
    """
    if is_htmx(request) and request.GET.get("state") != state:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return None
