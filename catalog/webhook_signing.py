"""Signs messages as the Standard Webhooks specification has it, which libraries of receivers know.

Secrets are derived from SECRET_KEY and the endpoint's salt, so they stand in no table and no dump.
Changing SECRET_KEY changes all of them.
"""

import hmac
from base64 import b64encode
from hashlib import sha256
from uuid import UUID

from django.utils.crypto import salted_hmac

from catalog.models import WebhookEndpoint

PREFIX = "whsec_"


def webhook_secret(endpoint: WebhookEndpoint) -> str:
    """What the receiver checks signatures with; shown once, when the webhook is made."""
    return PREFIX + b64encode(_key(endpoint)).decode()


def signed_headers(
    endpoint: WebhookEndpoint, *, message: UUID, timestamp: int, body: bytes
) -> dict[str, str]:
    """`webhook-id` (the same at each attempt), `webhook-timestamp` (Unix seconds, against replay)
    and `webhook-signature`, an HMAC-SHA-256 of both and the body."""
    content = f"{message}.{timestamp}.".encode() + body
    signature = b64encode(hmac.digest(_key(endpoint), content, sha256)).decode()
    return {
        "webhook-id": str(message),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def _key(endpoint: WebhookEndpoint) -> bytes:
    value = f"{endpoint.pk}:{endpoint.salt}"
    return salted_hmac("catalog.webhook", value, algorithm="sha256").digest()
