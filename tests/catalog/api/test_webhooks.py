"""Webhooks over the API: a client's own, and nobody else's."""

import pytest
from django.urls import reverse

from catalog.models import (
    IdempotentRequest,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from catalog.transitions.webhook import deliveries_create
from catalog.webhook_signing import webhook_secret

LIST = reverse("api:webhook-list")
BODY = {"url": "https://example.com/hook", "events": ["product.updated", "job.completed"]}
pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def wakes(monkeypatch):
    monkeypatch.setattr("catalog.wakeups.wake_webhooks", lambda: True)


@pytest.fixture
def manager(with_scopes):
    return with_scopes("webhooks")


def test_make_read_change_delete(manager):
    answer = manager.post(LIST, BODY)
    assert answer.status_code == 201
    webhook = answer.json()
    secret = webhook.pop("secret")
    assert secret == webhook_secret(WebhookEndpoint.objects.get())
    assert (webhook["url"], webhook["events"], webhook["enabled"], webhook["notice"]) == (
        BODY["url"],
        ["job.completed", "product.updated"],
        True,
        "",
    )
    assert answer["Location"] == webhook["address"]
    assert manager.get(webhook["address"]).json() == webhook
    assert manager.get(LIST).json() == {"results": [webhook]}
    change = {"enabled": False, "events": ["model.promoted"]}
    changed = manager.patch(webhook["address"], change).json()
    assert (changed["enabled"], changed["notice"]) == (False, "Its owner disabled it.")
    assert changed["events"] == ["model.promoted"]
    assert manager.patch(webhook["address"], {"enabled": True}).json()["notice"] == ""
    assert manager.delete(webhook["address"]).status_code == 204
    assert manager.get(webhook["address"]).status_code == 404


def test_the_secret_is_told_once_and_stored_nowhere(manager):
    headers = {"Idempotency-Key": "one"}
    secret = manager.post(LIST, BODY, headers=headers).json()["secret"]
    again = manager.post(LIST, BODY, headers=headers)
    assert again.status_code == 201
    assert "secret" not in again.json()
    assert secret.encode() not in bytes(IdempotentRequest.objects.get().body)
    assert WebhookEndpoint.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"url": "ftp://example.com"}, 422),
        ({"url": "hook"}, 422),
        ({"url": "http://user:secret@example.com"}, 422),
        ({"url": ""}, 400),
        ({"url": "http://example.com/\0"}, 400),
        ({"url": "http://example.com/" + "x" * 2000}, 400),
        ({"events": []}, 400),
        ({"events": ["product.deleted"]}, 400),
        ({"events": "product.updated"}, 400),
        ({"secret": "mine"}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(manager, change, status):
    assert manager.post(LIST, {**BODY, **change}).status_code == status
    assert not WebhookEndpoint.objects.exists()
    address = manager.post(LIST, BODY).json()["address"]
    assert manager.patch(address, change).status_code == status
    assert WebhookEndpoint.objects.get().url == BODY["url"]


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1", "192.168.1.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "①②⑦.0.0.1", "0",
        "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "localhost", "intranet", "hook.internal",
        "hook.lan", "hook.corp", "HOOK.LAN.",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_however_it_is_written(manager, host):
    said = manager.post(LIST, {**BODY, "url": f"https://{host}/hook"})
    assert said.status_code == 422
    assert "not on the public internet" in said.json()["detail"]
    address = manager.post(LIST, BODY).json()["address"]
    assert manager.patch(address, {"url": f"https://{host}/hook"}).status_code == 422
    assert WebhookEndpoint.objects.get().url == BODY["url"]


def test_twenty_are_enough(manager):
    for _ in range(20):
        assert manager.post(LIST, BODY).status_code == 201
    assert manager.post(LIST, BODY).status_code == 409


def test_the_log_and_send_again(manager):
    address = manager.post(LIST, BODY).json()["address"]
    endpoint = WebhookEndpoint.objects.get()
    event = WebhookEvent.objects.create(
        type="job.completed", subject="job 1", data={"state": "completed"}
    )
    deliveries_create(endpoints=[endpoint], events=[event])
    delivery = WebhookDelivery.objects.get()
    delivery.log.create(status=500, detail="help")
    [entry] = manager.get(f"{address}deliveries/").json()["results"]
    assert (entry["number"], entry["state"], entry["type"]) == (
        delivery.pk,
        "pending",
        "job.completed",
    )
    assert [(one["status"], one["detail"]) for one in entry["log"]] == [(500, "help")]
    again = f"{address}deliveries/{delivery.pk}/send-again/"
    assert manager.post(again).status_code == 409
    WebhookDelivery.objects.update(state="failed")
    answer = manager.post(again)
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")


def test_somebody_elses_webhook_is_not_there(manager, with_scopes, client):
    address = manager.post(LIST, BODY).json()["address"]
    other = with_scopes("webhooks", "read", "write", "generate", "drafts")
    for url in (address, f"{address}deliveries/"):
        assert other.get(url).status_code == 404
        assert client.get(url).status_code == 401
        assert with_scopes("read").get(url).status_code == 403
    assert other.patch(address, {"enabled": False}).status_code == 404
    assert other.delete(address).status_code == 404
    assert other.get(LIST).json() == {"results": []}
    assert WebhookEndpoint.objects.get().disabled_at is None
