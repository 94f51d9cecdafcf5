"""Delivers webhooks: at least once, in order per product, with back-off, from the outbox."""

import json
import logging
import random
import time
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from catalog.exceptions import FetchRefused
from catalog.fetching import send
from catalog.models import (
    DeliveryState,
    ProductChange,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookEventType,
)
from catalog.selectors.products import latest_change
from catalog.transitions.webhook import (
    deliveries_create,
    delivery_claim,
    delivery_give_up,
    delivery_retry,
    delivery_succeed,
    endpoint_disable,
)
from catalog.wakeups import wake_webhooks
from catalog.webhook_signing import signed_headers
from catalog.workers.stopping import is_stopping

logger = logging.getLogger(__name__)

#: Seconds that a receiver has.
ANSWER_SECONDS = 10
#: A worker that died in the middle leaves its delivery to others after this.
CLAIM = timedelta(seconds=60)
#: Seconds before the second attempt; doubled for each further one, up to the longest.
FIRST_DELAY, LONGEST_DELAY = 10, 3600
#: How a receiver says that it never wants to hear of us again.
GONE = 410


def webhooks_run() -> int:
    """Deliver what is due, for WAKE_SECONDS at most; returns how many attempts were made."""
    deadline = time.monotonic() + settings.WAKE_SECONDS
    changes_tell()
    attempts = 0
    while time.monotonic() < deadline and not is_stopping():
        batch = list(deliveries_due()[:50])
        if not batch:
            return attempts
        for delivery in batch:
            if time.monotonic() > deadline or is_stopping():
                break
            if delivery_claim(delivery=delivery, until=timezone.now() + CLAIM):
                attempts += 1
                _attempt(delivery)
    if deliveries_due().exists():
        wake_webhooks()
    return attempts


def webhooks_look() -> bool:
    """Wake a worker if anything is to be delivered; returns whether it did."""
    number, _ = latest_change()
    is_behind = any(endpoint.sequence < number for endpoint in _listeners())
    return (is_behind or deliveries_due().exists()) and wake_webhooks()


def deliveries_due() -> QuerySet[WebhookDelivery]:
    """What may be sent now: of each subject only the first that waits."""
    before = WebhookDelivery.objects.filter(
        endpoint=OuterRef("endpoint"),
        subject=OuterRef("subject"),
        state=DeliveryState.PENDING,
        pk__lt=OuterRef("pk"),
    )
    return (
        WebhookDelivery.objects.filter(
            ~Exists(before),
            state=DeliveryState.PENDING,
            due_at__lte=timezone.now(),
            endpoint__disabled_at=None,
        )
        .select_related("endpoint", "event")
        .order_by("due_at", "pk")
    )


def message_body(delivery: WebhookDelivery) -> bytes:
    """What is sent: the same bytes at every attempt."""
    event = delivery.event
    document = {
        "id": str(event.pk),
        "type": event.type,
        "timestamp": event.created_at.isoformat(),
        "data": event.data,
    }
    return json.dumps(document, separators=(",", ":"), sort_keys=True).encode()


def _attempt(delivery: WebhookDelivery) -> None:
    """Send once, in no transaction, and write down what came of it."""
    body = message_body(delivery)
    headers = {
        "Content-Type": "application/json",
        **signed_headers(
            delivery.endpoint, message=delivery.event_id, timestamp=int(time.time()), body=body
        ),
    }
    try:
        answer = send(delivery.endpoint.url, body=body, headers=headers, seconds=ANSWER_SECONDS)
    except FetchRefused as error:
        _failed(delivery, None, str(error))
        return
    if 200 <= answer.status < 300:
        delivery_succeed(delivery=delivery, status=answer.status, detail=answer.excerpt)
    else:
        _failed(delivery, answer.status, answer.excerpt)


def _failed(delivery: WebhookDelivery, status: int | None, detail: str) -> None:
    delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** min(delivery.attempts, 20))
    due_at = timezone.now() + timedelta(seconds=delay * random.uniform(0.75, 1.25))
    if status != GONE and due_at <= delivery.give_up_at:
        delivery_retry(delivery=delivery, due_at=due_at, status=status, detail=detail)
        return
    delivery_give_up(delivery=delivery, status=status, detail=detail)
    said = f"answered {status}" if status else detail
    if endpoint_disable(
        endpoint=delivery.endpoint,
        notice=f"A message could not be delivered, in the end because: {said}",
    ):
        logger.error("Webhook %s was disabled: %s", delivery.endpoint, said)


#: Changes read, and events written, in one transaction.
CHUNK = 500


def changes_tell() -> int:
    """Write the events of all changes since the last look; returns how many."""
    written = 0
    for endpoint in _listeners():
        while count := _tell(endpoint):
            written += count
    return written


def _listeners() -> list[WebhookEndpoint]:
    return [
        endpoint
        for endpoint in WebhookEndpoint.objects.filter(disabled_at=None)
        if WebhookEventType.PRODUCT_UPDATED in endpoint.events
    ]


def _tell(endpoint: WebhookEndpoint) -> int:
    """The next chunk for one endpoint. Locked, so that two workers do not tell the same."""
    with transaction.atomic():
        fresh = WebhookEndpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
        if fresh is None:
            return 0
        changes = list(
            ProductChange.objects.filter(sequence__gt=fresh.sequence, ever_published=True).order_by(
                "sequence"
            )[:CHUNK]
        )
        if not changes:
            return 0
        events = WebhookEvent.objects.bulk_create(
            WebhookEvent(
                type=WebhookEventType.PRODUCT_UPDATED,
                subject=change.product_id,
                data={
                    "sku": change.product_id,
                    "deleted": not change.published,
                    "updated_at": change.at.isoformat(),
                },
            )
            for change in changes
        )
        deliveries_create(endpoints=[fresh], events=events)
        fresh.sequence = changes[-1].sequence
        fresh.save(update_fields=["sequence"])
    return len(changes)
