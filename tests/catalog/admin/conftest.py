"""People with differing permissions, each with a client that is logged in."""

from collections.abc import Callable

import pytest
from django.test import Client


@pytest.fixture
def client_with(db) -> Callable[..., Client]:
    """`client_with("view_product", …)` is the client of somebody who may do that and no more."""
    # Here, because pytest may load this file before Django is set up.
    from django.contrib.auth.models import Permission

    from tests.factories import UserFactory

    def make(*codenames: str) -> Client:
        user = UserFactory()
        permissions = Permission.objects.filter(
            content_type__app_label="catalog", codename__in=codenames
        )
        assert permissions.count() == len(codenames)
        user.user_permissions.set(permissions)
        client = Client()
        client.force_login(user)
        client.user = user
        return client

    return make


@pytest.fixture
def viewer(client_with) -> Client:
    """May look at everything of the catalog and change nothing."""
    models = ["category", "product", "productimage", "description", "descriptionjob"]
    models += ["descriptionjobitem", "modelversion"]
    return client_with(*(f"view_{model}" for model in models))


@pytest.fixture
def reviewer(client_with) -> Client:
    """May review texts, many at once too, and look at products."""
    return client_with(
        "view_product", "view_description", "change_description", "review_many_descriptions"
    )
