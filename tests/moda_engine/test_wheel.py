"""The engine as a wheel: built without a network, and run where there is no Django."""

import os
import shutil
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
#: Found before the real one: whoever imports it fails.
ABSENT = "raise ImportError('the engine must not need this')\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built from a copy: building leaves folders behind."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for package in ("moda_engine", "lab", "catalog"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, source / package, ignore=ignored)
    built = tmp_path_factory.mktemp("built")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(built)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", *options, "."],
        cwd=source,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (path,) = built.iterdir()
    return path


def test_it_holds_the_engine_and_nothing_else(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    information = "moda_engine-0.1.0.dist-info"
    assert {name.split("/")[0] for name in names} == {"moda_engine", information}
    source = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "moda_engine").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if name.startswith("moda_engine/")} == source
    assert not any(name.startswith("lab/") for name in names)
    vocabularies = {name for name in names if name.startswith("moda_engine/language/vocabularies/")}
    assert {Path(name).name for name in vocabularies} == {
        f"{language}.json" for language in ("da", "de", "es", "fr", "it", "nl", "pl", "sv")
    }


def test_it_asks_for_what_it_imports(wheel):
    with zipfile.ZipFile(wheel) as archive:
        information = Parser().parsestr(
            archive.read("moda_engine-0.1.0.dist-info/METADATA").decode()
        )
    required = information.get_all("Requires-Dist")
    assert not any(name.lower().startswith(("django", "celery")) for name in required)
    assert "transformers<6,>=5.23" in required
    assert information["License-Expression"] == "MIT"


def test_it_describes_where_there_is_no_django(wheel, tmp_path, imagefolder):
    site = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    for name in ("django", "celery", "catalog", "config", "lab"):
        (site / f"{name}.py").write_text(ABSENT)
    photo = str(imagefolder / "images" / "0.png")
    environment = {
        name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"
    }
    done = subprocess.run(
        [sys.executable, "-m", "moda_engine", "describe", photo],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{photo}: ")
    where = subprocess.run(
        [sys.executable, "-c", "import moda_engine; print(moda_engine.__file__)"],
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
    )
    assert where.stdout.strip() == str(site / "moda_engine" / "__init__.py")
