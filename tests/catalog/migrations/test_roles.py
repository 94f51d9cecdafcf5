"""What the migrations of roles do to groups and people that are there already."""

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection

from catalog.migrations._roles import permission_split, roles_grant
from tests.factories import UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
EDITOR = SimpleNamespace(connection=connection)


def codenames(holder):
    many = holder.permissions if isinstance(holder, Group) else holder.user_permissions
    return set(many.values_list("codename", flat=True))


def test_who_held_the_former_permission_holds_its_parts():
    former = Permission.objects.get(codename="change_product")
    team, user, other = Group.objects.create(name="Team"), UserFactory(), UserFactory()
    team.permissions.add(former)
    user.user_permissions.add(former)
    permission_split(apps, EDITOR, "change_product", "publish_product")
    assert codenames(team) == codenames(user) == {"change_product", "publish_product"}
    assert codenames(other) == set()


def test_a_grant_adds_to_a_group_and_takes_nothing_away():
    manager = Group.objects.get(name="Manager")
    manager.permissions.set(Permission.objects.filter(codename="view_user"))
    roles_grant(apps, EDITOR, {"Manager": ["publish_product"], "Night shift": ["view_product"]})
    assert codenames(manager) == {"view_user", "publish_product"}
    assert codenames(Group.objects.get(name="Night shift")) == {"view_product"}


def test_a_permission_that_no_model_declares_stops_the_migration():
    with pytest.raises(LookupError, match="publish_everything"):
        roles_grant(apps, EDITOR, {"Manager": ["publish_everything"]})
    assert "publish_everything" not in codenames(Group.objects.get(name="Manager"))
