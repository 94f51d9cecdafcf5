"""All that the schema allows, and much that it does not: every check, 2,000 requests in all.

A server answers in this process, on this test's database; schemathesis is a program of its own.
"""

import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection

from catalog.models import ApiScope
from catalog.services.api_keys import api_key_create, person_token_create
from catalog.workers.photo_requests import photo_requests_run
from tests import describing
from tests.factories import CategoryFactory, ModelVersionFactory, ProductImageFactory

EXAMPLES = 12  # an operation and phase
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def catalog(settings, monkeypatch):
    """Things to find, a worker that describes at once, and no limit that hides an answer."""
    settings.DESCRIBE_FUNCTION = describing.DOTTED_PATH
    monkeypatch.setattr("catalog.api.access.PUBLIC_RATE", 10**9)
    monkeypatch.setattr("catalog.api.access.DEFAULT_RATE", 10**9)
    for name in ("wake_descriptions", "wake_imports", "wake_webhooks"):
        monkeypatch.setattr(f"catalog.wakeups.{name}", lambda *_, **__: True)
    monkeypatch.setattr("catalog.wakeups.wake_photo_requests", _described_in_a_thread)
    cache.clear()
    ModelVersionFactory()
    ProductImageFactory(product__sku="0", product__category=CategoryFactory(slug="0"))


def _described_in_a_thread():
    def run():
        try:
            photo_requests_run()
        finally:
            connection.close()

    threading.Thread(target=run).start()
    return True


def ask_everything(url, authorization, folder):
    """Runs schemathesis; returns how many requests it made. Whatever it finds ends the test."""
    program = Path(sys.executable).with_name("schemathesis")
    command = [program, "--config-file", CONFIGURATION, "run"]
    command += [f"{url}/api/v1/schema/?format=json", "--checks", "all", "--no-color"]
    command += ["--max-examples", str(EXAMPLES), "--seed", "7"]
    if authorization:
        command += ["--header", f"Authorization: {authorization}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(re.search(r"(\d+) generated", done.stdout)[1])


def _key():
    _, key = api_key_create(name="All", scopes=ApiScope.values, rate=10**9)
    return f"Api-Key {key}"


def _person():
    person = get_user_model().objects.create_superuser("all")
    _, token = person_token_create(user=person, name="All", scopes=ApiScope.values)
    return f"Token {token}"


@pytest.mark.parametrize("authorize", [_key, _person, lambda: ""], ids=["key", "person", "nobody"])
def test_every_check(live_server, catalog, tmp_path, authorize):
    assert ask_everything(live_server.url, authorize(), tmp_path) >= 2_000 / 3
