"""Makes events of the changes of products, for the endpoints that asked for them.

Read off the change feed, so that no writer of products has to think of webhooks. Several changes
of one product between two looks are one event: it says that the product is to be read anew.
"""

from django.db import transaction

from catalog.models import ProductChange, WebhookEndpoint, WebhookEvent, WebhookEventType
from catalog.selectors.products import latest_change
from catalog.transitions.webhook import deliveries_create

#: Changes read, and events written, in one transaction.
CHUNK = 500


def changes_tell() -> int:
    """Write the events of all changes since the last look; returns how many."""
    told = 0
    for endpoint in _listeners():
        while count := _tell(endpoint):
            told += count
    return told


def changes_wait() -> bool:
    """Whether an endpoint has not been told of the last change yet."""
    number, _ = latest_change()
    return any(endpoint.sequence < number for endpoint in _listeners())


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
