"""The two questions of a process supervisor."""

import pytest
from django.db import connection
from django.db.utils import OperationalError


def test_healthz_asks_nobody(client, django_assert_num_queries):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_readyz_reports_a_broker_that_is_down_and_stays_ready(client, settings, tmp_path):
    settings.BROKER_URL = f"redis+socket://{tmp_path / 'none.sock'}"
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "database": "ok", "broker": "unreachable"}


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
    assert answer.json() == {"status": "not ready", "database": "unreachable", "broker": "ok"}
