"""The groups that come with the catalog, for the migrations that make and extend them.

A migration states what it grants, so that a group which people have changed since is never set
back: each grant is made once, on the day that its permission comes into being.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.management import create_permissions


def roles_grant(apps: Any, schema_editor: Any, grants: Mapping[str, Iterable[str]]) -> None:
    """Give each named group these permissions of the catalog; groups that are missing are made.

    `grants` is group to codenames. Raises `LookupError` for one that no model declares.
    """
    alias = schema_editor.connection.alias
    permissions = _permissions(apps, alias)
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for name, codenames in grants.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(_named(permissions, codename) for codename in codenames))


def permission_split(apps: Any, schema_editor: Any, former: str, *parts: str) -> None:
    """Whoever held `former` gets `parts` too: what one permission allowed now takes several."""
    alias = schema_editor.connection.alias
    permissions = _permissions(apps, alias)
    held = _named(permissions, former)
    for holder in [*held.group_set.all(), *held.user_set.all()]:
        many = holder.permissions if hasattr(holder, "permissions") else holder.user_permissions
        many.add(*(_named(permissions, part) for part in parts))


def _permissions(apps: Any, alias: str) -> dict[str, Any]:
    """Codename to row. Django makes the rows after all migrations, which is too late here."""
    config = apps.get_app_config("catalog")
    vars(config).setdefault("models_module", True)  # one that seems to have no models is passed over
    create_permissions(config, verbosity=0, apps=apps, using=alias)
    rows = apps.get_model("auth", "Permission").objects.using(alias)
    return {row.codename: row for row in rows.filter(content_type__app_label="catalog")}


def _named(permissions: Mapping[str, Any], codename: str) -> Any:
    if codename not in permissions:
        raise LookupError(f"No model of the catalog declares the permission {codename}.")
    return permissions[codename]
