"""A real Chromium that tells what it complained about.

While Playwright is open its event loop runs in the tests' thread, where Django then refuses its
database; `DJANGO_ALLOW_ASYNC_UNSAFE` says that nothing asynchronous of ours is going on. Hence one
browser a module, closed before the tests that follow.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else Playwright's own; without either the tests are skipped."""
    path = next(filter(None, map(shutil.which, SYSTEM_BROWSERS)), None)
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        try:
            found = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        except Error as error:
            pytest.skip(f"No Chromium on this machine: {error.message.splitlines()[0]}")
        yield found
        found.close()


@pytest.fixture
def complaints() -> list[str]:
    """Console errors and Content-Security-Policy reports; the test ends by asking for none."""
    return []


@pytest.fixture
def page(browser: Browser, complaints: list[str]) -> Iterator[Page]:
    """A fresh page, 1280 pixels wide."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    found = context.new_page()

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(f"{found.url}: {message.text}")

    found.on("console", heard)
    found.on("pageerror", lambda error: complaints.append(f"{found.url}: {error}"))
    yield found
    context.close()
    assert complaints == []


@pytest.fixture
def logged_in(page: Page, live_server) -> Callable[[], Page]:
    """Log in by the form, as a superuser."""

    def log_in() -> Page:
        from django.contrib.auth import get_user_model

        get_user_model().objects.create_superuser("merchandiser", password="a long pass phrase")
        page.goto(f"{live_server.url}/admin/login/?next=/admin/")
        page.get_by_label("Username").fill("merchandiser")
        page.get_by_label("Password").fill("a long pass phrase")
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/admin/")
        return page

    return log_in
