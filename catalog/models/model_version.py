"""A set of weights that workers can run."""

from django.db import models
from django.db.models import Q

from catalog.choices import ModelVersionState


class ModelVersion(models.Model):
    """One checkpoint folder. `scope` is empty for the whole catalog; one is active a scope."""

    name = models.CharField(max_length=80, unique=True)
    scope = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=ModelVersionState.choices, default=ModelVersionState.CANDIDATE
    )
    directory = models.CharField(
        max_length=300,
        blank=True,
        help_text="Checkpoint folder, relative to MODEL_DIRECTORY; empty for the built-in starter.",
    )
    weights_sha256 = models.CharField(max_length=64)
    licence = models.CharField(max_length=80, blank=True)
    metrics = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
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
