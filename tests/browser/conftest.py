"""Browser tests: each is marked as such, and opens pages of a server in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browsing import browser, complaints, log_in, page

__all__ = ["browser", "complaints", "page"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture
def logged_in(page: Page, live_server) -> Callable[[], Page]:
    """Log in by the form, as a superuser."""

    def enter() -> Page:
        from django.contrib.auth import get_user_model

        given = {"username": "merchandiser", "password": "a long pass phrase"}
        get_user_model().objects.create_superuser(**given)
        log_in(page, live_server.url, **given)
        return page

    return enter
