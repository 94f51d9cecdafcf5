"""A photo that belongs to no product, for which somebody waits at this moment."""

import uuid

from django.db import models
from django.db.models import Q


class PhotoRequestState(models.TextChoices):
    """Life of a request: `queued -> leased -> done | failed`; then the row is deleted."""

    QUEUED = "queued", "Queued"
    LEASED = "leased", "Being described"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class PhotoRequest(models.Model):
    """The photo is in the row, so that both are gone at once; `expires_at` is within the hour."""

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
