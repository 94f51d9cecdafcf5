"""How often one address may ask."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisConnectionError

from catalog.api.throttles import CatalogThrottle

LIST = reverse("api:product-list")
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _two_a_minute(monkeypatch):
    monkeypatch.setattr(CatalogThrottle, "rate", "2/min")
    cache.clear()
    yield
    cache.clear()


def test_one_too_many_is_told_when_to_come_back(client):
    answers = [client.get(LIST, headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[-1]["Retry-After"]) <= 60
    assert "throttled" in answers[-1].json()["detail"]


def test_each_address_is_counted_alone(client):
    for address in ("10.0.0.1", "10.0.0.2"):
        for _ in range(2):
            assert client.get(LIST, REMOTE_ADDR=address).status_code == 200


def test_without_the_cache_the_catalog_is_read_all_the_same(client, monkeypatch):
    class Down:
        def get(self, *args: object):
            raise RedisConnectionError("down")

    monkeypatch.setattr(CatalogThrottle, "cache", Down())
    assert [client.get(LIST).status_code for _ in range(3)] == [200, 200, 200]
