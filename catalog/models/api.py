"""What the API stores: keys and tokens, idempotent requests, photos that somebody waits for."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken
from rest_framework_api_key.models import AbstractAPIKey

#: Requests a minute that a key or token may make unless it says otherwise.
DEFAULT_RATE = 6_000


class ApiScope(models.TextChoices):
    """What a key may do. No scope implies another: writing does not include reading drafts."""

    READ = "read", _("Read published products")
    DRAFTS = "drafts", _("Read unpublished products and draft texts")
    WRITE = "write", _("Create and change products and photos")
    GENERATE = "generate", _("Ask for descriptions")
    WEBHOOKS = "webhooks", _("Manage webhooks")
    IMPORTS = "imports", _("Bring catalogs in, with approved texts if asked")
    EXPORTS = "exports", _("Take the catalog out, unpublished products included")


def new_owner() -> str:
    """The name of a new client, which owns jobs, webhooks and requests."""
    return f"key:{uuid.uuid4()}"


class ApiKey(AbstractAPIKey):
    """A machine's key. The key that replaces it has the same `owner`, and so the same jobs."""

    owner = models.CharField(max_length=60, default=new_owner, editable=False, db_index=True)
    scopes = models.JSONField(
        verbose_name=_("scopes"), default=list, help_text=_("What it may do.")
    )
    rate = models.PositiveIntegerField(
        verbose_name=_("requests a minute"), default=DEFAULT_RATE, help_text=_("Requests a minute.")
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
        verbose_name=_("made by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    last_used_at = models.DateTimeField(
        verbose_name=_("last used at"), null=True, blank=True, help_text=_("To the minute.")
    )

    class Meta:
        ordering = ("-created",)
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")


class PersonToken(AbstractAuthToken):  # type: ignore[misc]  # knox is published without types
    """A person's token. It may do what its scopes *and* the account's permissions allow."""

    name: models.CharField[str, str] = models.CharField(
        verbose_name=_("name"), max_length=50, help_text=_("What it is for.")
    )
    scopes = models.JSONField(
        verbose_name=_("scopes"), default=list, help_text=_("What it may do.")
    )
    last_used_at: models.DateTimeField[datetime | None, datetime | None] = models.DateTimeField(
        verbose_name=_("last used at"), null=True, blank=True, help_text=_("To the minute.")
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
    facts = models.TextField(blank=True, help_text="What the model is told beside the photo.")
    state = models.CharField(
        max_length=10, choices=PhotoRequestState.choices, default=PhotoRequestState.QUEUED
    )
    answer = models.JSONField(default=dict, help_text="The texts, or why there are none.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="photo_request_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PhotoRequestState.values),
                name="photo_request_state_is_known",
            )
        ]

    def __str__(self) -> str:
        return f"Photo request {self.pk}"
