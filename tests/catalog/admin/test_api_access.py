"""Keys, tokens and webhooks in the admin: shown once, one's own alone, never changed."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import (
    ApiKey,
    DeliveryState,
    PersonToken,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from catalog.services.api_keys import api_key_create, person_token_create
from catalog.transitions.webhook import deliveries_create, endpoint_disable
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
KEYS = reverse("admin:catalog_apikey_changelist")
TOKENS = reverse("admin:catalog_persontoken_changelist")


@pytest.fixture(autouse=True)
def wakes(monkeypatch):
    monkeypatch.setattr("catalog.wakeups.wake_webhooks", lambda: True)


def test_a_key_is_made_and_shown_once(admin_client):
    form = {"name": "Shop", "scopes": ["read", "write"], "rate": "60", "days": "7"}
    page = admin_client.post(reverse("admin:catalog_apikey_add"), form, follow=True)
    [text] = re.findall(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}", page.content.decode())
    key = ApiKey.objects.get_from_key(text)
    assert (key.scopes, key.rate, key.created_by.username) == (["read", "write"], 60, "admin")
    assert timedelta(days=6) < key.expiry_date - timezone.now() <= timedelta(days=7)
    for url in (KEYS, reverse("admin:catalog_apikey_change", args=[key.pk])):
        again = admin_client.get(url).content.decode()
        assert "Shop" in again
        assert text not in again


@pytest.mark.parametrize(
    "change", [{"name": ""}, {"scopes": []}, {"scopes": ["root"]}, {"days": "0"}, {"rate": "-1"}]
)
def test_a_key_that_makes_no_sense_is_not_made(admin_client, change):
    form = {"name": "Shop", "scopes": ["read"], "rate": "60", **change}
    page = admin_client.post(reverse("admin:catalog_apikey_add"), form)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not ApiKey.objects.exists()


def test_replace_and_revoke(admin_client, client_with):
    key, _ = api_key_create(name="Shop", scopes=["read"])
    action = {"action": "replace_selected", "_selected_action": [key.pk]}
    viewer = client_with("view_apikey")
    viewer.post(KEYS, action)
    assert ApiKey.objects.count() == 1
    page = admin_client.post(KEYS, action, follow=True).content.decode()
    assert len(re.findall(r"[A-Za-z0-9]{8}\.[A-Za-z0-9]{32}", page)) == 1
    assert "works for another 7 days" in page
    page = admin_client.post(KEYS, action, follow=True).content.decode()
    assert "make a new key" in page
    action["action"] = "revoke_selected"
    admin_client.post(KEYS, action)
    key.refresh_from_db()
    assert key.revoked


def test_everybody_has_tokens_of_their_own(client_with):
    permissions = ("view_persontoken", "add_persontoken", "delete_persontoken")
    client = client_with(*permissions)
    other, _ = person_token_create(user=UserFactory(), name="Hidden one", scopes=["read"])
    form = {"name": "Laptop", "scopes": ["read"], "days": "30"}
    page = client.post(reverse("admin:catalog_persontoken_add"), form, follow=True)
    assert len(re.findall(r"\b[0-9a-f]{64}\b", page.content.decode())) == 1
    token = PersonToken.objects.get(name="Laptop")
    assert token.user == client.user
    assert "Hidden one" not in client.get(TOKENS).content.decode()
    delete = "admin:catalog_persontoken_delete"
    client.post(reverse(delete, args=[other.pk]), {"post": "yes"})
    client.post(reverse(delete, args=[token.pk]), {"post": "yes"})
    assert PersonToken.objects.get() == other


def test_webhooks_are_watched_and_sent_again(admin_client):
    endpoint = WebhookEndpoint.objects.create(owner="a", url="http://example.com", events=[])
    event = WebhookEvent.objects.create(type="job.completed", subject="job 1", data={})
    deliveries_create(endpoints=[endpoint], events=[event])
    delivery = WebhookDelivery.objects.get()
    delivery.log.create(status=500, detail="help <b>")
    endpoint_disable(endpoint=endpoint, notice="It answered 500")
    page = admin_client.get(reverse("admin:catalog_webhookendpoint_changelist"))
    assert "It answered 500" in page.content.decode()
    page = admin_client.get(reverse("admin:catalog_webhookdelivery_change", args=[delivery.pk]))
    assert "help &lt;b&gt;" in page.content.decode()
    url = reverse("admin:catalog_webhookendpoint_changelist")
    admin_client.post(url, {"action": "enable_selected", "_selected_action": [endpoint.pk]})
    endpoint.refresh_from_db()
    assert endpoint.disabled_at is None
    WebhookDelivery.objects.update(state=DeliveryState.FAILED)
    url = reverse("admin:catalog_webhookdelivery_changelist")
    admin_client.post(url, {"action": "send_again_selected", "_selected_action": [delivery.pk]})
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.PENDING


def test_the_packaged_page_for_keys_is_not_there(admin_client):
    assert admin_client.get("/admin/rest_framework_api_key/apikey/").status_code == 404
    assert admin_client.get("/admin/").status_code == 200
