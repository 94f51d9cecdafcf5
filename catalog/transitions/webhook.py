"""The outbox of webhooks, and the named state changes of deliveries and endpoints.

`events_record` is called in the transaction of what happened, so the event exists if and only if
that was committed. The wake-up is only a hint: the beat looks every few seconds.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog import wakeups
from catalog.exceptions import TransitionRefused
from catalog.leasing import change_state
from catalog.models import (
    DeliveryState,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
    WebhookEventType,
)

#: How long a delivery is tried.
TRIED_FOR = timedelta(hours=24)


def events_record(*, kind: WebhookEventType, subjects: Mapping[str, Mapping[str, Any]]) -> None:
    """Record an event for each subject, for the endpoints that subscribed to its type."""
    endpoints = [
        endpoint
        for endpoint in WebhookEndpoint.objects.filter(disabled_at=None)
        if kind in endpoint.events
    ]
    if not endpoints or not subjects:
        return
    with transaction.atomic():
        events = WebhookEvent.objects.bulk_create(
            WebhookEvent(type=kind, subject=subject, data=dict(data))
            for subject, data in subjects.items()
        )
        deliveries_create(endpoints=endpoints, events=events)
        transaction.on_commit(wakeups.wake_webhooks)


def deliveries_create(
    *, endpoints: Iterable[WebhookEndpoint], events: Iterable[WebhookEvent]
) -> None:
    """One delivery of each event to each endpoint, in order, due at once."""
    now = timezone.now()
    events = list(events)
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(
            endpoint=endpoint,
            event=event,
            subject=event.subject,
            due_at=now,
            give_up_at=now + TRIED_FOR,
        )
        for endpoint in endpoints
        for event in events
    )


def delivery_claim(*, delivery: WebhookDelivery, until: datetime) -> bool:
    """Begin one more attempt, alone until `until`; False where another worker was quicker."""
    return (
        WebhookDelivery.objects.filter(
            pk=delivery.pk, state=DeliveryState.PENDING, due_at=delivery.due_at
        ).update(due_at=until, attempts=F("attempts") + 1)
        == 1
    )


def delivery_succeed(*, delivery: WebhookDelivery, status: int, detail: str) -> None:
    """Pending to delivered; the endpoint is no longer failing."""
    now = timezone.now()
    with transaction.atomic():
        _log(delivery, status, detail)
        _change(delivery, DeliveryState.PENDING, to=DeliveryState.DELIVERED, delivered_at=now)
        WebhookEndpoint.objects.filter(pk=delivery.endpoint_id).update(failing_since=None)


def delivery_retry(
    *, delivery: WebhookDelivery, due_at: datetime, status: int | None, detail: str
) -> None:
    """Stays pending, until `due_at`."""
    with transaction.atomic():
        _log(delivery, status, detail)
        WebhookDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING).update(
            due_at=due_at
        )
        _failing(delivery)


def delivery_give_up(*, delivery: WebhookDelivery, status: int | None, detail: str) -> None:
    """Pending to failed: its time is over."""
    with transaction.atomic():
        _log(delivery, status, detail)
        _change(delivery, DeliveryState.PENDING, to=DeliveryState.FAILED)
        _failing(delivery)


def delivery_send_again(*, delivery: WebhookDelivery) -> None:
    """Delivered or failed to pending, due at once, as a person asked."""
    now = timezone.now()
    with transaction.atomic():
        _change(
            delivery,
            DeliveryState.DELIVERED,
            DeliveryState.FAILED,
            to=DeliveryState.PENDING,
            otherwise=TransitionRefused(_("This delivery is waiting to be sent already.")),
            attempts=0,
            due_at=now,
            give_up_at=now + TRIED_FOR,
            delivered_at=None,
        )
        transaction.on_commit(wakeups.wake_webhooks)
    delivery.refresh_from_db()


def endpoint_disable(*, endpoint: WebhookEndpoint, notice: str) -> bool:
    """Send nothing more, and keep what waits. False if it was disabled already."""
    return (
        WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at=None).update(
            disabled_at=timezone.now(), notice=notice[:300]
        )
        == 1
    )


def endpoint_enable(*, endpoint: WebhookEndpoint) -> None:
    """Continue where it stopped; deliveries that wait have their full time again."""
    now = timezone.now()
    with transaction.atomic():
        changed = WebhookEndpoint.objects.filter(pk=endpoint.pk, disabled_at__isnull=False).update(
            disabled_at=None, notice="", failing_since=None
        )
        if changed:
            endpoint.deliveries.filter(state=DeliveryState.PENDING).update(
                due_at=now, give_up_at=now + TRIED_FOR
            )
            transaction.on_commit(wakeups.wake_webhooks)
    endpoint.refresh_from_db()


def _change(delivery: WebhookDelivery, *former: DeliveryState, **values: Any) -> None:
    change_state(WebhookDelivery.objects.filter(pk=delivery.pk), *former, **values)


def _log(delivery: WebhookDelivery, status: int | None, detail: str) -> None:
    WebhookAttempt.objects.create(delivery=delivery, status=status, detail=detail[:500])


def _failing(delivery: WebhookDelivery) -> None:
    WebhookEndpoint.objects.filter(pk=delivery.endpoint_id, failing_since=None).update(
        failing_since=timezone.now()
    )
