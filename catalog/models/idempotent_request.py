"""Requests that bear an Idempotency-Key, with what was answered."""

from django.db import models


class IdempotentRequest(models.Model):
    """One key of one client. `status` is null while the first request is at work."""

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
