"""Who may do what, as tables: the pages, lists and buttons are asked themselves, role by role.

Nothing is listed here. A role is a group of the database; lists answer by the methods that guard
them, other pages by the permission that their view carries.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.text import capfirst

from catalog.admin.channels import urlpatterns as channel_urls
from catalog.admin.desk import urlpatterns as desk_urls
from catalog.admin.figures import urlpatterns as figures_urls
from catalog.admin.grid import urlpatterns as grid_urls
from catalog.admin.product_texts import STEPS as PRODUCT_STEPS

BEGIN = "<!-- written by `python manage.py roles_table`: begin -->"
END = "<!-- written by `python manage.py roles_table`: end -->"
MAY = "●"
#: What may be asked of every list of the admin.
VERBS = ("view", "add", "change", "delete")


@dataclass(frozen=True, slots=True)
class Role:
    """Stands in for an account that is in one group alone."""

    name: str
    permissions: frozenset[str]
    is_active: bool = field(default=True, init=False)
    is_staff: bool = field(default=True, init=False)
    pk: int = field(default=0, init=False)

    def has_perm(self, permission: str, obj: object = None) -> bool:
        return permission in self.permissions

    def request(self) -> HttpRequest:
        request = HttpRequest()
        request.user = self  # type: ignore[assignment]  # permissions are all that is asked of it
        return request


def roles_all() -> list[Role]:
    """The groups of this database, in the order in which they were made."""
    return [
        Role(
            group.name,
            frozenset(
                f"{permission.content_type.app_label}.{permission.codename}"
                for permission in group.permissions.select_related("content_type")
            ),
        )
        for group in Group.objects.order_by("pk")
    ]


def roles_tables() -> str:
    """Markdown: pages, actions of lists, buttons, and permissions, each with a column a role."""
    roles = roles_all()
    parts = (
        ("Lists and their forms", "list", _lists(roles)),
        ("Actions on ticked rows", "list and action", _actions(roles)),
        ("Pages and buttons", "page", _pages(roles)),
        ("Permissions that tell the roles apart", "permission", _permissions(roles)),
    )
    return "\n\n".join(
        f"### {title}\n\n{_table([first, *(role.name for role in roles)], rows)}"
        for title, first, rows in parts
    )


def document_with_tables(document: str) -> str:
    """The document with these tables between its two marks. Raises `ValueError` without them."""
    before, begin, rest = document.partition(BEGIN)
    _former, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"The document needs the lines {BEGIN} and {END}, in this order.")
    return f"{before}{BEGIN}\n\n{roles_tables()}\n\n{END}{after}"


def _table(heads: list[str], rows: Iterable[tuple[str, list[str]]]) -> str:
    lines = [heads, ["---"] * len(heads), *([first, *cells] for first, cells in rows)]
    return "\n".join(
        "|" + "".join(f" {cell} |" if cell else " |" for cell in line) for line in lines
    )


def _marks(roles: list[Role], permission: str) -> list[str]:
    return [MAY if role.has_perm(permission) else "" for role in roles]


def _catalog_admins() -> Iterator[Any]:
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label == "catalog":
            yield model_admin


def _lists(roles: list[Role]) -> Iterator[tuple[str, list[str]]]:
    for model_admin in _catalog_admins():
        name = capfirst(str(model_admin.opts.verbose_name_plural))
        yield name, [", ".join(_verbs(model_admin, role.request())) for role in roles]


def _verbs(model_admin: Any, request: HttpRequest) -> Iterator[str]:
    verbs = [verb for verb in VERBS if getattr(model_admin, f"has_{verb}_permission")(request)]
    yield from verbs
    manages = getattr(model_admin, "has_manage_permission", None)
    if manages is not None and "change" not in verbs and manages(request):
        yield "use its buttons"


def _actions(roles: list[Role]) -> Iterator[tuple[str, list[str]]]:
    for model_admin in _catalog_admins():
        listed = capfirst(str(model_admin.opts.verbose_name_plural))
        offered = {
            role.name: model_admin.get_actions(role.request())
            if model_admin.has_view_permission(role.request())
            else {}
            for role in roles
        }
        words = {
            name: str(description) % {"verbose_name_plural": "rows"}
            for actions in offered.values()
            for name, (_function, _name, description) in actions.items()
        }
        for name in sorted(words, key=words.__getitem__):
            yield (
                f"{listed}: {words[name]}",
                [MAY if name in offered[role.name] else "" for role in roles],
            )


def _pages(roles: list[Role]) -> Iterator[tuple[str, list[str]]]:
    for route, permission in sorted(_guarded_routes()):
        yield (
            f"`/admin/{route}`",
            _marks(roles, permission),
        )
    for step, (permission, _service, _done) in PRODUCT_STEPS.items():
        yield (
            f"button *{step}* on a product's page",
            _marks(roles, permission),
        )


def _guarded_routes() -> Iterator[tuple[str, str]]:
    """Addresses below `/admin/` whose view carries the permission that it asks for."""
    own = [("", url) for url in (*desk_urls, *figures_urls, *grid_urls, *channel_urls)]
    for model_admin in _catalog_admins():
        prefix = f"{model_admin.opts.app_label}/{model_admin.opts.model_name}/"
        own += [(prefix, url) for url in model_admin.get_urls() if isinstance(url, URLPattern)]
    for prefix, url in own:
        permission = getattr(url.callback, "permission", "")
        if permission:
            yield f"{prefix}{url.pattern}", permission


def _permissions(roles: list[Role]) -> Iterator[tuple[str, list[str]]]:
    """Those of the catalog that some roles have and some have not."""
    rows = Permission.objects.filter(content_type__app_label="catalog")
    for codename in rows.order_by("codename").values_list("codename", flat=True):
        marks = _marks(roles, f"catalog.{codename}")
        if len(set(marks)) > 1:
            yield f"`{codename}`", marks
