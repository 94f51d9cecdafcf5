"""The layers, held by fresh processes: what a process has imported is a fact, not an intention."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "transformers", "tokenizers", "safetensors", "accelerate", "lab")
#: Of the engine only what needs no torch, by `catalog/claims.py` and `catalog/photos.py`.
PLAIN = (
    "moda_engine.brief",
    "moda_engine.copywriting",
    "moda_engine.exceptions",
    "moda_engine.language",
    "moda_engine.photos",
    "moda_engine.registration",
)
WORKER_SIDE = ("catalog.workers", "catalog.tasks", "catalog.engine")
WEB_PACKAGES = ("catalog.admin", "catalog.api", "catalog.views")
REPORT = "import json, sys; print(json.dumps(sorted(sys.modules)))"


def modules_after(code: str) -> set[str]:
    """What a fresh process with our settings has imported after `code`."""
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\n{REPORT}"],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    return set(json.loads(result.stdout.splitlines()[-1]))


def below(modules: set[str], *packages: str) -> list[str]:
    return sorted(
        module
        for module in modules
        if any(module == package or module.startswith(f"{package}.") for package in packages)
    )


SETUP = "import django; django.setup()"
WEB_SIDE = {
    "wsgi": "import config.wsgi",
    "asgi": "import config.asgi",
    "urls": f"{SETUP}; import config.urls",
    "admin": f"{SETUP}; import catalog.admin",
    "api": f"{SETUP}; import catalog.api.urls",
    "services": f"{SETUP}; import catalog.services.jobs, catalog.importing.services",
}


@pytest.mark.parametrize("code", WEB_SIDE.values(), ids=WEB_SIDE.keys())
def test_the_web_process_loads_neither_engine_nor_workers(code):
    modules = modules_after(code)

    assert "catalog.models" in modules
    assert below(modules, *HEAVY) == []
    assert set(below(modules, "moda_engine")) - {"moda_engine"} == set(below(modules, *PLAIN))
    assert below(modules, *WORKER_SIDE) == []


def test_the_engine_knows_neither_django_nor_celery_nor_the_catalog():
    modules = modules_after(
        "import moda_engine, moda_engine.describing.describer, moda_engine.__main__"
    )

    assert "moda_engine" in modules
    unwanted = ("django", "rest_framework", "celery", "kombu", "catalog", "config", "lab")
    assert below(modules, *unwanted) == []


def test_the_door_to_the_engine_loads_no_weights_until_it_is_used():
    modules = modules_after(f"{SETUP}; import catalog.engine.describe, catalog.engine.weights")

    assert "catalog.engine.describe" in modules
    assert below(modules, "torch", "transformers") == []


def test_tasks_load_no_part_of_the_web():
    # Django itself loads the admin, and what that imports, in every process.
    modules = modules_after(f"{SETUP}; import catalog.tasks") - modules_after(SETUP)

    assert "catalog.tasks" in modules
    assert below(modules, *WEB_PACKAGES) == []


def test_the_import_contracts_hold():
    """Also what is imported inside functions; the contracts are in pyproject.toml."""
    result = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout
