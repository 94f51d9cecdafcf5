"""What a client may ask for with webhooks."""

from collections.abc import Collection

from django.db.models import QuerySet

from catalog.exceptions import CatalogError
from catalog.fetching import url_check
from catalog.models import WebhookEndpoint
from catalog.selectors.products import latest_change
from catalog.transitions import webhook as transitions

#: Webhooks of one client.
MOST_WEBHOOKS = 20


class TooManyWebhooks(CatalogError):
    """The client has as many webhooks as one may have; nothing was made."""


def webhooks_of(*, owner: str) -> QuerySet[WebhookEndpoint]:
    """A client's own webhooks."""
    return WebhookEndpoint.objects.filter(owner=owner)


def webhook_create(*, owner: str, url: str, events: Collection[str]) -> WebhookEndpoint:
    """Tell `url` of what happens from now on. Raises `FetchRefused`, `TooManyWebhooks`."""
    url_check(url)
    if webhooks_of(owner=owner).count() >= MOST_WEBHOOKS:
        raise TooManyWebhooks(f"There are {MOST_WEBHOOKS} webhooks already: delete one first.")
    sequence, _ = latest_change()
    return WebhookEndpoint.objects.create(
        owner=owner, url=url, events=sorted(set(events)), sequence=sequence
    )


def webhook_change(
    *,
    webhook: WebhookEndpoint,
    url: str | None = None,
    events: Collection[str] | None = None,
    enabled: bool | None = None,
) -> WebhookEndpoint:
    """Change what is given. Raises `FetchRefused` for a wrong address."""
    if url is not None:
        url_check(url)
        webhook.url = url
    if events is not None:
        webhook.events = sorted(set(events))
    webhook.save(update_fields=["url", "events"])
    if enabled:
        transitions.endpoint_enable(endpoint=webhook)
    elif enabled is False:
        transitions.endpoint_disable(endpoint=webhook, notice="Its owner disabled it.")
    webhook.refresh_from_db()
    return webhook
