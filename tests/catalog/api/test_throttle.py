"""How often one client may ask, and how it is told."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from catalog.services.api_keys import api_key_create

LIST = reverse("api:product-list")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_a_minute(monkeypatch):
    """Nobody may ask more than twice, within one window however slow the machine is."""
    monkeypatch.setattr("catalog.api.access.PUBLIC_RATE", 2)
    monkeypatch.setattr("catalog.api.access.time.time", lambda: 1_000_000_000.0)
    cache.clear()
    yield
    cache.clear()


def test_one_too_many_is_told_when_to_come_back(client):
    answers = [client.get(LIST, headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    limits = [(answer["RateLimit-Policy"], answer["RateLimit"]) for answer in answers]
    assert limits == [('"default";q=2;w=60', f'"default";r={left};t=20') for left in (1, 0, 0)]
    assert answers[-1]["Retry-After"] == "20"
    assert answers[-1].json()["type"].endswith("/problems/too-many-requests/")


def test_each_address_is_counted_alone(client):
    for address in ("10.0.0.1", "10.0.0.2"):
        for _ in range(2):
            assert client.get(LIST, REMOTE_ADDR=address).status_code == 200


def test_a_key_has_a_limit_of_its_own(client):
    _, text = api_key_create(name="Shop", scopes=["read"], rate=3)
    headers = {"Authorization": f"Api-Key {text}"}
    answers = [client.get(LIST, headers=headers).status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert client.get(LIST).status_code == 200


def test_without_the_cache_the_catalog_is_read_all_the_same(client, monkeypatch):
    def down(*args: object, **kwargs: object):
        raise RedisConnectionError("down")

    monkeypatch.setattr("catalog.api.access.cache.incr", down)
    _, text = api_key_create(name="Shop", scopes=["read"], rate=1)
    for headers in ({}, {"Authorization": f"Api-Key {text}"}):
        assert [client.get(LIST, headers=headers).status_code for _ in range(4)] == [200] * 4
