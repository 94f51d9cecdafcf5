"""A database of version 0.1.0 is brought up to today's by `manage.py migrate`; nothing is lost."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

pytestmark = [pytest.mark.postgres, pytest.mark.faults]
ROOT = Path(__file__).parents[2]
READ = """
import json
from catalog.models import *
from catalog.selectors.jobs import job_progress
job = DescriptionJob.objects.get()
progress = job_progress(job)
print(json.dumps({
    "products": list(Product.objects.order_by("sku").values_list(
        "sku", "title", "brand", "category__slug", "state", "images__position")),
    "texts": list(Description.objects.order_by("product__sku").values_list(
        "product__sku", "state", "standard")),
    "done": progress.done, "left": progress.left,
    "version": list(ModelVersion.objects.values_list("name", "state", "languages")),
    "next": Product.objects.create(sku="NEW").pk > 6,
}))
"""


@pytest.fixture
def old_environment(request, tmp_path):
    """The environment of processes on an empty database of their own."""
    environment = {**os.environ, "MODA_DATA_DIRECTORY": str(tmp_path / "data")}
    if connection.vendor == "sqlite":
        yield environment | {"DATABASE_URL": f"sqlite:///{tmp_path / 'old.sqlite3'}"}
        return
    server = request.getfixturevalue("postgres_server")
    server.psql("CREATE DATABASE upgraded;")
    yield environment | {"DATABASE_URL": server.get_uri(database="upgraded")}
    server.psql("DROP DATABASE upgraded WITH (FORCE);")


@pytest.fixture
def run(old_environment):
    def run(*arguments):
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT, env=old_environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_a_catalog_of_the_first_version_is_upgraded_with_all_that_it_held(run):
    run("-m", "tests.end_to_end.upgrade.load")
    assert "0011_covering_indexes" not in run("manage.py", "migrate", "--plan")

    run("manage.py", "migrate", "--verbosity", "0")

    assert (
        run("manage.py", "migrate", "--plan").strip().endswith("No planned migration operations.")
    )
    found = json.loads(run("manage.py", "shell", "--verbosity", "0", "--command", READ))
    assert found["products"] == [
        [f"OLD-{n}", f"Summer dress {n}", "Lindholm", "dresses" if n < 4 else None,
         "published" if n < 5 else "draft", 0]
        for n in range(6)
    ]  # fmt: skip
    assert found["texts"] == [
        ["OLD-0", "approved", "Red dress for summer."],
        ["OLD-1", "draft", "Blue dress."],
        ["OLD-2", "rejected", "Wrong words."],
    ]
    assert (found["done"], found["left"]) == (2, 1)
    assert found["version"] == [["starter-0.1", "active", ["en"]]]
    assert found["next"] is True
