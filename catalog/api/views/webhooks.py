"""A client's webhooks, and the log of their deliveries."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import shapes
from catalog.api.documentation import number_of, operation
from catalog.api.idempotency import idempotent
from catalog.api.inputs import WebhookChangeInput, WebhookInput, read_body
from catalog.api.problems import Problem
from catalog.api.views.base import ApiView
from catalog.models import ApiScope, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from catalog.services.webhooks import webhook_change, webhook_create, webhooks_of
from catalog.transitions.webhook import delivery_send_again
from catalog.webhook_signing import webhook_secret

MOST_DELIVERIES = 100
WEBHOOK = OpenApiParameter(
    "key", {"type": "string", "format": "uuid"}, OpenApiParameter.PATH, description="Its `id`."
)
DELIVERY = number_of("the delivery")


class WebhooksView(ApiView):
    """`/webhooks/`."""

    scopes = {"GET": ApiScope.WEBHOOKS, "POST": ApiScope.WEBHOOKS}

    @operation("webhooks_list", "List webhooks", answers={200: shapes.WebhookListShape})
    def get(self, request: Request) -> Response:
        found = webhooks_of(owner=self.principal.owner)
        return Response({"results": [webhook_document(request, webhook) for webhook in found]})

    @operation(
        "webhooks_create",
        "Create a webhook",
        request=WebhookInput,
        answers={201: shapes.NewWebhookShape},
        problems=(Problem.ADDRESS_REFUSED, Problem.CONFLICT),
    )
    @idempotent(atomic=True, once=("secret",))
    def post(self, request: Request) -> Response:
        asked = read_body(WebhookInput, request.data)
        webhook = webhook_create(owner=self.principal.owner, **asked)
        body = {**webhook_document(request, webhook), "secret": webhook_secret(webhook)}
        return Response(body, status=201, headers={"Location": body["address"]})


class WebhookView(ApiView):
    """`/webhooks/{key}/`."""

    scopes = dict.fromkeys(("GET", "PATCH", "DELETE"), ApiScope.WEBHOOKS)

    @operation(
        "webhooks_retrieve",
        "Read a webhook, and why it is disabled",
        answers={200: shapes.WebhookShape},
        parameters=(WEBHOOK,),
    )
    def get(self, request: Request, key: UUID) -> Response:
        return Response(webhook_document(request, webhook_of(self, key)))

    @operation(
        "webhooks_change",
        "Change, disable or enable a webhook",
        request=WebhookChangeInput,
        answers={200: shapes.WebhookShape},
        parameters=(WEBHOOK,),
        problems=(Problem.ADDRESS_REFUSED,),
    )
    def patch(self, request: Request, key: UUID) -> Response:
        webhook = webhook_of(self, key)
        webhook_change(webhook=webhook, **read_body(WebhookChangeInput, request.data))
        return Response(webhook_document(request, webhook))

    @operation(
        "webhooks_delete",
        "Delete a webhook",
        answers={204: OpenApiResponse(description="The webhook and its log are deleted.")},
        parameters=(WEBHOOK,),
    )
    def delete(self, request: Request, key: UUID) -> Response:
        webhook_of(self, key).delete()
        return Response(status=204)


class DeliveriesView(ApiView):
    """`/webhooks/{key}/deliveries/`."""

    scopes = {"GET": ApiScope.WEBHOOKS}

    @operation(
        "deliveries_list",
        "List the last hundred deliveries, the latest first",
        answers={200: shapes.DeliveryListShape},
        parameters=(WEBHOOK,),
    )
    def get(self, request: Request, key: UUID) -> Response:
        log = Prefetch("log", WebhookAttempt.objects.order_by("pk"))
        found = webhook_of(self, key).deliveries.order_by("-pk").select_related("event")
        rows = found.prefetch_related(log)[:MOST_DELIVERIES]
        return Response({"results": [delivery_document(row) for row in rows]})


class SendAgainView(ApiView):
    """`/webhooks/{key}/deliveries/{number}/send-again/`."""

    scopes = {"POST": ApiScope.WEBHOOKS}

    @operation(
        "deliveries_send_again",
        "Send a delivery again",
        answers={202: shapes.DeliveryShape},
        parameters=(WEBHOOK, DELIVERY),
        problems=(Problem.CONFLICT,),
    )
    @idempotent(atomic=True)
    def post(self, request: Request, key: UUID, number: int) -> Response:
        delivery = get_object_or_404(webhook_of(self, key).deliveries, pk=number)
        delivery_send_again(delivery=delivery)
        return Response(delivery_document(delivery), status=202)


def webhook_of(view: ApiView, key: UUID) -> WebhookEndpoint:
    """One of the client's own webhooks. Raises `Http404`."""
    return get_object_or_404(webhooks_of(owner=view.principal.owner), pk=key)


def webhook_document(request: Request, webhook: WebhookEndpoint) -> dict[str, Any]:
    """A webhook without its secret."""
    url = shapes.address(request, "webhook", webhook.pk)
    return shapes.document(
        shapes.WebhookShape, webhook, address=url, enabled=webhook.disabled_at is None
    )


def delivery_document(delivery: WebhookDelivery) -> dict[str, Any]:
    """A delivery with its log."""
    return shapes.document(
        shapes.DeliveryShape,
        delivery,
        number=delivery.pk,
        event=delivery.event_id,
        type=delivery.event.type,
        log=[shapes.document(shapes.AttemptShape, attempt) for attempt in delivery.log.all()],
    )
