"""Webhooks reach a real receiver: signed, at least once, in order, and with an end."""

import base64
import hmac
import json
from datetime import timedelta
from hashlib import sha256

import pytest
from django.utils import timezone

from catalog.choices import ProductState
from catalog.models import (
    DeliveryState,
    Product,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookEventType,
)
from catalog.services.jobs import description_job_create
from catalog.services.webhooks import webhook_change, webhook_create
from catalog.transitions.description import description_approve
from catalog.transitions.model_version import model_version_activate
from catalog.transitions.webhook import delivery_claim, delivery_send_again, events_record
from catalog.webhook_signing import webhook_secret
from catalog.workers.webhooks import deliveries_due, webhooks_look, webhooks_run
from tests.factories import DescriptionFactory, ModelVersionFactory, ProductFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres, pytest.mark.usefixtures("loopback")]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
DOWN = b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nhelp"


@pytest.fixture(autouse=True)
def wakes(monkeypatch):
    sent = []
    monkeypatch.setattr("catalog.wakeups.wake_webhooks", lambda: sent.append("hint"))
    monkeypatch.setattr("catalog.workers.webhooks.wake_webhooks", lambda: sent.append("more"))
    return sent


@pytest.fixture
def receiver(serve):
    """A server whose answer a test may change, and what it was sent: (headers, document)."""

    class Receiver:
        answer = OK

        def __init__(self) -> None:
            self.server = serve(lambda client: client.sendall(self.answer))

        @property
        def received(self):
            return [_parsed(request) for request in self.server.requests]

    return Receiver()


def _parsed(request):
    head, _, body = request.partition(b"\r\n\r\n")
    lines = [line.split(": ", 1) for line in head.decode().split("\r\n")[1:]]
    return {name.lower(): value for name, value in lines}, body


def told(receiver):
    return [(json.loads(body)["type"], json.loads(body)["data"]) for _, body in receiver.received]


def webhook(receiver, *events):
    return webhook_create(owner="key:a", url=receiver.server.url, events=events)


def record(subject="A", **data):
    events_record(kind=WebhookEventType.DESCRIPTION_APPROVED, subjects={subject: data})


def all_due():
    WebhookDelivery.objects.update(due_at=timezone.now())


def test_each_event_is_told_to_those_who_asked(receiver, serve):
    webhook(receiver, *WebhookEventType.values)
    other = serve(OK)
    webhook_create(owner="key:b", url=other.url, events=["model.promoted"])
    text = DescriptionFactory(product__sku="A")
    description_approve(description=text, actor=None)
    job = description_job_create(products=Product.objects.none())
    version = ModelVersionFactory(state="candidate", name="m-2")
    model_version_activate(version=version, actor=None)
    assert webhooks_run() == 5
    changed_at = Product.objects.get().change.at.isoformat()
    assert sorted(told(receiver), key=lambda one: one[0]) == [
        ("description.approved", {"sku": "A", "language": "en"}),
        ("job.completed", {"id": job.pk, "state": "completed"}),
        ("model.promoted", {"name": "m-2", "scope": ""}),
        ("product.updated", {"sku": "A", "deleted": False, "updated_at": changed_at}),
    ]
    assert len(other.requests) == 1
    assert webhooks_run() == 0


def test_a_message_is_signed(receiver, settings):
    hook = webhook(receiver, "description.approved")
    record()
    webhooks_run()
    [(headers, body)] = receiver.received
    secret = webhook_secret(hook)
    assert secret.startswith("whsec_")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert len(key) == 32
    event = WebhookEvent.objects.get()
    assert headers["webhook-id"] == str(event.pk) == json.loads(body)["id"]
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    settings.SECRET_KEY = "another key that is long enough for it"
    assert webhook_secret(hook) != secret


def test_what_was_not_committed_is_not_told(receiver):
    from django.db import transaction

    webhook(receiver, "description.approved")
    with pytest.raises(RuntimeError), transaction.atomic():
        record()
        raise RuntimeError
    assert webhooks_run() == 0


def test_without_a_webhook_nothing_is_written():
    record()
    assert not WebhookEvent.objects.exists()


def test_products_that_storefronts_never_saw_are_nobodys_business(receiver):
    webhook(receiver, "product.updated")
    draft = ProductFactory(sku="D", state=ProductState.DRAFT)
    product = ProductFactory(sku="A")
    webhooks_run()
    Product.objects.filter(pk=product.pk).update(title="x")
    Product.objects.filter(pk=product.pk).update(title="y")
    draft.delete()
    webhooks_run()
    product.delete()
    webhooks_run()
    assert [(data["sku"], data["deleted"]) for _, data in told(receiver)] == [
        ("A", False),
        ("A", False),
        ("A", True),
    ]


