"""A real Chromium that tells what it complained about; conftest files take these fixtures up.

While Playwright is open its event loop runs in the tests' thread, where Django then refuses its
database; `DJANGO_ALLOW_ASYNC_UNSAFE` says that nothing asynchronous of ours is going on. Hence one
browser a module, closed before the tests that follow.
"""

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")


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


def log_in(page: Page, address: str, *, username: str, password: str) -> None:
    """By the form, to the start page of the admin."""
    page.goto(f"{address}/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
