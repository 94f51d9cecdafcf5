"""Clients of the API with keys."""

from collections.abc import Callable
from typing import Any

import pytest


class KeyClient:
    """Django's test client with a key in its hand, sending JSON."""

    def __init__(self, client, key, text) -> None:
        self._client = client
        self.key = key
        self.headers = {"Authorization": f"Api-Key {text}"}

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def send(url, data=None, *, headers=None, **options):
            if data is not None and method != "get":
                options.setdefault("content_type", "application/json")
            all_headers = {**self.headers, **(headers or {})}
            arguments = (url,) if data is None else (url, data)
            return getattr(self._client, method)(*arguments, headers=all_headers, **options)

        return send


@pytest.fixture
def with_scopes(client):
    """A client whose key has these scopes."""
    from catalog.services.api_keys import api_key_create

    def make(*scopes, **more):
        return KeyClient(client, *api_key_create(name="Key", scopes=scopes, **more))

    return make


@pytest.fixture(autouse=True)
def _nothing_counted():
    """Limits of requests are those of one test."""
    from django.core.cache import cache

    cache.clear()