def test_order_is_kept_for_each_subject_and_one_does_not_hold_up_another(receiver):
    webhook(receiver, "description.approved")
    record("A", n=1)
    record("A", n=2)
    record("B", n=3)
    receiver.answer = DOWN
    assert webhooks_run() == 2  # the first of A, and B: the second of A waits for the first
    receiver.answer = OK
    assert webhooks_run() == 0  # not due
    all_due()
    assert webhooks_run() == 3
    numbers = [data["n"] for _, data in told(receiver)]
    assert sorted(numbers[:2]) == [1, 3]
    delivered = numbers[2:]
    assert delivered.index(1) < delivered.index(2)
    ids = [headers["webhook-id"] for headers, _ in receiver.received]
    assert len(set(ids)) == 3


def test_back_off_and_the_log(receiver):
    webhook(receiver, "description.approved")
    record()
    receiver.answer = DOWN
    delays = []
    for _ in range(4):
        all_due()
        webhooks_run()
        delays.append((WebhookDelivery.objects.get().due_at - timezone.now()).total_seconds())
    for delay, about in zip(delays, (10, 20, 40, 80), strict=True):
        assert about * 0.7 < delay < about * 1.3
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts) == (DeliveryState.PENDING, 4)
    assert list(delivery.log.values_list("status", "detail")) == [(500, "help")] * 4
    assert WebhookEndpoint.objects.get().failing_since is not None
    receiver.answer = OK
    all_due()
    webhooks_run()
    assert WebhookDelivery.objects.get().state == DeliveryState.DELIVERED
    assert WebhookEndpoint.objects.get().failing_since is None


def test_after_a_day_it_is_given_up_and_the_webhook_disabled_with_a_notice(receiver):
    hook = webhook(receiver, "description.approved")
    record("A")
    record("B")
    receiver.answer = DOWN
    WebhookDelivery.objects.filter(subject="A").update(give_up_at=timezone.now())
    webhooks_run()
    hook.refresh_from_db()
    assert hook.disabled_at is not None
    assert hook.notice.endswith("in the end because: answered 500")
    assert WebhookDelivery.objects.get(subject="A").state == DeliveryState.FAILED
    record("C")
    all_due()
    assert webhooks_run() == 0
    assert set(WebhookDelivery.objects.values_list("subject", flat=True)) == {"A", "B"}
    receiver.answer = OK
    webhook_change(webhook=hook, enabled=True)
    assert (hook.disabled_at, hook.notice) == (None, "")
    webhooks_run()
    assert WebhookDelivery.objects.get(subject="B").state == DeliveryState.DELIVERED
    delivery_send_again(delivery=WebhookDelivery.objects.get(subject="A"))
    assert webhooks_run() == 1
    assert WebhookDelivery.objects.get(subject="A").state == DeliveryState.DELIVERED


def test_a_receiver_that_is_gone_for_good_is_believed(receiver):
    hook = webhook(receiver, "description.approved")
    record()
    receiver.answer = b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"
    webhooks_run()
    hook.refresh_from_db()
    assert hook.disabled_at is not None


def test_no_message_goes_to_an_address_of_ours(receiver, settings, serve):
    hook = webhook(receiver, "description.approved")
    settings.FETCH_LOOPBACK = False
    record()
    webhooks_run()
    assert receiver.received == []
    attempt = WebhookDelivery.objects.get().log.get()
    assert (attempt.status, attempt.detail.split(",")[0]) == (
        None,
        "The address is not on the public internet",
    )
    settings.FETCH_LOOPBACK = True
    metadata = b"Location: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    receiver.answer = b"HTTP/1.1 302 Found\r\n" + metadata
    all_due()
    webhooks_run()
    hook.refresh_from_db()
    assert WebhookDelivery.objects.get().log.last().status == 302
    assert hook.failing_since is not None


def test_a_look_wakes_a_worker_only_where_there_is_something_to_tell(receiver, wakes, monkeypatch):
    monkeypatch.setattr("catalog.workers.webhooks.wake_webhooks", lambda: True)
    ProductFactory(sku="A")
    assert not webhooks_look()
    webhook(receiver, "product.updated", "description.approved")
    assert not webhooks_look()
    Product.objects.update(title="x")
    assert webhooks_look()
    webhooks_run()
    assert not webhooks_look()
    record()
    assert webhooks_look()


def test_a_worker_that_died_leaves_its_delivery_to_others(receiver):
    webhook(receiver, "description.approved")
    record()
    delivery = deliveries_due().get()
    until = timezone.now() + timedelta(seconds=60)
    assert delivery_claim(delivery=delivery, until=until)
    assert not delivery_claim(delivery=delivery, until=until)  # a rival saw it at the same time
    assert webhooks_run() == 0
    all_due()  # a minute later
    assert webhooks_run() == 1
    assert WebhookDelivery.objects.get().attempts == 2
