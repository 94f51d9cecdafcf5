"""An export: what somebody asked to take out, and where the finished file lies."""

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.choices import ExportFormat, ExportState
from catalog.models.product import Product


def export_secret() -> str:
    """The part of a link that cannot be guessed."""
    return secrets.token_urlsafe(32)


class ProductExport(models.Model):
    """Products in one format: the chosen ones, or `everything`."""

    state = models.CharField(
        verbose_name=_("state"),
        max_length=8,
        choices=ExportState.choices,
        default=ExportState.QUEUED,
    )
    format = models.CharField(verbose_name=_("format"), max_length=12, choices=ExportFormat.choices)
    language = models.CharField(max_length=10, default="en")
    everything = models.BooleanField(default=False)
    products = models.ManyToManyField(Product, blank=True, related_name="+")
    site = models.CharField(
        max_length=200, blank=True, help_text=_("Begins the addresses of photos in the file.")
    )
    total = models.PositiveIntegerField(verbose_name=_("total"), default=0)
    written = models.PositiveIntegerField(default=0)
    secret = models.CharField(max_length=64, default=export_secret, unique=True, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    byte_size = models.BigIntegerField(default=0)
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("asked for by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
    )
    #: The client of the API that asked; empty for people in the admin and for commands.
    api_owner = models.CharField(max_length=60, blank=True, db_index=True, editable=False)
    created_at = models.DateTimeField(verbose_name=_("asked for at"), auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "lease_until"], name="export_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ExportState.values), name="export_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return gettext("Export %s") % self.pk
