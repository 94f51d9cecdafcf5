"""Certificates of auto-approval, and by draft which one decided on it."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.description import Description
from catalog.models.model_version import ModelVersion


class ApprovalCertificate(models.Model):
    """A proof from reviews that drafts of a version and category may be approved by themselves.

    In force until it is stopped; a new one begins anew.
    """

    version = models.ForeignKey(
        ModelVersion,
        verbose_name=_("model version"),
        on_delete=models.PROTECT,
        related_name="certificates",
    )
    #: The root of the category tree; empty for products without a category.
    category = models.CharField(_("category"), max_length=120, blank=True)
    alpha = models.FloatField(help_text=_("Share of wrong drafts that is accepted, 0 to 1."))
    threshold = models.FloatField(help_text=_("Confidence from which drafts are approved."))
    reviews = models.PositiveIntegerField()
    wrong = models.PositiveIntegerField()
    bound = models.FloatField(help_text=_("Upper 95 per cent bound for the share of wrong drafts."))
    #: Ids of the reviewed descriptions that prove it.
    evidence = models.JSONField(default=list)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    issued_at = models.DateTimeField(auto_now_add=True)
    stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text=_("Empty where the audit stopped it."),
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.TextField(blank=True)

    class Meta:
        verbose_name = _("certificate of auto-approval")
        verbose_name_plural = _("auto-approval")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "category"],
                condition=Q(stopped_at__isnull=True),
                name="one_certificate_in_force",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version} · {self.category or '–'}"


class CertifiedDraft(models.Model):
    """What a certificate decided on one draft: approved by itself, or left to the audit.

    Reviewers see no mark on an audited draft. Rows are added, never changed.
    """

    description = models.OneToOneField(
        Description, primary_key=True, on_delete=models.CASCADE, related_name="certified"
    )
    certificate = models.ForeignKey(
        ApprovalCertificate, on_delete=models.PROTECT, related_name="drafts"
    )
    audited = models.BooleanField()
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.description_id}, {self.certificate}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("What a certificate decided is never changed.")
        super().save(*args, **kwargs)
