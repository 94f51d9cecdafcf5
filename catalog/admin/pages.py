"""What the admin's pages share: who asks, how, for which rows, and what a refusal becomes."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from django_stubs_ext import StrOrPromise

from catalog.admin.labels import state_badge
from catalog.exceptions import CatalogError

Row = TypeVar("Row", bound=Model)
#: The buttons of a page: the service of each, and what is said afterwards.
Steps = Mapping[str, tuple[Callable[..., object], StrOrPromise]]


def user_of(request: HttpRequest) -> User:
    """The account that asks. Raises PermissionDenied where nobody is logged in."""
    user = request.user
    if not isinstance(user, User):
        raise PermissionDenied
    return user


def permitted(permission: str) -> Callable[[Any, HttpRequest], bool]:
    """A method of a `ModelAdmin` that says whether the account has `permission`."""
    return lambda _admin, request: request.user.has_perm(permission)


def carries(view: Callable[..., Any], permission: str) -> Callable[..., Any]:
    """The view, which says what it asks for; `catalog.admin.roles` makes its tables of it."""
    view.permission = permission  # type: ignore[attr-defined]
    return view


def asks_for(permission: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Guard a view of a `ModelAdmin` by a permission, which the view carries."""

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(model_admin: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(model_admin, request, *args, **kwargs)

        return carries(guarded, permission)

    return guard


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks, which wants only the part of the page that changes."""
    return bool(getattr(request, "htmx", False))


def site_page(request: HttpRequest, template: str, **context: Any) -> TemplateResponse:
    """The page `admin/TEMPLATE.html` with the admin's header and menu."""
    context = {**admin.site.each_context(request), **context}
    return TemplateResponse(request, f"admin/{template}.html", context)


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

    def has_manage_permission(self, request: HttpRequest) -> bool:
        """Whether the account may use the actions and buttons, which services carry out."""
        return super().has_change_permission(request)


class WatchedAdmin(ReadOnlyAdmin[Row]):
    """Rows with a state, watched on a page of their own that asks again while they change."""

    #: The URL name of that page, below "admin:"; its last word is its path and its template.
    page: str
    #: The template of what changes, below `parts/`.
    part: str
    #: What templates and steps call a row.
    row_name: str
    steps: ClassVar[Steps] = {}
    list_select_related: ClassVar[list[str]] = ["created_by"]

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        model, _line, word = self.page.rpartition("_")
        urls = [path(f"<int:object_id>/{word}/", wrap(self.watch_view), name=self.page)]
        if self.steps:
            step = wrap(require_POST(self.step_view))
            urls.append(path("<int:object_id>/<slug:step>/now/", step, name=f"{model}_step"))
        return [*urls, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return own_page(f"admin:{self.page}", object_id)

    def row_watched(self, request: HttpRequest, object_id: int) -> Any:
        """The row with what its page shows of it. Raises `Http404`, `PermissionDenied`."""
        rows = self.model._default_manager.select_related(*self.list_select_related)
        row = get_object_or_404(rows, pk=object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def watch_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The page, or for a poll the part of it that changes.

        Buttons stand outside the polled part, since replacing one would lose a click on it. A new
        state offers other buttons, so then the whole page is loaded again.
        """
        row = self.row_watched(request, object_id)
        polled = is_htmx(request)
        if polled and self.steps and request.GET.get("state") != row.state:
            return HttpResponse(headers={"HX-Refresh": "true"})
        context = {
            "title": str(row),
            "opts": self.opts,
            self.row_name: row,
            "state_label": self.state_label(row),
            "may_control": self.has_manage_permission(request),
            **self.watched_context(request, row),
        }
        own = f"{self.opts.model_name}/{self.page.rpartition('_')[2]}"
        template = f"parts/{self.part}" if polled else own
        return site_page(request, f"catalog/{template}", **context)

    def watched_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the page of this kind of row shows besides."""
        raise NotImplementedError

    def step_view(self, request: HttpRequest, object_id: int, step: str) -> HttpResponse:
        """Do what the button says; then show the row's page."""
        if step not in self.steps:
            raise Http404
        if not self.has_manage_permission(request):
            raise PermissionDenied
        service, done = self.steps[step]
        row = get_object_or_404(self.model, pk=object_id)
        with refusals_as_messages(request):
            service(**{self.row_name: row}, actor=user_of(request))
            messages.success(request, str(done))
        return redirect(f"admin:{self.page}", object_id)

    @admin.display(description=_("State"), ordering="state")
    def state_label(self, row: Any) -> SafeString:
        return state_badge(row.state, row.get_state_display())
