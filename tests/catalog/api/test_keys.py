"""Who may do what: keys, tokens, nobody; and that drafts stay with those who may see them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from catalog.choices import ProductState
from catalog.models import ApiKey, PersonToken
from catalog.services.api_keys import (
    api_key_create,
    api_key_revoke,
    person_token_create,
)
from tests.factories import DescriptionFactory, ProductFactory, UserFactory

LIST = reverse("api:product-list")
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


@pytest.fixture
def draft():
    product = ProductFactory(sku="D", title="Hidden shirt", state=ProductState.DRAFT)
    DescriptionFactory(product=product, standard="secret words")
    return product


def with_key(*scopes, **more):
    key, text = api_key_create(name="Key", scopes=scopes, **more)
    return key, {"Authorization": f"Api-Key {text}"}


@pytest.mark.parametrize(
    "authorization",
    [
        "Api-Key ",
        "Api-Key x",
        "Api-Key abcdefgh.abcdefghabcdefghabcdefghabcdefgh",
        "Api-Key \xff.é",
        "Token",
        "Token x y",
        "Token " + "0" * 64,
        "Token é",
    ],
)
def test_a_key_that_is_none_is_refused_even_where_none_is_needed(client, authorization):
    answer = client.get(LIST, headers={"Authorization": authorization})
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Api-Key"
    assert answer.json()["type"].endswith("/problems/not-authenticated/")


def test_expired_and_revoked_keys_are_refused(client):
    expired, headers = with_key("read")
    ApiKey.objects.filter(pk=expired.pk).update(expiry_date=timezone.now() - timedelta(seconds=1))
    assert client.get(LIST, headers=headers).status_code == 401
    revoked, headers = with_key("read")
    assert client.get(LIST, headers=headers).status_code == 200
    api_key_revoke(key=revoked)
    assert client.get(LIST, headers=headers).status_code == 401


def test_a_right_prefix_is_not_enough(client):
    _, headers = with_key("read")
    headers["Authorization"] = headers["Authorization"][:-1] + "!"
    assert client.get(LIST, headers=headers).status_code == 401
    headers["Authorization"] = headers["Authorization"][:-1] + "0"
    assert client.get(LIST, headers=headers).status_code == 401


def test_the_last_use_is_noted_once_a_minute(client, django_assert_num_queries):
    key, headers = with_key("read")
    client.get(LIST, headers=headers)
    key.refresh_from_db()
    used = key.last_used_at
    assert timezone.now() - used < timedelta(minutes=1)
    client.get(LIST, headers=headers)
    key.refresh_from_db()
    assert key.last_used_at == used


def test_reading_can_be_closed_to_nobody_in_particular(client, settings):
    settings.API_PUBLIC_READ = False
    assert client.get(LIST).status_code == 401
    _, headers = with_key("read")
    assert client.get(LIST, headers=headers).status_code == 200
    _, headers = with_key("write")
    answer = client.get(LIST, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["detail"] == "This needs the scope `read`."


def test_drafts_show_to_their_scope_alone(client, draft):
    detail = reverse("api:product-detail", args=["D"])
    _, reader = with_key("read")
    for headers in ({}, reader):
        assert client.get(detail, headers=headers).status_code == 404
        assert client.get(LIST, headers=headers).json()["results"] == []
        assert client.get(f"{LIST}?search=hidden", headers=headers).json()["results"] == []
        changes = client.get(f"{LIST}?updated_since=2020-01-01", headers=headers)
        assert changes.json()["results"] == []
        answer = client.get(f"{LIST}?state=any", headers=headers)
        assert answer.status_code == (403 if headers else 401)
    _, editor = with_key("read", "drafts")
    for url in (f"{LIST}?state=any", f"{LIST}?state=draft"):
        found = client.get(url, headers=editor)
        assert [one["sku"] for one in found.json()["results"]] == ["D"]
        assert b"secret" not in found.content
    assert client.get(detail, headers=editor).json()["state"] == "draft"
    assert client.get(LIST, headers=editor).json()["results"] == []


def test_a_token_may_what_its_account_may(client, draft):
    detail = reverse("api:product-detail", args=["D"])
    user = UserFactory()
    _, text = person_token_create(user=user, name="Laptop", scopes=["read", "drafts"])
    headers = {"Authorization": f"Token {text}"}
    assert client.get(detail, headers=headers).status_code == 404
    user.user_permissions.add(Permission.objects.get(codename="view_description"))
    assert client.get(detail, headers=headers).status_code == 200
    assert PersonToken.objects.get().last_used_at is not None
    user.is_active = False
    user.save()
    assert client.get(detail, headers=headers).status_code == 401


def test_a_token_ends(client):
    _, text = person_token_create(user=UserFactory(), name="x", scopes=["read"])
    PersonToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert client.get(LIST, headers={"Authorization": f"Token {text}"}).status_code == 401
