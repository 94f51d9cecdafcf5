"""A bulk job and its items. These rows are the truth; the broker only hints that they exist."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from catalog.choices import (
    OPEN_ITEM_STATES,
    FailureReason,
    JobItemState,
    JobState,
    SkipReason,
)
from catalog.models.model_version import ModelVersion
from catalog.models.product import Product
from catalog.models.product_image import ProductImage


class DescriptionJob(models.Model):
    """What somebody asked for: describe these products, with these options."""

    BULK_PRIORITY = 0
    SINGLE_PRIORITY = 10

    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    language = models.CharField(max_length=10, default="en")
    options = models.JSONField(default=dict, blank=True)
    priority = models.SmallIntegerField(default=BULK_PRIORITY, help_text="Higher is leased first.")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL
    )
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "priority"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=JobState.values), name="job_state_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"Job {self.pk}"


class DescriptionJobItem(models.Model):
    """One product's main photo in a job, with its lease while a worker has it."""

    job = models.ForeignKey(DescriptionJob, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="job_items")
    # Null for a skipped item of a product without a photo, and after the photo was deleted.
    image = models.ForeignKey(ProductImage, null=True, blank=True, on_delete=models.SET_NULL)
    state = models.CharField(
        max_length=10, choices=JobItemState.choices, default=JobItemState.QUEUED
    )
    # Copied from the job so that leasing reads one index of one table.
    priority = models.SmallIntegerField(default=DescriptionJob.BULK_PRIORITY)
    idempotency_key = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    # Set when an item must run in a batch of its own: it was in a worker's hands when that died.
    alone = models.BooleanField(default=False)
    due_at = models.DateTimeField(help_text="Not leased before this time.")
    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    model_version = models.ForeignKey(ModelVersion, null=True, blank=True, on_delete=models.PROTECT)
    failure_reason = models.CharField(max_length=24, blank=True, choices=FailureReason.choices)
    skip_reason = models.CharField(max_length=24, blank=True, choices=SkipReason.choices)
    detail = models.TextField(blank=True, help_text="What went wrong, in the program's words.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            # Whole, not partial: SQLite cannot tell from bound values that a partial index covers
            # a query, and would read and sort the table at every lease.
            models.Index(fields=["state", "-priority", "due_at", "id"], name="job_item_due"),
            models.Index(fields=["state", "lease_until"], name="job_item_lease"),
            models.Index(fields=["job", "state"], name="job_item_job_state"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["job", "product"], name="job_holds_a_product_once"),
            models.UniqueConstraint(
                fields=["idempotency_key"],
                condition=Q(state__in=OPEN_ITEM_STATES) & ~Q(idempotency_key=""),
                name="one_open_item_a_request",
            ),
            models.CheckConstraint(
                condition=Q(state__in=JobItemState.values), name="job_item_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    state=JobItemState.LEASED,
                    lease_token__isnull=False,
                    lease_until__isnull=False,
                )
                | (
                    ~Q(state=JobItemState.LEASED)
                    & Q(lease_token__isnull=True, lease_until__isnull=True)
                ),
                name="a_lease_has_token_and_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(state=JobItemState.FAILED) | ~Q(failure_reason=""),
                name="a_failed_item_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job} item {self.pk}"
