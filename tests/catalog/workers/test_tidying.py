"""What was kept for a time only is gone after it, and not before."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import (
    DeliveryState,
    IdempotentRequest,
    PhotoRequest,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookEvent,
)
from catalog.transitions.webhook import deliveries_create
from catalog.workers.sweep import TidyReport, tidy_run

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def test_each_kind_at_its_time():
    now = timezone.now()
    for seconds in (-1, 60):
        PhotoRequest.objects.create(photo=b"x", expires_at=now + timedelta(seconds=seconds))
    for hours in (23, 25):
        at = now - timedelta(hours=hours)
        IdempotentRequest.objects.create(owner="a", key=str(hours), created_at=at)
    endpoint = WebhookEndpoint.objects.create(owner="a", url="http://example.com", events=[])
    events = [WebhookEvent.objects.create(type="x", subject=str(n), data={}) for n in range(3)]
    deliveries_create(endpoints=[endpoint], events=events)
    old = now - timedelta(days=31)
    WebhookEvent.objects.update(created_at=old)
    WebhookDelivery.objects.update(created_at=old)
    WebhookDelivery.objects.filter(subject="0").update(state=DeliveryState.DELIVERED)
    WebhookDelivery.objects.filter(subject="1").update(
        state=DeliveryState.DELIVERED, created_at=now
    )
    assert tidy_run() == TidyReport(photo_requests=1, answers=1, deliveries=1)
    assert PhotoRequest.objects.get().expires_at > now
    assert IdempotentRequest.objects.get().key == "23"
    left = WebhookDelivery.objects.order_by("subject").values_list("subject", flat=True)
    assert list(left) == ["1", "2"]
    assert WebhookEvent.objects.count() == 2
    assert tidy_run() == TidyReport(0, 0, 0)
