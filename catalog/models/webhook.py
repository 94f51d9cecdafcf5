"""Webhooks: endpoints, the outbox of events, and what became of each delivery."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _


class WebhookEventType(models.TextChoices):
    """The types of events. Receivers know the values, so they never change."""

    DESCRIPTION_APPROVED = "description.approved", _("A text was approved")
    PRODUCT_UPDATED = "product.updated", _("A product that storefronts see, or saw, has changed")
    JOB_COMPLETED = "job.completed", _("A job has ended")
    MODEL_PROMOTED = "model.promoted", _("A model version was made active")


class DeliveryState(models.TextChoices):
    """Life of a delivery: `pending -> delivered | failed`, `failed -> pending` (sent again)."""

    PENDING = "pending", _("Waiting")
    DELIVERED = "delivered", _("Delivered")
    FAILED = "failed", _("Given up")


def new_salt() -> str:
    """Makes the secret of each endpoint differ. It is no secret itself."""
    return get_random_string(32)


class WebhookEndpoint(models.Model):
    """An address that receives events. Its secret is derived from `salt` and stored nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.CharField(verbose_name=_("owner"), max_length=60, db_index=True)
    url = models.CharField(verbose_name=_("address"), max_length=2_000)
    events = models.JSONField(
        verbose_name=_("events"), help_text=_("The types that it is told of.")
    )
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    created_at = models.DateTimeField(verbose_name=_("made at"), auto_now_add=True)
    # `product.updated` is made from `ProductChange`; this is the last one that was read.
    sequence = models.BigIntegerField(default=0)
    failing_since = models.DateTimeField(verbose_name=_("failing since"), null=True, blank=True)
    disabled_at = models.DateTimeField(verbose_name=_("disabled at"), null=True, blank=True)
    notice = models.CharField(
        verbose_name=_("notice"), max_length=300, blank=True, help_text=_("Why it was disabled.")
    )

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(disabled_at__isnull=True) | ~Q(notice=""),
                name="a_disabled_webhook_says_why",
            )
        ]

    def __str__(self) -> str:
        return self.url


class WebhookEvent(models.Model):
    """The outbox: an event is written in the transaction of what happened.

    Events of one `subject` (the SKU of a product, a job, a version) are delivered in their order.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=40, choices=WebhookEventType.choices)
    subject = models.CharField(max_length=100)
    data = models.JSONField()
    created_at = models.DateTimeField(verbose_name=_("made at"), auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return f"{self.type} of {self.subject}"


class WebhookDelivery(models.Model):
    """One event for one endpoint. Deliveries are sent in the order of their ids."""

    endpoint = models.ForeignKey(
        WebhookEndpoint,
        verbose_name=_("endpoint"),
        on_delete=models.CASCADE,
        related_name="deliveries",
    )
    event = models.ForeignKey(
        WebhookEvent, verbose_name=_("event"), on_delete=models.CASCADE, related_name="deliveries"
    )
    subject = models.CharField(max_length=100)
    state = models.CharField(
        verbose_name=_("state"),
        max_length=10,
        choices=DeliveryState.choices,
        default=DeliveryState.PENDING,
    )
    attempts = models.PositiveSmallIntegerField(verbose_name=_("attempts"), default=0)
    created_at = models.DateTimeField(verbose_name=_("made at"), auto_now_add=True)
    due_at = models.DateTimeField(
        verbose_name=_("due at"), help_text=_("Not sent before this time.")
    )
    give_up_at = models.DateTimeField(help_text=_("Given up after this time."))
    delivered_at = models.DateTimeField(verbose_name=_("delivered at"), null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [
            models.Index(fields=["state", "due_at"], name="webhook_delivery_due"),
            models.Index(fields=["endpoint", "subject", "id"], name="webhook_delivery_order"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="an_event_is_told_once"),
            models.CheckConstraint(
                condition=Q(state__in=DeliveryState.values),
                name="webhook_delivery_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class WebhookAttempt(models.Model):
    """One line of the log: the answer of the receiver, or why there was none."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(verbose_name=_("at"), auto_now_add=True)
    status = models.PositiveSmallIntegerField(
        verbose_name=_("status"), null=True, help_text=_("HTTP status, if any.")
    )
    detail = models.CharField(verbose_name=_("detail"), max_length=500, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Attempt of {self.delivery} at {self.at:%Y-%m-%d %H:%M}"
