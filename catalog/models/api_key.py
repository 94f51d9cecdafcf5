"""Who may use the API: keys of machines and tokens of people. Only digests are stored."""

import uuid

from django.conf import settings
from django.db import models
from knox.models import AbstractAuthToken
from rest_framework_api_key.models import AbstractAPIKey

#: Requests a minute that a key or token may make unless it says otherwise.
DEFAULT_RATE = 6_000


class ApiScope(models.TextChoices):
    """What a key may be allowed. Each stands alone: writing does not imply reading drafts."""

    READ = "read", "Read published products"
    DRAFTS = "drafts", "Read unpublished products and draft texts"
    WRITE = "write", "Create and change products and photos"
    GENERATE = "generate", "Ask for descriptions"
    WEBHOOKS = "webhooks", "Manage webhooks"
    IMPORTS = "imports", "Bring catalogs in, with approved texts if asked"
    EXPORTS = "exports", "Take the catalog out, unpublished products included"


def new_owner() -> str:
    """A name for a new client, under which its jobs, webhooks and requests are kept."""
    return f"key:{uuid.uuid4()}"


class ApiKey(AbstractAPIKey):
    """A machine's key. `owner` goes on to the key that replaces it, so nothing is orphaned."""

    owner = models.CharField(max_length=60, default=new_owner, editable=False, db_index=True)
    scopes = models.JSONField(default=list, help_text="What it may do.")
    rate = models.PositiveIntegerField(default=DEFAULT_RATE, help_text="Requests a minute.")
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaced_by"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")

    class Meta(AbstractAPIKey.Meta):
        verbose_name = "API key"
        verbose_name_plural = "API keys"


class PersonToken(AbstractAuthToken):
    """A person's token. What it may do is what it names *and* what the account may do."""

    name = models.CharField(max_length=50, help_text="What it is for.")
    scopes = models.JSONField(default=list, help_text="What it may do.")
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the minute.")

    class Meta:
        ordering = ["-created"]
        verbose_name = "personal API token"

    def __str__(self) -> str:
        return f"{self.name} of {self.user}"
