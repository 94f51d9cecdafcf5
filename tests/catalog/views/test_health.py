"""The two questions of a process supervisor."""

import errno

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError

from catalog.readiness import migrations_check, storage_refusal


def test_healthz_asks_nobody(client, django_assert_num_queries):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_readyz_reports_a_broker_that_is_down_and_stays_ready(client, settings, tmp_path):
    settings.BROKER_URL = f"redis+socket://{tmp_path / 'none.sock'}"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ready",
        "database": "ok",
        "migrations": "ok",
        "storage": "ok",
        "broker": "unreachable",
    }


@pytest.mark.django_db
def test_readyz_reports_a_broker_that_is_up(client, settings):
    settings.BROKER_URL = "memory://"
    assert client.get("/readyz").json()["broker"] == "ok"


@pytest.mark.django_db
def test_readyz_without_the_database_is_not_ready(client, settings):
    settings.BROKER_URL = "memory://"

    def refuse(*args: object):
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not ready",
        "database": "unreachable",
        "migrations": "unknown",
        "storage": "ok",
        "broker": "ok",
    }


@pytest.fixture
def asked_anew():
    """Migrations that are there are not asked for again; here they are, before and after."""
    migrations_check.cache_clear()
    yield
    migrations_check.cache_clear()


@pytest.mark.django_db
def test_readyz_with_a_migration_missing_says_what_to_do(client, settings, asked_anew):
    settings.BROKER_URL = "memory://"
    assert client.get("/readyz").status_code == 200
    migrations_check.cache_clear()
    last = MigrationRecorder.Migration.objects.filter(app="catalog").order_by("name").last()
    last.delete()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "not ready")
    assert answer.json()["migrations"] == (
        "1 migrations are missing: run `python manage.py migrate`."
    )


@pytest.mark.django_db
def test_readyz_without_room_for_photos_is_not_ready(client, settings, tmp_path):
    settings.BROKER_URL = "memory://"
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file"
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["storage"]) == (503, "file exists")
    assert str(tmp_path) not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_supervisor_asks_by_any_name(client, settings, path):
    settings.BROKER_URL = "memory://"
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path, HTTP_HOST="10.42.0.7:8000").status_code == 200
    assert client.get("/", HTTP_HOST="10.42.0.7:8000").status_code != 200


def test_a_disk_that_is_full_is_a_reason(monkeypatch, tmp_path):
    def full(**_: object):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("catalog.readiness.tempfile.TemporaryFile", full)
    assert storage_refusal() == "no space left on device"
