"""A set of weights that workers can run."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.choices import ModelVersionState


class ModelVersion(models.Model):
    """One checkpoint folder. `scope` is empty for the whole catalog; one is active a scope."""

    name = models.CharField(verbose_name=_("name"), max_length=80, unique=True)
    scope = models.CharField(verbose_name=_("scope"), max_length=120, blank=True, default="")
    state = models.CharField(
        verbose_name=_("state"),
        max_length=10,
        choices=ModelVersionState.choices,
        default=ModelVersionState.CANDIDATE,
    )
    directory = models.CharField(
        verbose_name=_("directory"),
        max_length=300,
        blank=True,
        help_text="Checkpoint folder, relative to MODEL_DIRECTORY; empty for the built-in starter.",
    )
    weights_sha256 = models.CharField(verbose_name=_("SHA-256 of the weights"), max_length=64)
    licence = models.CharField(verbose_name=_("licence"), max_length=80, blank=True)
    metrics = models.JSONField(verbose_name=_("measures"), default=dict, blank=True)
    created_at = models.DateTimeField(verbose_name=_("made at"), auto_now_add=True)
    activated_at = models.DateTimeField(verbose_name=_("in use since"), null=True, blank=True)

    class Meta:
        verbose_name = _("model version")
        verbose_name_plural = _("model versions")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scope"],
                condition=Q(state=ModelVersionState.ACTIVE),
                name="one_active_model_version_a_scope",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ModelVersionState.values),
                name="model_version_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name
