"""The recipes of docs/api.md, run word for word against a real server."""

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import playwright
import pytest
from django.db import connection

from catalog.choices import DescriptionState
from catalog.models import ApiScope, DescriptionJob, Product, ProductImage, ProductImport
from catalog.services.api_keys import api_key_create
from catalog.services.webhooks import webhook_create
from catalog.webhook_signing import signed_headers, webhook_secret
from catalog.workers.importing import imports_wake_run
from tests.factories import DescriptionFactory, ProductFactory, ProductImageFactory, photo_bytes

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
RECIPE = re.compile(r"<!-- recipe: (\w+) (\w+) -->\n```\w+\n(.*?)```", re.DOTALL)
RECIPES = {(tongue, name): code for tongue, name, code in RECIPE.findall(PAGE.read_text())}
#: The browser tests' own Node, so that no other is needed.
NODE = Path(playwright.__file__).parent / "driver" / "node"
PROGRAMS = {
    "shell": ["bash", "-c"],
    "python": [sys.executable, "-c"],
    "javascript": [str(NODE), "--input-type=module", "--eval"],
}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(live_server, tmp_path):
    """Runs a recipe; returns what it printed. Its key may do everything."""
    _, key = api_key_create(name="Recipes", scopes=ApiScope.values)

    def start(tongue, name, **variables):
        if tongue == "shell" and shutil.which("curl") is None:
            pytest.skip("curl is absent: apt-get install curl")
        environment = {**os.environ, "MODA_URL": live_server.url, "MODA_KEY": key, **variables}
        done = subprocess.run(
            [*PROGRAMS[tongue], RECIPES[tongue, name]],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return start


@pytest.fixture
def shirt():
    text = DescriptionFactory(
        product__sku="A-1", alt_text="A red shirt", state=DescriptionState.APPROVED
    )
    ProductFactory(sku="B-1")
    return text.product


def test_each_recipe_is_run_here():
    source = Path(__file__).read_text()
    for tongue, name in RECIPES:
        assert name == "read" or f'"{tongue}", "{name}"' in source or name == "webhook"
    assert len(RECIPES) == 10


@pytest.mark.parametrize("tongue", PROGRAMS)
def test_read(run, shirt, tongue):
    printed = run(tongue, "read")
    assert "A red shirt" in printed
    assert ("B-1 (no text yet)" in printed) == (tongue != "shell")


def test_mirror(run, shirt):
    assert run("python", "mirror") == "2 products\n"


def test_write(run):
    assert '"White"' in run("shell", "write")
    product = Product.objects.get()
    assert (product.sku, product.colour, product.state) == ("SH-1", "White", "published")


def test_photo(run, shirt, tmp_path):
    photo = tmp_path / "shirt.jpg"
    photo.write_bytes(photo_bytes())
    assert '"position":0' in run("shell", "photo", SKU="A-1", PHOTO=str(photo))
    assert ProductImage.objects.get().product == shirt


def test_bulk(run):
    assert run("python", "bulk").split() == ["B-0", "created", "B-1", "created", "B-2", "created"]


def test_import(run, tmp_path, monkeypatch):
    monkeypatch.setattr("catalog.wakeups.wake_imports", lambda: None)
    ProductFactory(sku="A-1", colour="Blue")
    (tmp_path / "table.csv").write_text("sku,title,colour\nA-1,Shirt,Red\nB-1,Dress,\n")
    done = threading.Event()

    def work():
        while not done.wait(0.05):
            imports_wake_run()
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        printed = run("shell", "import", TABLE=str(tmp_path / "table.csv"))
    finally:
        done.set()
        worker.join()
    assert '"before":"Blue"' in printed
    assert '"after":"Red"' in printed
    assert ProductImport.objects.get().state in ("applying", "photos", "completed")


def test_job(run):
    ProductImageFactory()
    printed = run("javascript", "job")
    job = DescriptionJob.objects.get()
    assert printed.startswith(f"job {job.pk}: 1 of 1 left, see http")


def test_webhook():
    scope: dict = {}
    exec(RECIPES["python", "webhook"], scope)
    is_genuine = scope["is_genuine"]
    hook = webhook_create(owner="a", url="http://example.com", events=["job.completed"])
    secret, now = webhook_secret(hook), int(scope["time"].time())
    headers = signed_headers(hook, message=hook.pk, timestamp=now, body=b"{}")
    assert is_genuine(secret, headers, b"{}")
    assert not is_genuine(secret, headers, b"{ }")
    assert not is_genuine(secret, {**headers, "webhook-timestamp": str(now + 1)}, b"{}")
    old = signed_headers(hook, message=hook.pk, timestamp=now - 301, body=b"{}")
    assert not is_genuine(secret, old, b"{}")
