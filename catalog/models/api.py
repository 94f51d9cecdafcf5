"""What the API stores: keys, tokens, idempotent requests, photos on request, webhooks."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken
from rest_framework_api_key.models import AbstractAPIKey

from catalog.models.common import is_known

#: Requests a minute that a key or token may make unless it says otherwise.
DEFAULT_RATE = 6_000


class ApiScope(models.TextChoices):
    """What a key may do. No scope implies another: writing does not include reading drafts."""

    READ = "read", _("Read published products")
    DRAFTS = "drafts", _("Read unpublished products and draft texts")
    WRITE = "write", _("Create and change products and photos")
    GENERATE = "generate", _("Request descriptions")
    WEBHOOKS = "webhooks", _("Manage webhooks")
    IMPORTS = "imports", _("Import products, including approved texts")
    EXPORTS = "exports", _("Export products, including unpublished ones")


def new_owner() -> str:
    """The name of a new client, which owns jobs, webhooks and requests."""
    return f"key:{uuid.uuid4()}"


class ApiKey(AbstractAPIKey):
    """A machine's key. The key that replaces it has the same `owner`, and so the same jobs."""

    owner = models.CharField(max_length=60, default=new_owner, editable=False, db_index=True)
    scopes = models.JSONField(
        _("scopes"), default=list, help_text=_("What programs may do with it.")
    )
    rate = models.PositiveIntegerField(
        _("requests per minute"),
        default=DEFAULT_RATE,
        help_text=_("How many requests a program may make per minute."),
    )
    replaces = models.OneToOneField(
        "self",
        verbose_name=_("replaces"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="replaced_by",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("created by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    last_used_at = models.DateTimeField(
        _("last used at"), null=True, blank=True, help_text=_("Accurate to the minute.")
    )

    class Meta:
        ordering = ("-created",)
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")


class PersonToken(AbstractAuthToken):  # type: ignore[misc]  # knox is published without types
    """A person's token. It may do what its scopes *and* the account's permissions allow."""

    name: models.CharField[str, str] = models.CharField(
        _("name"), max_length=50, help_text=_("What it is for.")
    )
    scopes = models.JSONField(
        _("scopes"), default=list, help_text=_("What programs may do with it.")
    )
    last_used_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        _("last used at"), null=True, blank=True, help_text=_("Accurate to the minute.")
    )

    class Meta:
        ordering = ["-created"]
        verbose_name = _("personal API token")
        verbose_name_plural = _("personal API tokens")

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"


class IdempotentRequest(models.Model):
    """One idempotency key of one client. `status` is null while the first request runs."""

    owner = models.CharField(max_length=60)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of method, path and body.")
    created_at = models.DateTimeField(db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(default=b"")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "key"], name="one_request_an_idempotency_key")
        ]

    def __str__(self) -> str:
        return f"{self.key} of {self.owner}"


class PhotoRequestState(models.TextChoices):
    """Life of a request: `queued -> leased -> done | failed`; then the row is deleted."""

    QUEUED = "queued", "Queued"
    LEASED = "leased", "Being described"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class PhotoRequest(models.Model):
    """A photo that belongs to no product. It is in the row, which is deleted within an hour."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    photo = models.BinaryField(help_text="As `catalog.photos` encodes it.")
    facts = models.TextField(blank=True, help_text="Facts that the model is given with the photo.")
    state = models.CharField(
        max_length=10, choices=PhotoRequestState.choices, default=PhotoRequestState.QUEUED
    )
    answer = models.JSONField(default=dict, help_text="The texts, or why there are none.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="photo_request_due")]
        constraints = [is_known(PhotoRequestState, name="photo_request_state_is_known")]

    def __str__(self) -> str:
        return f"Photo request {self.pk}"


class WebhookEventType(models.TextChoices):
    """The types of events. Receivers know the values, so they never change."""

    DESCRIPTION_APPROVED = "description.approved", _("A text was approved")
    PRODUCT_UPDATED = "product.updated", _("A product has changed that is or was published")
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
    owner = models.CharField(_("owner"), max_length=60, db_index=True)
    url = models.CharField(_("address"), max_length=2_000)
    events = models.JSONField(_("events"), help_text=_("The types of events that it receives."))
    salt = models.CharField(max_length=32, default=new_salt, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    # `product.updated` is made from `ProductChange`; this is the last one that was read.
    sequence = models.BigIntegerField(default=0)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    disabled_at = models.DateTimeField(_("disabled at"), null=True, blank=True)
    notice = models.CharField(
        _("notice"), max_length=300, blank=True, help_text=_("Why it was disabled.")
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
    created_at = models.DateTimeField(_("created at"), auto_now_add=True, db_index=True)

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
        _("state"), max_length=10, choices=DeliveryState.choices, default=DeliveryState.PENDING
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    due_at = models.DateTimeField(_("due at"), help_text=_("Not sent before this time."))
    give_up_at = models.DateTimeField(help_text=_("Given up after this time."))
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

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
            is_known(DeliveryState, name="webhook_delivery_state_is_known"),
        ]

    def __str__(self) -> str:
        return f"Delivery {self.pk}"


class WebhookAttempt(models.Model):
    """One line of the log: the answer of the receiver, or why there was none."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="log")
    at = models.DateTimeField(_("at"), auto_now_add=True)
    status = models.PositiveSmallIntegerField(
        _("status"), null=True, help_text=_("HTTP status, if any.")
    )
    detail = models.CharField(_("detail"), max_length=500, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Attempt of {self.delivery} at {self.at:%Y-%m-%d %H:%M}"
